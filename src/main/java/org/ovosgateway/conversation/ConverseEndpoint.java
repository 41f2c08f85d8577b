// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;
import org.ovosgateway.LanguageTag;
import org.ovosgateway.SimpleOptions;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.ProblemException;

/** Talk with an Open Voice OS assistant, as text. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "converse",
        title = "Conversation",
        syntax = "converse:operation",
        producerOnly = true,
        category = {Category.IOT})
class ConverseEndpoint extends DefaultEndpoint {

    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
    private static final int LONGEST_TIMEOUT_SECONDS = 120;
    private static final int LONGEST_TEXT = 4_000;

    @UriPath(
            description =
                    "ask: says a text, and the body becomes the outcome. match: finds out which intent would take a text."
                            + " end: ends a conversation")
    @Metadata(required = true, enums = "ask,match,end")
    private final String operation;

    @UriParam(
            label = "producer",
            defaultValue = "${body[text]}",
            description = "The text to say, in the Simple language")
    private String text = "${body[text]}";

    @UriParam(
            label = "producer",
            defaultValue = "${body[lang]}",
            description =
                    "Its language, as in en-US; by default that of the conversation, or of the device, in the Simple language")
    private String lang = "${body[lang]}";

    @UriParam(
            label = "producer",
            defaultValue = "${body[conversation_id]}",
            description =
                    "Id of the conversation in which to say it; a new one by default. To end one, it is ${header.conversation_id} by default, in the Simple language")
    private String conversation;

    @UriParam(
            label = "producer",
            defaultValue = "${body[speak]}",
            description = "Whether the device says the answers aloud, in the Simple language")
    private String speak = "${body[speak]}";

    @UriParam(
            label = "producer",
            defaultValue = "${body[timeout]}",
            description = "How many seconds the answer may take, 30 by default, in the Simple language")
    private String timeout = "${body[timeout]}";

    @UriParam(
            label = "producer",
            defaultValue = "${header.busy}",
            description =
                    "What to do while an earlier utterance is not answered yet. refuse: fail with 409; anything else: wait. In the Simple language")
    private String busy = "${header.busy}";

    @UriParam(
            label = "producer",
            defaultValue = "refuse",
            enums = "refuse,begin",
            description =
                    "What to do where there is no such conversation any more. refuse: fail with 404; begin: say it in a new one")
    private String ended = "refuse";

    @UriParam(
            label = "producer",
            description =
                    "Name of the device under ovos.devices; by default the one of the header CamelOvosDevice, or the"
                            + " usual one. A conversation stays with its device")
    private String device;

    private SimpleOptions options;

    ConverseEndpoint(String uri, ConverseComponent component, String operation) {
        super(uri, component);
        this.operation = operation;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        if (!List.of("ask", "match", "end").contains(operation)) {
            throw new IllegalArgumentException(
                    "converse: is followed by ask, match or end, not '%s'".formatted(operation));
        }
        if (!List.of("refuse", "begin").contains(ended)) {
            throw new IllegalArgumentException("The option ended is refuse or begin, not '%s'".formatted(ended));
        }
        if (conversation == null) {
            conversation = isEnd() ? "${header.conversation_id}" : "${body[conversation_id]}";
        }
        options = new SimpleOptions(
                getCamelContext(),
                Map.of(
                        "text",
                        text,
                        "lang",
                        lang,
                        "conversation",
                        conversation,
                        "speak",
                        speak,
                        "timeout",
                        timeout,
                        "busy",
                        busy));
    }

    @Override
    public Producer createProducer() {
        return new ConverseProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException("converse: is for to, not for from");
    }

    Conversations conversations() {
        return ((ConverseComponent) getComponent()).conversations();
    }

    boolean isEnd() {
        return operation.equals("end");
    }

    /** Whether a conversation that has ended is begun anew. */
    boolean isBegunAnew() {
        return ended.equals("begin");
    }

    boolean isMatch() {
        return operation.equals("match");
    }

    /** Id of the conversation; null for a new one. */
    String conversationId(Exchange exchange) {
        return options.value(exchange, "conversation");
    }

    Utterance utterance(Exchange exchange) {
        String words = options.value(exchange, "text");
        if (words == null || words.isBlank() || words.length() > LONGEST_TEXT) {
            throw new ProblemException(
                    Problems.validation("text", "has to be a text of 1 to %d characters".formatted(LONGEST_TEXT)));
        }
        String language = options.value(exchange, "lang");
        if (language != null && !LanguageTag.is(language)) {
            throw new ProblemException(Problems.validation("lang", LanguageTag.RULE));
        }
        return new Utterance(
                words,
                language,
                "true".equals(options.value(exchange, "speak")),
                timeout(options.value(exchange, "timeout")),
                "refuse".equals(options.value(exchange, "busy")),
                exchange.getProperty(Problems.REQUEST_ID, String.class));
    }

    private static Duration timeout(String seconds) {
        if (seconds == null) {
            return DEFAULT_TIMEOUT;
        }
        try {
            double number = Double.parseDouble(seconds);
            if (number > 0 && number <= LONGEST_TIMEOUT_SECONDS) {
                return Duration.ofMillis(Math.max(1, Math.round(number * 1_000)));
            }
        } catch (NumberFormatException e) {
            // refused below
        }
        throw new ProblemException(Problems.validation(
                "timeout", "has to be a number of seconds, at most %d".formatted(LONGEST_TIMEOUT_SECONDS)));
    }

    public String getOperation() {
        return operation;
    }

    public String getText() {
        return text;
    }

    public void setText(String text) {
        this.text = text;
    }

    public String getLang() {
        return lang;
    }

    public void setLang(String lang) {
        this.lang = lang;
    }

    public String getConversation() {
        return conversation;
    }

    public void setConversation(String conversation) {
        this.conversation = conversation;
    }

    public String getSpeak() {
        return speak;
    }

    public void setSpeak(String speak) {
        this.speak = speak;
    }

    public String getTimeout() {
        return timeout;
    }

    public void setTimeout(String timeout) {
        this.timeout = timeout;
    }

    public String getBusy() {
        return busy;
    }

    public void setBusy(String busy) {
        this.busy = busy;
    }

    public String getEnded() {
        return ended;
    }

    public void setEnded(String ended) {
        this.ended = ended;
    }

    public String getDevice() {
        return device;
    }

    public void setDevice(String device) {
        this.device = device;
    }
}
