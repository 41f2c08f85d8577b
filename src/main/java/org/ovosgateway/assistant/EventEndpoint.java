// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultProducer;
import org.ovosgateway.DryRun;

/** Report that something has happened at a device. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "event",
        title = "Event",
        syntax = "event:type",
        producerOnly = true,
        category = {Category.IOT})
class EventEndpoint extends DataEndpoint {

    /** What is taken of a body: a message of the bus may hold more than is for everybody. */
    private static final Set<String> OF_BODY = Set.of("text", "lang", "skill", "intent");

    @UriPath(description = "Type of the event: a-z, 0-9, _")
    @Metadata(required = true)
    private final String type;

    @UriParam(
            prefix = "data.",
            multiValue = true,
            description = "What else is known, key by key, in the Simple language. Without any, the members text, lang,"
                    + " skill and intent of the body are taken")
    private final Map<String, Object> data;

    EventEndpoint(String uri, EventComponent component, String type, Map<String, Object> data) {
        super(uri, component, data);
        this.type = type;
        this.data = data;
    }

    @Override
    public Producer createProducer() {
        return new DefaultProducer(this) {
            @Override
            public void process(Exchange exchange) {
                report(exchange);
            }
        };
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException("Events are only reported: no route begins with event:" + type);
    }

    private void report(Exchange exchange) {
        String device = device(exchange);
        Map<String, Object> members = new LinkedHashMap<>();
        (namesData() ? data(exchange) : ofBody(exchange)).forEach((key, value) -> members.put(key, Value.cut(value)));
        DryRun dryRun = DryRun.of(exchange);
        if (dryRun != null) {
            Map<String, Object> noted = new LinkedHashMap<>(Map.of("event_type", type));
            members.forEach(noted::putIfAbsent);
            dryRun.note(Map.of("event", noted, "device", device));
            return;
        }
        component().devices().get(device);
        component().events().happened(new Events.Event(device, type, members));
    }

    private static Map<String, Object> ofBody(Exchange exchange) {
        Map<String, Object> members = new LinkedHashMap<>();
        if (exchange.getMessage().getBody() instanceof Map<?, ?> body) {
            OF_BODY.stream()
                    .sorted()
                    .filter(key -> body.get(key) instanceof CharSequence)
                    .forEach(key -> members.put(key, body.get(key)));
        }
        return members;
    }

    private EventComponent component() {
        return (EventComponent) getComponent();
    }

    public String getType() {
        return type;
    }

    public Map<String, Object> getData() {
        return data;
    }
}
