// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import org.apache.camel.Exchange;

/** Hears of what routes tell devices. */
public interface DeedListener {

    /**
     * A route has a device do something; must not block, and must not keep the exchange.
     *
     * @param exchange on whose behalf, and in which route
     * @param sent completed with the id of the message, once the bus has relayed it
     * @param done completed when it is done, as far as that is known
     */
    void told(Exchange exchange, Device device, String type, ObjectNode data, Future<String> sent, Future<?> done);
}
