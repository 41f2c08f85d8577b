// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.camel.Component;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.support.DefaultEndpoint;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.OvosConstants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What properties and events have in common: a device, and data that options name key by key. */
abstract class DataEndpoint extends DefaultEndpoint {

    private static final Logger LOG = LoggerFactory.getLogger(DataEndpoint.class);

    private final Map<String, Object> data;
    private final Map<String, Expression> expressions = new LinkedHashMap<>();

    DataEndpoint(String uri, Component component, Map<String, Object> data) {
        super(uri, component);
        this.data = data;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        data.forEach((key, value) -> expressions.put(
                key,
                getCamelContext()
                        .resolveLanguage("simple")
                        .createExpression(String.valueOf(value).trim())));
    }

    boolean namesData() {
        return !expressions.isEmpty();
    }

    /** What the {@code data.} options say, without those that come to nothing: messages of the bus lack what they like. */
    Map<String, Object> data(Exchange exchange) {
        Map<String, Object> members = new LinkedHashMap<>();
        expressions.forEach((key, expression) -> {
            try {
                Object value = expression.evaluate(exchange, Object.class);
                if (value != null) {
                    members.put(key, value);
                }
            } catch (RuntimeException e) {
                LOG.debug("{} leaves out {}: {}", this, key, e.toString());
            }
        });
        return members;
    }

    static String device(Exchange exchange) {
        return exchange.getMessage().getHeader(OvosConstants.DEVICE, Devices.DEFAULT, String.class);
    }
}
