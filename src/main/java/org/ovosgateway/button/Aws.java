// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;

/** Buttons that speak as those of AWS IoT did, and of 1-Click after them. */
final class Aws {

    private static final Map<String, Gesture> CLICKS = Map.of(
            "SINGLE", Gesture.SINGLE,
            "DOUBLE", Gesture.DOUBLE,
            "LONG", Gesture.LONG,
            // of SORACOM
            "1", Gesture.SINGLE,
            "2", Gesture.DOUBLE,
            "3", Gesture.LONG);

    private static final Pattern READ = Pattern.compile("clickType");

    private Aws() {}

    static List<Press> presses(Received message) {
        JsonNode json = message.object();
        JsonNode clicked = json.path("deviceEvent").path("buttonClicked");
        String click = message.word(clicked.isObject() ? clicked : json, "clickType");
        if (click.isEmpty()) {
            Overlooked.check(message, json, READ);
            return List.of();
        }
        String device = clicked.isObject()
                ? message.word(json.path("deviceInfo"), "deviceId")
                : message.word(json, "serialNumber");
        String reported = message.word(clicked, "reportedTime");
        return List.of(new Press(
                device.isEmpty() ? message.levelFromEnd(0) : device,
                "",
                CLICKS.getOrDefault(click, Gesture.own(click)),
                time(reported, message.at()),
                reported.isEmpty() ? null : reported));
    }

    private static Instant time(String reported, Instant otherwise) {
        try {
            return Instant.parse(reported);
        } catch (DateTimeException e) {
            return otherwise;
        }
    }
}
