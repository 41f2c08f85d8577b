// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
import org.apache.camel.support.builder.ExpressionBuilder;
import org.ovosgateway.IntentName;

/** Send messages to, ask questions of and hear messages on the message bus of an Open Voice OS assistant. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "ovos",
        title = "Open Voice OS",
        syntax = "ovos:type",
        category = {Category.IOT, Category.MESSAGING},
        headersClass = OvosConstants.class)
class OvosEndpoint extends DefaultEndpoint {

    private static final String ALL = "*";

    @UriPath(
            description =
                    "Type of the message, under the old or the new name of OVOS; a consumer may use * for any part of it,"
                            + " and several with | between")
    @Metadata(required = true)
    private final String type;

    @UriParam(
            prefix = "data.",
            multiValue = true,
            description = "The data of the message, key by key, in the Simple language; true and false are booleans. "
                    + "Without any, the body is the data if it is a map.")
    private final Map<String, Object> data;

    @UriParam(
            defaultValue = "default",
            description = "Name of the device under ovos.devices. A producer that names none sends to the one of the"
                    + " header CamelOvosDevice; for a consumer * means all devices")
    private String device;

    @UriParam(
            label = "consumer",
            description = "Id of the session to hear, all by default. 'default' is the device itself, as opposed to"
                    + " those who talk to it from elsewhere")
    private String session;

    @UriParam(
            label = "producer",
            description =
                    "Type of the answer to wait for; its data becomes the body. With confirm it is the type of that"
                            + " answer, <confirm>.response by default, and the body stays")
    private String reply;

    @UriParam(
            label = "producer",
            description = "Type of a question that proves what the message has done. It is asked in one breath with the"
                    + " message; silence fails with 504")
    private String confirm;

    @UriParam(
            prefix = "expect.",
            multiValue = true,
            label = "producer",
            description = "What the answer says when it was done, path by path, in the Simple language, with | between"
                    + " values that are good. An answer that says something else fails with 502 not-done; one that does"
                    + " not tell it is taken")
    private final Map<String, Object> expect;

    @UriParam(
            label = "producer",
            defaultValue = "${header.done}",
            description =
                    "What done means, in the Simple language. sent: the bus has relayed the message, and confirm is"
                            + " not asked; heard, or anything else: confirm has proved it; spoken: what the message has said was"
                            + " heard to its end or was stopped, told by the header CamelOvosSpoken")
    private String done = "${header.done}";

    @UriParam(
            prefix = "answer.",
            multiValue = true,
            label = "producer",
            description =
                    "What the data of the answer have to be, path by path: boolean, number, string, array or object;"
                            + " with ? behind it, it may be missing or null; * in a path is any member. An answer that is"
                            + " something else fails with 502 invalid-answer")
    private final Map<String, Object> answer;

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
            description =
                    "How long to wait for the answer. The default is the answer-timeout of the device; for confirm, 2 s"
                            + " at most.",
            javaType = "java.time.Duration")
    private Duration timeout;

    @UriParam(
            label = "producer",
            description =
                    "Whether the companion skill answers: ovos.api.<operation>, in the protocol of the one that is there")
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

    @UriParam(
            label = "producer",
            description =
                    "Whether the volume is given back that the listener lowers while it records, if this message ends"
                            + " the recording")
    private boolean keepVolume;

    @UriParam(
            label = "producer",
            description =
                    "Type of a second message with the same data, sent in one breath before this one, for a part that"
                            + " does not know the first; with silent, a second question in the session of the device")
    private String also;

    @UriParam(
            label = "producer",
            description =
                    "Whether the question is asked in a session of its own: nothing of what comes of it is heard in"
                            + " the room. What a skill says in it can be the reply: speak")
    private boolean silent;

    @UriParam(
            label = "producer",
            description =
                    "Sends the message in a session of its own, in which nothing is heard from the device, and which has"
                            + " this language, in the Simple language; where it has none, that of the assistant. Not with confirm")
    private String sessionLang;

    @UriParam(
            label = "producer",
            defaultValue = "5m",
            description = "How long to wait for the end of what is spoken, where done is spoken; then 504",
            javaType = "java.time.Duration")
    private Duration spokenTimeout = Duration.ofMinutes(5);

    private record Remembered(Device device, ObjectNode data, BusMessage answer, long until) {}

    /** What is heard under which name, and by what it is called here. */
    private final Map<String, String> exact;

    private final Predicate<String> patterns;
    private volatile Remembered remembered;
    private final AnswerShape answerShape;
    private final Map<String, Expression> expressions = new LinkedHashMap<>();
    private final Map<String, Expression> expectations = new LinkedHashMap<>();
    private Expression doneExpression;
    private Expression sessionLangExpression;

    OvosEndpoint(
            String uri,
            OvosComponent component,
            String type,
            Map<String, Object> data,
            Map<String, Object> answer,
            Map<String, Object> expect) {
        super(uri, component);
        this.type = type;
        this.exact = exact(type);
        this.patterns = patterns(type);
        this.data = data;
        this.answer = answer;
        this.expect = expect;
        this.answerShape = new AnswerShape(answer);
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
        if (confirm != null && (companion || !match.equals("id"))) {
            throw new IllegalArgumentException(
                    "confirm asks a question that is answered with its id: remove companion and" + " match");
        }
        if (silent && (companion || confirm != null || reply == null)) {
            throw new IllegalArgumentException(
                    "silent is for a question: name the reply, and neither confirm nor companion");
        }
        if (confirm != null && reply == null) {
            reply = confirm + ".response";
        }
        if (!answer.isEmpty() && !companion && reply == null) {
            throw new IllegalArgumentException("answer says what a reply has to be: name the reply");
        }
        if (!expect.isEmpty() && reply == null) {
            throw new IllegalArgumentException("expect says what a reply has to tell: name confirm or reply");
        }
        if (sessionLang != null && (reply == null || confirm != null || companion || match.equals("type"))) {
            throw new IllegalArgumentException(
                    "sessionLang is for a question that is answered with its id: name reply, and remove confirm, companion"
                            + " and match");
        }
        sessionLangExpression = sessionLang == null ? null : expression(sessionLang.trim());
        doneExpression = expression(done.trim());
        expect.forEach((path, value) ->
                expectations.put(path, expression(String.valueOf(value).trim())));
        data.forEach((key, value) ->
                expressions.put(key, expression(String.valueOf(value).trim())));
    }

    /** OVOS refuses the text "false" where it wants a boolean, and Simple has no word for one. */
    private Expression expression(String value) {
        return value.equals("true") || value.equals("false")
                ? ExpressionBuilder.constantExpression(Boolean.valueOf(value))
                : getCamelContext().resolveLanguage("simple").createExpression(value);
    }

    @Override
    public Producer createProducer() {
        if (type.contains("*") || type.contains("|")) {
            throw new IllegalArgumentException("Only a consumer may use * or | in the type: " + type);
        }
        if (ALL.equals(device)) {
            throw new IllegalArgumentException("Only a consumer may use device=*: " + getEndpointUri());
        }
        return new OvosProducer(this, device == null ? null : devices().get(device));
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        OvosConsumer consumer = new OvosConsumer(
                this,
                processor,
                ALL.equals(device)
                        ? devices().all()
                        : List.of(devices().get(device == null ? Devices.DEFAULT : device)));
        configureConsumer(consumer);
        return consumer;
    }

    Devices devices() {
        return ((OvosComponent) getComponent()).devices();
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
            if (value instanceof Attachment) {
                node.putPOJO(key, value);
            } else if (value != null) {
                node.set(key, BusMessage.JSON.valueToTree(value));
            }
        });
        return node;
    }

    /** The session of its own in which the message goes; null for that of the device. */
    ObjectNode session(Exchange exchange) {
        if (sessionLangExpression == null) {
            return null;
        }
        ObjectNode own = BusMessage.JSON
                .createObjectNode()
                .put("session_id", UUID.randomUUID().toString());
        String lang = sessionLangExpression.evaluate(exchange, String.class);
        return lang == null || lang.isBlank() ? own : own.put("lang", lang);
    }

    /** What an answer has to say. */
    Expectation expectation(Exchange exchange) {
        Map<String, String> values = new LinkedHashMap<>();
        expectations.forEach((path, value) -> values.put(path, value.evaluate(exchange, String.class)));
        return new Expectation(values);
    }

    /** Whether the body becomes the answer. */
    boolean isQuestion() {
        return companion || reply != null && confirm == null;
    }

    /** Whether done means this word. */
    boolean isDone(Exchange exchange, String word) {
        return word.equals(doneExpression.evaluate(exchange, String.class));
    }

    /** The answer to the same question, if it may still be given; null if not. */
    BusMessage remembered(Device asking, ObjectNode asked) {
        Remembered known = remembered;
        return known != null
                        && known.device == asking
                        && System.nanoTime() - known.until < 0
                        && known.data.equals(asked)
                ? known.answer
                : null;
    }

    void remember(Device asking, ObjectNode asked, BusMessage answer) {
        if (!remember.isZero()) {
            remembered = new Remembered(asking, asked, answer, System.nanoTime() + remember.toNanos());
        }
    }

    AnswerShape answerShape() {
        return answerShape;
    }

    /** What this endpoint calls a message; null if it does not hear it. */
    String nameFor(Name name) {
        String old = nameFor(name.old());
        return old == null && name.isRenamed() ? nameFor(name.current()) : old;
    }

    private String nameFor(String spelling) {
        String known = exact.get(spelling);
        return known == null && patterns.test(spelling) ? spelling : known;
    }

    private static Map<String, String> exact(String types) {
        Map<String, String> exact = new HashMap<>();
        for (String type : types.split("\\|")) {
            if (type.contains("*")) {
                continue;
            }
            exact.put(type, type);
            // some releases of OVOS name an intent after its file, others do not
            if (IntentName.isFile(type)) {
                exact.putIfAbsent(IntentName.plain(type), type);
            } else if (type.indexOf(':') > 0) {
                exact.putIfAbsent(IntentName.file(type), type);
            }
        }
        return exact;
    }

    private static Predicate<String> patterns(String types) {
        String patterns =
                Stream.of(types.split("\\|")).filter(type -> type.contains("*")).collect(Collectors.joining("|"));
        if (patterns.isEmpty()) {
            return spelling -> false;
        }
        String anyPart = Pattern.quote(patterns).replace("*", "\\E.*\\Q").replace("|", "\\E|\\Q");
        return Pattern.compile(anyPart).asMatchPredicate();
    }

    /** Whether a message is one to hear: those that name no session belong to the device's own. */
    boolean hears(BusMessage message) {
        return session == null || session.equals(message.sessionId());
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

    public String getSession() {
        return session;
    }

    public void setSession(String session) {
        this.session = session;
    }

    public String getReply() {
        return reply;
    }

    public void setReply(String reply) {
        this.reply = reply;
    }

    public String getConfirm() {
        return confirm;
    }

    public void setConfirm(String confirm) {
        this.confirm = confirm;
    }

    public String getDone() {
        return done;
    }

    public void setDone(String done) {
        this.done = done;
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

    public boolean isKeepVolume() {
        return keepVolume;
    }

    public void setKeepVolume(boolean keepVolume) {
        this.keepVolume = keepVolume;
    }

    public String getAlso() {
        return also;
    }

    public void setAlso(String also) {
        this.also = also;
    }

    public String getSessionLang() {
        return sessionLang;
    }

    public void setSessionLang(String sessionLang) {
        this.sessionLang = sessionLang;
    }

    public Duration getSpokenTimeout() {
        return spokenTimeout;
    }

    public void setSpokenTimeout(Duration spokenTimeout) {
        this.spokenTimeout = spokenTimeout;
    }

    public boolean isSilent() {
        return silent;
    }

    public void setSilent(boolean silent) {
        this.silent = silent;
    }

    public boolean isKeepMute() {
        return keepMute;
    }

    public void setKeepMute(boolean keepMute) {
        this.keepMute = keepMute;
    }
}
