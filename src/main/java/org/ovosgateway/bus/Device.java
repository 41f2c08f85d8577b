// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import org.ovosgateway.Budget;
import org.ovosgateway.LogText;
import org.ovosgateway.bus.Question.Match;
import org.ovosgateway.bus.Question.Reading;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One assistant: what can be told to it, asked of it and heard from it. */
public final class Device implements BusConnection.Listener {

    /** The bus relays in milliseconds; a link that has not echoed for this long is dead. */
    private static final long ECHO_MS = 3_000;

    /** Begins a turn of a conversation, in which the assistant may ask back. */
    static final String TURN = "recognizer_loop:utterance";

    /** Sent by a bus that relays no message whose context has no session as it wants it. */
    private static final String REJECTED = "ovos.session.rejected";

    /** More of them carry the acknowledgements for each other. */
    private static final int FEW_TURNS = 16;

    private static final String ID_KEY = '"' + BusMessage.REQUEST_ID + "\":\"";
    private static final Set<String> SKILL_REGISTRATIONS = Set.of(
            "register_intent",
            "padatious:register_intent",
            "ovos.skills.fallback.register",
            "ovos.common_query.register",
            "mycroft.skills.loaded",
            "mycroft.skill.loaded");

    private static final Future<Void> DONE = Future.succeededFuture();

    private static final Logger LOG = LoggerFactory.getLogger(Device.class);

    private final Vertx vertx;
    private final Context context;
    private final String name;
    private final DevicesProperties.Bus bus;
    private final BusConnection connection;
    private final WorkerExecutor readers;
    private final Questions questions;
    private final Confirmations confirmations;
    private final KeptVolume volume;
    private final Utterances utterances;
    private final Map<String, AtomicLong> commandCounts = new ConcurrentHashMap<>();

    /** In hexadecimal digits, which spell none of the sources that OVOS takes for the device itself. */
    private final String id = Long.toHexString(new SecureRandom().nextLong() >>> 24);

    private final String idPrefix = id + '-';
    private final String source = "ovos-gateway-" + id;
    private final AtomicLong ids = new AtomicLong();
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private final SessionSubscriptions sessions = new SessionSubscriptions();
    private final List<Consumer<Boolean>> linkListeners = new CopyOnWriteArrayList<>();

    /** What was written and not yet heard again, oldest first. */
    private final Map<String, Sent> unechoed = new LinkedHashMap<>();

    /** Ids among them that the bus may have rejected, and why: it names the type alone. */
    private final Map<String, String> rejections = new HashMap<>();

    private final Twins twins = new Twins();
    private final BusMeters meters;
    private final Incidents incidents;
    private final Companion companion;
    private long echoTimer = -1;
    private boolean connected;

    /** Turns of conversations of which more will be heard. */
    private int turns;

    /** @param attached the message, where it has an attachment, as its echo is not read; else null */
    private record Sent(String type, Promise<BusMessage> echo, long at, BusMessage attached) {}

    private record Subscription(Predicate<Name> types, Consumer<BusMessage> consumer) {}

    /**
     * @param readers one thread, which reads the large messages of all devices: reading takes several times their size
     * @param budget of the large messages of all devices that are being heard
     */
    Device(
            Vertx vertx,
            String name,
            DevicesProperties.Bus bus,
            BusConnection.Resolver resolver,
            WorkerExecutor readers,
            Budget budget,
            ProvenCompanions proven,
            MeterRegistry registry) {
        this.vertx = vertx;
        this.readers = readers;
        this.context = vertx.getOrCreateContext();
        this.name = name;
        this.bus = bus;
        this.connection = new BusConnection(vertx, context, name, bus, resolver, budget, this);
        this.questions = new Questions(
                vertx,
                question -> {
                    BusMessage message = question.session() == null
                            ? message(question.type(), question.data(), sourceOf(question))
                            : BusMessage.inSession(
                                    question.type(), question.data(), nextRequestId(), question.session(), source);
                    write(message, Promise.promise());
                    return message.requestId();
                },
                connection::isAttaching);
        this.confirmations = new Confirmations(vertx, this::askAnew);
        this.meters = BusMeters.of(name, connection, this::waiting, registry);
        this.incidents = new Incidents(name, registry);
        this.volume = new KeptVolume(this);
        this.utterances = new Utterances(this, Utterances.LONGEST_SYNTHESIS);
        this.companion = new Companion(this, proven);
    }

