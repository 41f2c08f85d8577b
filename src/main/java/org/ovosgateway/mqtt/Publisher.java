// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

/** Where messages for the broker go. */
interface Publisher {

    /** First level, or levels, of the gateway's own topics. */
    String base();

    /** Never blocks; an empty payload that is retained clears the topic. */
    void publish(String topic, String payload, boolean retain);

    /** Runs this each time that the broker is connected again. */
    void onConnected(Runnable action);
}
