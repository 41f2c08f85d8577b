// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import org.apache.camel.Exchange;

/** Listens to the messages that routes send to devices. */
public interface DeedListener {

    /**
     * Called when a route sends a message. Must not block, and must not keep the exchange.
     *
     * @param exchange of the route; has the caller
     * @param relayed completed with the id of the message, once the bus has relayed it
     * @param done completed when the device has done it, as far as the gateway can know that
     */
    void onDeed(Exchange exchange, Device device, String type, ObjectNode data, Future<String> relayed, Future<?> done);
}
