// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.state;

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
import org.ovosgateway.mqtt.Publication.Json;

/** Tell by MQTT that something has happened at a device. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "event",
        title = "Event",
        syntax = "event:type",
        producerOnly = true,
        category = {Category.IOT})
class EventEndpoint extends DataEndpoint {

    private static final String TEXT = "text";

    /** What is taken of a body: a message of the bus may hold more than is for everybody. */
    private static final Set<String> OF_BODY = Set.of(TEXT, "lang", "skill", "intent");

    @UriPath(description = "Type of the event: a-z, 0-9, _")
    @Metadata(required = true)
    private final String type;

    @UriParam(
            prefix = "data.",
            multiValue = true,
            description = "What else to tell, key by key, in the Simple language. Without any, the members text, lang,"
                    + " skill and intent of the body are taken. A text is left out where conversation is not told")
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
                tell(exchange);
            }
        };
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException("Events are only told: no route begins with event:" + type);
    }

    private void tell(Exchange exchange) {
        String device = device(exchange);
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("event_type", type);
        (namesData() ? data(exchange) : ofBody(exchange)).forEach((key, value) -> members.put(key, Value.cut(value)));
        members.put("event_type", type);
        if (!component().tellsConversation()) {
            members.remove(TEXT);
        }
        DryRun dryRun = DryRun.of(exchange);
        if (dryRun != null) {
            dryRun.note(Map.of("event", members, "device", device));
            return;
        }
        component().devices().get(device);
        Publisher publisher = component().publisher();
        publisher.publish(publisher.base() + "/" + device + "/event/voice", Json.write(members), false);
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