    void start() {
        connection.start();
    }

    void stop() {
        connection.stop();
    }

    public String name() {
        return name;
    }

    DevicesProperties.Bus bus() {
        return bus;
    }

    Companion companion() {
        return companion;
    }

    BusConnection connection() {
        return connection;
    }

    /**
     * Sends a message to the device.
     *
     * @return completed with the echo, once the bus has relayed it to everybody; fails with
     *     {@link BusUnavailableException}
     */
    Future<BusMessage> tell(String type, ObjectNode data) {
        commandCount(type).incrementAndGet();
        return tellAside(type, data);
    }

    /** The same for a message that does not count among {@link #commands}, as it undoes nothing. */
    Future<BusMessage> tellAside(String type, ObjectNode data) {
        BusMessage message = message(type, data, null);
        Promise<BusMessage> echo = Promise.promise();
        onContext(echo, () -> {
            questions.commanded();
            write(message, echo);
        });
        return timed(echo.future());
    }

    /**
     * Asks the device.
     *
     * @return completed with the answer; fails with {@link BusUnavailableException} or {@link NoAnswerException}
     */
    Future<BusMessage> ask(Question question) {
        Promise<BusMessage> answer = Promise.promise();
        onContext(answer, () -> questions.ask(question).onComplete(answer));
        return timed(answer.future());
    }

    /**
     * Asks whether all that was told until now has happened; see {@link Confirmation}.
     *
     * @return completed with the answer, which is never older than this call
     */
    Future<BusMessage> confirm(Question question) {
        Promise<BusMessage> answer = Promise.promise();
        onContext(answer, () -> confirmations.ask(question).onComplete(answer));
        return answer.future();
    }

    /** The session of the device itself, as the core keeps it. */
    public Future<ObjectNode> session(Duration timeout) {
        return ask(new Question(
                        "ovos.session.sync",
                        BusMessage.JSON.createObjectNode(),
                        "ovos.session.update_default",
                        Match.ID,
                        timeout,
                        "ovos-core",
                        Reading.PLAIN))
                .map(answer -> answer.data().withObject("session_data"));
    }

    /**
     * Has the device say a text aloud.
     *
     * @param lang of the text; null for that of the device
     */
    public Future<BusMessage> speak(String text, String lang) {
        ObjectNode data = BusMessage.JSON.createObjectNode().put("utterance", text);
        if (lang != null) {
            data.put("lang", lang);
        }
        return tell("speak", data);
    }

    /** The ids of the skills that the core runs. */
    public Future<Set<String>> skills(Duration timeout) {
        return ask(Question.skillList(timeout)).map(answer -> {
            Set<String> ids = new HashSet<>();
            answer.data().fieldNames().forEachRemaining(ids::add);
            return ids;
        });
    }

    /**
     * The languages that a part of the assistant knows.
     *
     * @param type of the message that asks for them, such as {@code ovos.languages.tts}
     */
    public Future<List<String>> languages(String type, Duration timeout) {
        return ask(new Question(
                        type,
                        BusMessage.JSON.createObjectNode(),
                        type + ".response",
                        Match.ID,
                        timeout,
                        "the assistant",
                        Reading.PLAIN))
                .map(answer -> {
                    List<String> languages = new ArrayList<>();
                    answer.data().path("langs").forEach(language -> languages.add(language.asText()));
                    return languages;
                });
    }

