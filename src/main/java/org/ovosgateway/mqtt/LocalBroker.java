// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

/** Where the gateway finds its embedded broker, which is up before the gateway connects. */
public interface LocalBroker {

    /**
     * The user property that says for which devices a message may act, with commas between their names; of several, those
     * count that are in all.
     */
    String DEVICES = "ovos-gateway-devices";

    /** Address of this machine. */
    String host();

    int port();

    String user();

    String password();
}
