// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;
import java.util.EnumSet;
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
import org.ovosgateway.bus.Part;

/** Say what a property of a device is now, and ask the device for it. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "property",
        title = "Property",
        syntax = "property:name",
        category = {Category.IOT})
class PropertyEndpoint extends DataEndpoint {

    @UriPath(description = "Name of the property: a-z, 0-9, _")
    @Metadata(required = true)
    private final String name;

    @UriParam(
            prefix = "data.",
            multiValue = true,
            label = "producer",
            description = "The members of the value, key by key, in the Simple language. Without any, the body is the"
                    + " value: null for unknown")
    private final Map<String, Object> data;

    @UriParam(
            label = "producer",
            javaType = "java.time.Duration",
            description = "Instead of setting a value, asks the device for it after this time: runs the route that"
                    + " begins with this property")
    private Duration readAfter;

    @UriParam(
            label = "consumer",
            description =
                    "The parts of the assistant that answer, separated by commas: core, listener, audio, phal. When"
                            + " one comes the property is asked for at once, and it is unknown when none is there")
    private String part;

    PropertyEndpoint(String uri, PropertyComponent component, String name, Map<String, Object> data) {
        super(uri, component, data);
        this.name = name;
        this.data = data;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        if (readAfter != null && !data.isEmpty()) {
            throw new IllegalArgumentException("readAfter asks for the value: remove data, or readAfter");
        }
        parts();
    }

    Set<Part> parts() {
        Set<Part> parts = EnumSet.noneOf(Part.class);
        for (String label : part == null ? new String[0] : part.split(",")) {
            parts.add(Part.of(label.trim()));
        }
        return parts;
    }

    @Override
    public Producer createProducer() {
        if (part != null) {
            throw new IllegalArgumentException(
                    "Only a route that begins with a property says which part answers: " + this);
        }
        return new DefaultProducer(this) {
            @Override
            public void process(Exchange exchange) {
                set(exchange);
            }
        };
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        if (readAfter != null || !data.isEmpty()) {
            throw new IllegalArgumentException("A route that begins with a property takes no option but part: " + this);
        }
        PropertyConsumer consumer =
                new PropertyConsumer(this, processor, component().readings());
        configureConsumer(consumer);
        return consumer;
    }

    private void set(Exchange exchange) {
        String device = device(exchange);
        if (readAfter != null) {
            if (DryRun.of(exchange) == null) {
                component().readings().read(device, name, readAfter);
            }
            return;
        }
        Object value = namesData() ? data(exchange) : exchange.getMessage().getBody();
        DryRun dryRun = DryRun.of(exchange);
        if (dryRun == null) {
            component().states().set(device, name, value);
            return;
        }
        Map<String, Object> note = new LinkedHashMap<>();
        note.put("property", name);
        note.put("value", value);
        note.put("device", device);
        dryRun.note(note);
    }

    private PropertyComponent component() {
        return (PropertyComponent) getComponent();
    }

    public String getName() {
        return name;
    }

    public String getPart() {
        return part;
    }

    public void setPart(String part) {
        this.part = part;
    }

    public Duration getReadAfter() {
        return readAfter;
    }

    public void setReadAfter(Duration readAfter) {
        this.readAfter = readAfter;
    }
}
