// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.state;

/** Where state and events go. */
interface Publisher {

    /** First level, or levels, of the gateway's own topics. */
    String base();

    /** Never blocks; an empty payload that is retained clears the topic. */
    void publish(String topic, String payload, boolean retained);

    /** Run each time the broker is there again. */
    void onConnected(Runnable action);
}
