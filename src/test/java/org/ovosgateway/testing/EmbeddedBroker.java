// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.ovosgateway.broker.TestBroker;

/**
 * The gateway's embedded broker on a loopback port for one test class: MQTT in a moment, without Mosquitto.
 *
 * <p>Everybody may do everything. Register it before what connects to it.
 */
public final class EmbeddedBroker implements BeforeAllCallback, AfterAllCallback {

    private final int port = OutsideProgram.freePort();
    private TestBroker broker;

    @Override
    public void beforeAll(ExtensionContext context) {
        start();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        stop();
    }

    /** Port on 127.0.0.1, the same for the life of this object. */
    public int port() {
        return port;
    }

    /** Starts it again on the same port; returns when it accepts connections. */
    public void start() {
        broker = TestBroker.open(port);
    }

    /** Ends all connections; sessions and retained messages are gone. */
    public void stop() {
        broker.close();
    }

    /** {@link #stop} and {@link #start}. */
    public void restart() {
        stop();
        start();
    }
}
