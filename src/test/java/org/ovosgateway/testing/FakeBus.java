// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.ovosgateway.demo.Message;
import org.ovosgateway.demo.MessageBus;
import org.ovosgateway.demo.SimulatedAssistant;

import static org.awaitility.Awaitility.await;

/**
 * A real message bus on a random port for a test, which records what clients send, answers as scripted or as a simulated
 * assistant does, and fails when told to.
 *
 * <p>Register it static for one bus per class, or as a field for one per test. Before each test the records and the
 * scripts are cleared, and a bus that was killed or frozen is well again.
 */
public final class FakeBus
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback, AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String HOST = "127.0.0.1";

    private final int maxMessageBytes;
    private final SimulatedAssistant.Builder device;
    private final List<String> raw = Collections.synchronizedList(new ArrayList<>());
    private final List<Message> frames = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Script> scripts = new ConcurrentHashMap<>();

    private Vertx vertx;
    private MessageBus bus;
    private SimulatedAssistant assistant;
    private boolean ofClass;
    private boolean killed;
    private boolean frozen;

    /** A bus with nobody behind it. */
    public FakeBus() {
        this(null, MessageBus.MAX_MESSAGE_BYTES);
    }

    /** A bus with a simulated assistant behind it. */
    public FakeBus(SimulatedAssistant.Builder device) {
        this(device, MessageBus.MAX_MESSAGE_BYTES);
    }

    /** The same, dropping the senders of messages over a limit in bytes. */
    public FakeBus(SimulatedAssistant.Builder device, int maxMessageBytes) {
        this.device = device;
        this.maxMessageBytes = maxMessageBytes;
    }

    /** The port of the bus, which is started if it was not yet. */
    public int port() {
        return bus().port();
    }

    /** The address that clients connect to. */
    public URI uri() {
        return bus().uri();
    }

    /** How many clients are connected, those of the simulated assistant included. */
    public int clients() {
        return bus().clients();
    }

    /** Waits until exactly so many clients are connected. */
    public void awaitClients(int number) {
        await().atMost(PATIENCE).until(() -> bus().clients() == number);
    }

    /** The assistant behind the bus; null without one. */
    public SimulatedAssistant assistant() {
        bus();
        return assistant;
    }

    /** The Vert.x on which the bus runs. */
    public Vertx vertx() {
        bus();
        return vertx;
    }

    /** What clients sent since the start of the test, also what is not even JSON. */
    public List<String> rawFrames() {
        return List.copyOf(raw);
    }

    /** The messages that clients sent since the start of the test. */
    public List<Message> frames() {
        return List.copyOf(frames);
    }

    /** The messages of one type that clients sent since the start of the test. */
    public List<Message> frames(String type) {
        return frames().stream().filter(frame -> frame.type().equals(type)).toList();
    }

    /** Waits for the first message of a type. */
    public Message awaitFrame(String type) {
        return awaitFrames(type, 1).get(0);
    }

    /** Waits for at least so many messages of a type. */
    public List<Message> awaitFrames(String type, int number) {
        return await("messages of type " + type)
                .atMost(PATIENCE)
                .until(() -> frames(type), found -> found.size() >= number);
    }

    /** Forgets what was recorded. */
    public void clear() {
        raw.clear();
        frames.clear();
    }

    /**
     * Says what follows when a client sends a message of this type, in place of an earlier script and of what the
     * simulated assistant would do.
     */
    public Script whenAsked(String type) {
        bus();
        if (assistant != null) {
            assistant.silence(type);
        }
        return scripts.compute(type, (asked, before) -> new Script());
    }

    /** Sends a message to all clients, with an empty context. */
    public void send(String type, Map<String, ?> data) {
        send(type, data, Map.of());
    }

    /** Sends a message to all clients. */
    public void send(String type, Map<String, ?> data, Map<String, ?> context) {
        sendRaw(new Message(type, object(data), object(context)).frame());
    }

    /** Sends any text at all to all clients. */
    public void sendRaw(String frame) {
        join(bus().send(frame));
    }

    /** Resets all connections. */
    public void cut() {
        join(bus().cut());
    }

    /** Resets all connections and takes no more until {@link #restart}. */
    public void kill() {
        join(bus().kill());
        killed = true;
    }

    /** Listens again on the same port. */
    public void restart() {
        join(bus().restart());
        killed = false;
    }

    /** Keeps the connections, but reads, relays and answers nothing, not even a ping. */
    public void freeze() {
        join(bus().freeze());
        frozen = true;
    }

    /** Ends {@link #freeze}. */
    public void thaw() {
        join(bus().thaw());
        frozen = false;
    }

    /** Resets one client at random in about so many frames; 0 never. */
    public void resetOneIn(int number) {
        bus().resetOneIn(number);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        ofClass = true;
        bus();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        bus();
        if (killed) {
            restart();
        }
        if (frozen) {
            thaw();
        }
        resetOneIn(0);
        if (assistant != null) {
            scripts.keySet().forEach(assistant::unsilence);
        }
        scripts.clear();
        clear();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (!ofClass) {
            close();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    /** Stops all; for a bus that is no extension of a test. */
    @Override
    public synchronized void close() {
        if (bus != null) {
            if (assistant != null) {
                join(assistant.close());
            }
            join(bus.close());
            join(vertx.close());
            bus = null;
        }
    }

    private synchronized MessageBus bus() {
        if (bus == null) {
            vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setUseDaemonThread(true));
            bus = join(MessageBus.listen(vertx, HOST, 0, maxMessageBytes));
            bus.tap(this::record);
            if (device != null) {
                assistant = device.start(vertx, bus.uri());
                join(assistant.connected());
            }
        }
        return bus;
    }

    private void record(String frame) {
        raw.add(frame);
        try {
            Message.parse(frame).ifPresent(message -> {
                frames.add(message);
                Script script = scripts.get(message.type());
                if (script != null) {
                    // sent after the frame itself is relayed: an answer never overtakes its question
                    script.answers(message).forEach(bus::send);
                }
            });
        } catch (IllegalArgumentException e) {
            // kept raw: a bus does not mind what it relays
        }
    }

    private static ObjectNode object(Map<String, ?> map) {
        return JSON.valueToTree(map);
    }

    private static <T> T join(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("the bus did not do as told", e);
        }
    }

    /** What the bus sends when it is asked something, in the order of the calls. */
    public static final class Script {

        private final List<Function<Message, String>> answers = new CopyOnWriteArrayList<>();

        private Script() {}

        /** Answers as OVOS does: with the context of the question, source and destination swapped. */
        public Script reply(String type, Map<String, ?> data) {
            return answer(asked -> asked.reply(type, object(data)));
        }

        /** Answers twice with the same. */
        public Script replyTwice(String type, Map<String, ?> data) {
            return reply(type, data).reply(type, data);
        }

        /** Answers in an empty context, as the core does for the list of skills. */
        public Script replyWithoutContext(String type, Map<String, ?> data) {
            return answer(asked -> Message.bare(type, object(data)));
        }

        /** Answers whatever follows from the question. */
        public Script answer(Function<Message, Message> answer) {
            answers.add(asked -> answer.apply(asked).frame());
            return this;
        }

        /** Answers with any text at all that follows from the question. */
        public Script answerRaw(Function<Message, String> answer) {
            answers.add(answer);
            return this;
        }

        /** Sends any text at all. */
        public Script sendRaw(String frame) {
            answers.add(asked -> frame);
            return this;
        }

        /** Answers nothing. */
        public void staySilent() {
            answers.clear();
        }

        private List<String> answers(Message asked) {
            List<String> frames = new ArrayList<>();
            answers.forEach(answer -> frames.add(answer.apply(asked)));
            return frames;
        }
    }
}