    /** Subscribes to the ids of skills that register intents and the like; on the event loop of the connection. */
    public Runnable onSkill(Consumer<String> listener) {
        return subscribe(name -> SKILL_REGISTRATIONS.contains(name.old()), message -> {
            String intent = message.data().path("name").asText();
            String skill = message.context()
                    .path("skill_id")
                    .asText(message.data()
                            .path("skill_id")
                            .asText(message.data().path("id").asText()));
            listener.accept(
                    skill.isEmpty() && intent.indexOf(':') > 0 ? intent.substring(0, intent.indexOf(':')) : skill);
        });
    }

    /** An id for a message that is still to be sent. */
    public String nextRequestId() {
        return idPrefix + Long.toString(ids.incrementAndGet(), 36);
    }

    /**
     * Sends a message in a session that is not the one of the device, so that the device does not say the answers aloud.
     *
     * @param session all of it, with an id that is not the one of the device
     * @param requestId from {@link #nextRequestId}; messages that follow from this one have it too
     * @return completed with the echo; fails with {@link BusUnavailableException}
     */
    public Future<BusMessage> tellIn(ObjectNode session, String type, ObjectNode data, String requestId) {
        BusMessage message = BusMessage.inSession(type, data, requestId, session, source);
        Promise<BusMessage> echo = Promise.promise();
        onContext(echo, () -> {
            questions.commanded();
            write(message, echo);
        });
        return echo.future();
    }

    /**
     * Subscribes to the messages about the utterances of one session, whoever sends them; in bus order and on the event loop
     * of the connection.
     *
     * @return ends the subscription
     */
    public Runnable subscribeToSession(String sessionId, Consumer<BusMessage> consumer) {
        return sessions.subscribe(sessionId, consumer);
    }

    /** Acknowledges messages at once until a turn ends; on the event loop of the connection. */
    public void follow(Future<?> turn) {
        turns++;
        turn.onComplete(ended -> onContext(() -> turns--));
    }

    private Future<BusMessage> askAnew(Question question) {
        if (!connected) {
            return Future.failedFuture(lost());
        }
        questions.commanded();
        return questions.ask(question);
    }

    /** What fails when the connection is lost. */
    public BusUnavailableException lost() {
        return new BusUnavailableException(
                "The connection to the bus of '%s' was lost before the answer came.".formatted(name));
    }

    KeptVolume volume() {
        return volume;
    }

    Utterances utterances() {
        return utterances;
    }

    /** Whether it was sent from here. */
    boolean sent(BusMessage message) {
        return message.requestId().startsWith(idPrefix);
    }

    /** Number of messages to the device that may undo a message of this type, with those of this type. */
    long commands(String type) {
        return commandCount(type).get();
    }

    /** Counts a message to the device from another client of the bus. */
    void countCommand(String type) {
        commandCount(type).incrementAndGet();
    }

    /** One count for types with the same beginning, such as {@code mycroft.mic.}. */
    private AtomicLong commandCount(String type) {
        String name = Vocabulary.of(type).old();
        int end = Math.max(name.lastIndexOf('.'), name.lastIndexOf(':'));
        return commandCounts.computeIfAbsent(end < 0 ? name : name.substring(0, end), first -> new AtomicLong());
    }

    /**
     * Whether a part says that it runs; fails when it says nothing within that time.
     *
     * @return false where it runs, but can do nothing, such as ovos-audio without a voice
     */
    public Future<Boolean> isAlive(Part part, Duration timeout) {
        return status(part, "is_alive", timeout);
    }

    /** Whether a part says that it has loaded all that it needs; fails when it says nothing within that time. */
    public Future<Boolean> isReady(Part part, Duration timeout) {
        return status(part, "is_ready", timeout);
    }

    private Future<Boolean> status(Part part, String what, Duration timeout) {
        String type = "mycroft." + part.service() + "." + what;
        return ask(new Question(
                        type,
                        BusMessage.JSON.createObjectNode(),
                        type + ".response",
                        Match.ID,
                        timeout,
                        part.title(),
                        Reading.PLAIN))
                .map(answer -> answer.data().path("status").asBoolean());
    }

    /** Whether the bus is connected; the core behind it need not be there. */
    public boolean isConnected() {
        return connection.isUp();
    }

