// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

/** Where the gateway finds its embedded broker, which is up before the gateway connects. */
public interface LocalBroker {

    /** Address of this machine. */
    String host();

    int port();

    String user();

    String password();
}
