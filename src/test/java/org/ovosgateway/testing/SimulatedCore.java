// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.net.URI;
import java.time.Duration;

import io.vertx.core.Vertx;
import org.ovosgateway.demo.SimulatedAssistant;

/**
 * A simulated assistant as a process of its own, for a bus that runs elsewhere, such as the original one: says
 * {@code ready} when it is connected, and lives until it is killed.
 *
 * <p>The first argument is the URL of the bus; others are {@code key=…}, {@code copies=…}, {@code skills=…} (how many
 * extra ones), {@code speech=…} and {@code foreign=…} (both in milliseconds), and {@code one-connection}.
 */
final class SimulatedCore {

    private SimulatedCore() {}

    public static void main(String[] args) {
        SimulatedAssistant.Builder device = SimulatedAssistant.builder();
        for (int i = 1; i < args.length; i++) {
            String[] option = args[i].split("=", 2);
            switch (option[0]) {
                case "key" -> device.apiKey(option[1]);
                case "copies" -> device.copies(Integer.parseInt(option[1]));
                case "skills" -> device.extraSkills(Integer.parseInt(option[1]));
                case "speech" -> device.speech(Duration.ofMillis(Long.parseLong(option[1])));
                case "foreign" -> device.foreignTraffic(Duration.ofMillis(Long.parseLong(option[1])));
                case "one-connection" -> device.oneConnection();
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        device.start(Vertx.vertx(), URI.create(args[0]))
                .connected()
                .onSuccess(connected -> System.out.println("ready"));
    }
}