    /**
     * Tells on the event loop of the connection when the bus is connected, true, and when it is lost, false.
     *
     * @return ends it
     */
    public Runnable onLink(Consumer<Boolean> listener) {
        linkListeners.add(listener);
        return () -> linkListeners.remove(listener);
    }

    /**
     * Tells what went wrong without failing a call; on any thread.
     *
     * @return ends it
     */
    public Runnable onIncident(Consumer<Incident> listener) {
        return incidents.listen(listener);
    }

    /**
     * Counts what went wrong, and tells it in the log and to those who listen: of each type once a minute.
     *
     * @param type stable name, such as {@code message-skipped}
     * @param detail what was wrong, and what to do
     */
    void report(String type, String detail) {
        incidents.report(type, detail, this::guarded);
    }

    /** Hears nothing until {@link #release}; what comes meanwhile waits. Returns when that is so. */
    void hold() {
        CountDownLatch held = new CountDownLatch(1);
        context.runOnContext(nothing -> {
            connection.hold();
            held.countDown();
        });
        try {
            held.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void release() {
        context.runOnContext(nothing -> connection.release());
    }

    /** Fails a question that is under way, for everybody who waits for its answer. */
    void abandon(Question question, Throwable reason) {
        context.runOnContext(nothing -> questions.abandon(question, reason));
    }

    /**
     * Tells and asks in one breath: nothing else of ours comes between the question and the message.
     *
     * @return the answer to the question; {@code echo} is completed as by {@link #tell}
     */
    Future<BusMessage> askThenTell(Question question, String type, ObjectNode data, Promise<BusMessage> echo) {
        BusMessage message = message(type, data, null);
        Promise<BusMessage> answer = Promise.promise();
        commandCount(type).incrementAndGet();
        onContext(echo, () -> {
            questions.ask(question).onComplete(answer);
            write(message, echo);
        });
        return answer.future();
    }

    /**
     * Hears all messages of these types, in bus order, on the event loop of the connection.
     *
     * @return ends it
     */
    Runnable subscribe(Predicate<Name> types, Consumer<BusMessage> consumer) {
        Subscription subscription = new Subscription(types, consumer);
        subscriptions.add(subscription);
        return () -> subscriptions.remove(subscription);
    }

    /**
     * Subscribes to the messages of all types that this accepts, under their old names; in bus order and on the event loop of
     * the connection.
     *
     * @param types asked for each message, and before it is read
     * @return ends the subscription
     */
    public Runnable overhear(Predicate<String> types, Consumer<BusMessage> consumer) {
        return subscribe(name -> types.test(name.old()), consumer);
    }

    public Vertx vertx() {
        return vertx;
    }

    private int waiting() {
        return questions.waiting() + unechoed.size();
    }

    /** The new line addresses to the source whatever follows, and a microphone stays closed to what has an address. */
    private String sourceOf(Question question) {
        return question.type().equals(TURN) ? null : source;
    }

    private BusMessage message(String type, ObjectNode data, String sender) {
        return BusMessage.toDevice(type, data, nextRequestId(), bus.siteId(), sender);
    }

    private Future<BusMessage> timed(Future<BusMessage> future) {
        long start = System.nanoTime();
        return future.onSuccess(message -> meters.roundTrips().record(System.nanoTime() - start, TimeUnit.NANOSECONDS));
    }

    /** Runs this where all is heard, after what is being heard now. */
    public void onContext(Runnable action) {
        context.runOnContext(nothing -> action.run());
    }

    private void onContext(Promise<BusMessage> promise, Runnable action) {
        context.runOnContext(nothing -> {
            if (!connected) {
                promise.tryFail(new BusUnavailableException(
                        "The bus of '%s' at %s is not connected: %s. Check that ovos-messagebus runs there."
                                .formatted(name, bus, connection.lastError())));
            } else if (waiting() >= bus.maxWaiting() || connection.isFull()) {
                promise.tryFail(new BusUnavailableException(
                        "Too much is under way on the bus of '%s' already. Try again later.".formatted(name)));
            } else {
                action.run();
            }
        });
    }

    private void write(BusMessage message, Promise<BusMessage> echo) {
        boolean attaches = message.attachment() != null;
        String id = message.requestId();
        unechoed.put(id, new Sent(message.type(), echo, System.nanoTime(), attaches ? message : null));
        if (attaches) {
            connection.write(message, unreadable -> {
                unechoed.remove(id);
                echo.tryFail(unreadable);
                questions.fail(id, unreadable);
            });
        } else {
            connection.write(message.frame());
        }
    }

    @Override
    public boolean isOwn(byte[] beginning) {
        return attached(beginning) != null;
    }

    @Override
    public void echoed(byte[] beginning) {
        BusMessage message = attached(beginning);
        if (message != null) {
            hear(message.name(), message);
        }
    }

    /** Our message with an attachment that has this beginning; null where there is none. */
    private BusMessage attached(byte[] beginning) {
        String text = new String(beginning, StandardCharsets.ISO_8859_1);
        int key = text.indexOf(ID_KEY);
        int end = text.indexOf('"', key + ID_KEY.length());
        if (key < 0 || end < 0) {
            return null;
        }
        Sent sent = unechoed.get(text.substring(key + ID_KEY.length(), end));
        BusMessage message = sent == null ? null : sent.attached();
        Name heard = message == null ? null : nameOf(beginning);
        return heard != null && heard.equals(message.name()) ? message : null;
    }

    @Override
    public void connected() {
        connected = true;
        meters.connects().increment();
        echoTimer = vertx.setPeriodic(ECHO_MS / 4, timer -> checkEchoes());
        linkListeners.forEach(listener -> guarded(() -> listener.accept(true)));
    }

    @Override
    public void disconnected() {
        connected = false;
        vertx.cancelTimer(echoTimer);
        var lost = lost();
        List<Sent> sent = List.copyOf(unechoed.values());
        unechoed.clear();
        rejections.clear();
        sent.forEach(message -> message.echo().tryFail(lost));
        questions.failAll(lost);
        linkListeners.forEach(listener -> guarded(() -> listener.accept(false)));
    }

    @Override
    public Future<?> frame(byte[] frame) {
        // an echo too is held back by the bus until what it sent before is acknowledged
        if (turns > 0 && turns <= FEW_TURNS || waiting() > 0) {
            connection.acknowledgeSoon();
        }
        if (frame.length < FrameSplitter.LARGE) {
            Name name = nameOf(frame);
            if (isWanted(name)) {
                hear(name, parse(frame));
            }
            return DONE;
        }
        return readers.executeBlocking(() -> nameOf(frame))
                .compose(name -> isWanted(name)
                        ? readers.executeBlocking(() -> parse(frame)).onSuccess(message -> hear(name, message))
                        : Future.succeededFuture());
    }

    @Override
    public void skipped(byte[] beginning) {
        meters.skipped().increment();
        Name heard = nameOf(beginning);
        String type = heard == null ? null : heard.old();
        String named = type == null ? "" : " (%s)".formatted(LogText.of(type));
        report(
                "message-skipped",
                "a message of the bus%s is too large and was passed by; max-message-size is %d KB"
                        .formatted(named, bus.maxMessageSize().toKilobytes()));
        if (type != null && questions.awaits(type)) {
            questions.abandon(
                    type,
                    new InvalidAnswerException("The answer '%s' is larger than max-message-size of '%s', %d KB."
                            .formatted(type, name, bus.maxMessageSize().toKilobytes())));
        }
    }

    /** The name of a message; null if it is none. */
    private static Name nameOf(byte[] frame) {
        String type = BusMessage.typeOf(frame);
        return type == null || type.isBlank() ? null : Vocabulary.of(type);
    }

    private boolean isWanted(Name name) {
        if (name == null) {
            meters.garbage().increment();
            return false;
        }
        String type = name.old();
        // our own echoes are few among what is heard: the id is looked for before the frame is read as a whole
        return questions.awaits(type)
                || !unechoed.isEmpty() && awaitsEcho(type)
                || isSubscribed(name)
                || sessions.accepts(name);
    }

    private boolean isSubscribed(Name name) {
        for (Subscription subscription : subscriptions) {
            if (subscription.types.test(name)) {
                return true;
            }
        }
        return false;
    }

    private static BusMessage parse(byte[] frame) {
        try {
            BusMessage message = BusMessage.parse(frame);
            if (message.mayHaveTwin()) {
                message.fingerprint(); // of a large one, it takes a while
            }
            return message;
        } catch (IOException e) {
            return null;
        }
    }

    private void hear(Name name, BusMessage message) {
        // with two types Python means the last
        if (message == null || !message.name().equals(name)) {
            meters.garbage().increment();
            return;
        }
        if (twins.isSecond(message)) {
            return;
        }
        String type = message.type();
        if (type.equals(REJECTED)) {
            rejected(message);
        }
        Sent sent = unechoed.get(message.requestId());
        boolean echo = sent != null && sent.type().equals(type);
        if (echo) {
            unechoed.remove(message.requestId());
            rejections.remove(message.requestId());
            rejectThoseBefore(sent);
            questions.echoed(message.requestId());
        } else if (questions.awaits(type)) {
            questions.heard(message);
        }
        for (Subscription subscription : subscriptions) {
            if (subscription.types.test(name)) {
                guarded(() -> subscription.consumer.accept(message));
            }
        }
        Consumer<BusMessage> ofSession = sessions.consumerOf(message);
        if (ofSession != null) {
            guarded(() -> ofSession.accept(message));
        }
        if (echo) {
            // last, so that whoever waits for it finds what it has changed
            sent.echo().tryComplete(message);
        }
    }

    /** One that fails must not keep it from the others, nor end the link. */
    private void guarded(Runnable told) {
        try {
            told.run();
        } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            LOG.error("What was heard of '{}' could not be handled: {}", name, LogText.of(e));
            LOG.debug("What was heard could not be handled", e);
        }
    }

    private void rejected(BusMessage message) {
        String type = Vocabulary.of(message.data().path("msg_type").asText("")).old();
        for (Map.Entry<String, Sent> sent : unechoed.entrySet()) {
            if (sent.getValue().type().equals(type) && !rejections.containsKey(sent.getKey())) {
                rejections.put(
                        sent.getKey(), LogText.of(message.data().path("reason").asText("no reason")));
                return;
            }
        }
    }

    /** The bus relays in the order in which we send: what was sent before this and has not come, will not come. */
    private void rejectThoseBefore(Sent echoed) {
        if (!rejections.isEmpty()) {
            List.copyOf(rejections.keySet()).stream()
                    .filter(id -> unechoed.get(id).at() - echoed.at() < 0)
                    .forEach(this::fail);
        }
    }

    private void fail(String rejectedId) {
        Sent sent = unechoed.remove(rejectedId);
        var refusal = new RejectedException(name, sent.type(), rejections.remove(rejectedId));
        report("session-rejected", refusal.problem().detail());
        sent.echo().tryFail(refusal);
        questions.fail(rejectedId, refusal);
    }

    private boolean awaitsEcho(String type) {
        if (type.equals(REJECTED)) {
            return true;
        }
        for (Sent sent : unechoed.values()) {
            if (sent.type().equals(type)) {
                return true;
            }
        }
        return false;
    }

    private void checkEchoes() {
        List.copyOf(rejections.keySet()).stream()
                .filter(id -> System.nanoTime() - unechoed.get(id).at() > TimeUnit.MILLISECONDS.toNanos(ECHO_MS / 2))
                .forEach(this::fail);
        Iterator<Sent> oldest = unechoed.values().iterator();
        if (oldest.hasNext()
                && !connection.isAttaching()
                && System.nanoTime() - oldest.next().at() > TimeUnit.MILLISECONDS.toNanos(ECHO_MS)) {
            connection.drop("the bus has not relayed our messages for " + ECHO_MS / 1000 + " s");
        }
    }
}
