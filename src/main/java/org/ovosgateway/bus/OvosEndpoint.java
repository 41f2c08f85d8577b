// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/** Send messages to, ask questions of and hear messages on the message bus of an Open Voice OS assistant. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "ovos",
        title = "Open Voice OS",
        syntax = "ovos:type",
        category = {Category.IOT, Category.MESSAGING},
        headersClass = OvosConstants.class)
class OvosEndpoint extends DefaultEndpoint {

    @UriPath(description = "Type of the message; a consumer may use * for any part of it")
    @Metadata(required = true)
    private final String type;

    @UriParam(
            prefix = "data.",
            multiValue = true,
            description = "The data of the message, key by key, in the Simple language. "
                    + "Without any, the body is the data if it is a map.")
    private final Map<String, Object> data;

    @UriParam(defaultValue = "default", description = "Name of the device under ovos.devices")
    private String device = "default";

    @UriParam(label = "producer", description = "Type of the answer to wait for; its data becomes the body")
    private String reply;

    @UriParam(
            label = "producer",
            enums = "id,type",
            defaultValue = "id",
            description =
                    "What ties the answer to the question: the id in the context, where the answer brings it back;"
                            + " else the type, and then such questions go one after the other")
    private String match = "id";

    @UriParam(
            label = "producer",
            description = "How long to wait for the answer. The default is the answer-timeout of the device.",
            javaType = "java.time.Duration")
    private Duration timeout;

    @UriParam(
            label = "producer",
            description = "Whether the companion skill answers: adds the key, waits for <type>.answer, knows its ways")
    private boolean companion;

    @UriParam(
            label = "producer",
            defaultValue = "the assistant",
            description = "The part of OVOS that answers, named to a caller who gets no answer")
    private String answeredBy = "the assistant";

    @UriParam(
            label = "producer",
            description = "For how long an answer may be given again without asking",
            javaType = "java.time.Duration")
    private Duration remember = Duration.ZERO;

    @UriParam(
            label = "producer",
            description = "Whether a muted microphone is muted again afterwards: OVOS un-mutes it at mycroft.stop")
    private boolean keepMute;

    private record Remembered(ObjectNode data, BusMessage answer, long until) {}

    private volatile Remembered remembered;
    private final Map<String, Expression> expressions = new LinkedHashMap<>();

    OvosEndpoint(String uri, OvosComponent component, String type, Map<String, Object> data) {
        super(uri, component);
        this.type = type;
        this.data = data;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        if (!match.equals("id") && !match.equals("type")) {
            throw new IllegalArgumentException("match is 'id' or 'type', not '%s'".formatted(match));
        }
        if (companion && reply != null) {
            throw new IllegalArgumentException("companion already says which reply to wait for: remove reply");
        }
        data.forEach((key, value) -> expressions.put(
                key,
                getCamelContext()
                        .resolveLanguage("simple")
                        .createExpression(String.valueOf(value).trim())));
    }

    @Override
    public Producer createProducer() {
        if (type.contains("*")) {
            throw new IllegalArgumentException("Only a consumer may use * in the type: " + type);
        }
        return new OvosProducer(this, bus());
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        OvosConsumer consumer = new OvosConsumer(this, processor, bus());
        configureConsumer(consumer);
        return consumer;
    }

    private Device bus() {
        return ((OvosComponent) getComponent()).devices().get(device);
    }

    /** The data to send: the {@code data.} options, else the body when it is a map, else nothing. */
    ObjectNode data(Exchange exchange) {
        if (expressions.isEmpty()) {
            Object body = exchange.getMessage().getBody();
            return body instanceof Map<?, ?> map
                    ? BusMessage.JSON.valueToTree(map)
                    : BusMessage.JSON.createObjectNode();
        }
        ObjectNode node = BusMessage.JSON.createObjectNode();
        expressions.forEach((key, expression) -> {
            Object value = expression.evaluate(exchange, Object.class);
            if (value != null) {
                node.set(key, BusMessage.JSON.valueToTree(value));
            }
        });
        return node;
    }

    /** The answer to the same question, if it may still be given; null if not. */
    BusMessage remembered(ObjectNode asked) {
        Remembered known = remembered;
        return known != null && System.nanoTime() - known.until < 0 && known.data.equals(asked) ? known.answer : null;
    }

    void remember(ObjectNode asked, BusMessage answer) {
        if (!remember.isZero()) {
            remembered = new Remembered(asked, answer, System.nanoTime() + remember.toNanos());
        }
    }

    Predicate<String> types() {
        if (!type.contains("*")) {
            return type::equals;
        }
        return Pattern.compile(Pattern.quote(type).replace("*", "\\E.*\\Q")).asMatchPredicate();
    }

    public String getType() {
        return type;
    }

    public String getDevice() {
        return device;
    }

    public void setDevice(String device) {
        this.device = device;
    }

    public String getReply() {
        return reply;
    }

    public void setReply(String reply) {
        this.reply = reply;
    }

    public String getMatch() {
        return match;
    }

    public void setMatch(String match) {
        this.match = match;
    }

    public Duration getTimeout() {
        return timeout;
    }

    public void setTimeout(Duration timeout) {
        this.timeout = timeout;
    }

    public boolean isCompanion() {
        return companion;
    }

    public void setCompanion(boolean companion) {
        this.companion = companion;
    }

    public String getAnsweredBy() {
        return answeredBy;
    }

    public void setAnsweredBy(String answeredBy) {
        this.answeredBy = answeredBy;
    }

    public Duration getRemember() {
        return remember;
    }

    public void setRemember(Duration remember) {
        this.remember = remember;
    }

    public boolean isKeepMute() {
        return keepMute;
    }

    public void setKeepMute(boolean keepMute) {
        this.keepMute = keepMute;
    }
}
