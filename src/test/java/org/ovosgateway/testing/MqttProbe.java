// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;

import org.awaitility.Awaitility;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** A client of a broker for a test: sends what it is told, keeps what it hears in order, and does not reconnect. */
public final class MqttProbe implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<Heard> heard = new ArrayList<>();
    private final MqttAsyncClient client;
    private volatile boolean lost;
    private volatile Consumer<Heard> journal = message -> {};

    /** A message as the broker delivered it. */
    public record Heard(String topic, String text, boolean retained, int qos, MqttProperties properties) {}

    private MqttProbe(String uri, String clientId, MqttConnectionOptions options) throws MqttException {
        client = new MqttAsyncClient(uri, clientId, new MemoryPersistence());
        client.setCallback(new Ear());
        client.connect(options).waitForCompletion(PATIENCE.toMillis());
    }

    /** Connects without a name to a broker on 127.0.0.1. */
    public static MqttProbe connect(int port) throws MqttException {
        return connect("tcp://127.0.0.1:" + port, options -> {});
    }

    /** Connects as a user to a broker on 127.0.0.1; fails with reason code 134 or 135 when it is not let in. */
    public static MqttProbe connect(int port, String user, String password) throws MqttException {
        return connect("tcp://127.0.0.1:" + port, options -> {
            options.setUserName(user);
            options.setPassword(password.getBytes(StandardCharsets.UTF_8));
        });
    }

    /** Connects with whatever Paho can; the URI begins with tcp, ssl, ws or wss. */
    public static MqttProbe connect(String uri, Consumer<MqttConnectionOptions> settings) throws MqttException {
        return connect(uri, "probe-" + UUID.randomUUID(), settings);
    }

    /** The same with a client id of one's own. */
    public static MqttProbe connect(String uri, String clientId, Consumer<MqttConnectionOptions> settings)
            throws MqttException {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(true);
        options.setAutomaticReconnect(false);
        options.setReceiveMaximum(1000);
        options.setConnectionTimeout((int) PATIENCE.toSeconds());
        settings.accept(options);
        return new MqttProbe(uri, clientId, options);
    }

    /** Subscribes at QoS 1; returns when the broker said yes. */
    public MqttProbe subscribe(String filter) throws MqttException {
        client.subscribe(filter, 1).waitForCompletion(PATIENCE.toMillis());
        return this;
    }

    /** Calls this with each message from now on. */
    void tell(Consumer<Heard> journal) {
        this.journal = journal;
    }

    /** Publishes at QoS 1, not retained; returns when the broker has it. */
    public void publish(String topic, String payload) throws MqttException {
        publish(topic, payload, message -> {});
    }

    /** Publishes retained at QoS 1; returns when the broker has it. */
    public void retain(String topic, String payload) throws MqttException {
        publish(topic, payload, message -> message.setRetained(true));
    }

    /** Publishes with whatever MQTT has: QoS, expiry, response topic, correlation; returns when the broker has it. */
    public void publish(String topic, String payload, Consumer<MqttMessage> settings) throws MqttException {
        publish(topic, payload.getBytes(StandardCharsets.UTF_8), settings);
    }

    /** The same with any bytes. */
    public void publish(String topic, byte[] payload, Consumer<MqttMessage> settings) throws MqttException {
        join(deliver(topic, payload, settings));
    }

    /** The same without waiting for the broker, which limits how many may be under way. */
    public IMqttToken send(String topic, byte[] payload, Consumer<MqttMessage> settings) throws MqttException {
        return client.publish(topic, message(payload, settings));
    }

    /** Gives the reason codes; waiting for Paho's token would end before Paho counts the message as done. */
    private CompletableFuture<int[]> deliver(String topic, byte[] payload, Consumer<MqttMessage> settings)
            throws MqttException {
        CompletableFuture<int[]> taken = new CompletableFuture<>();
        client.publish(topic, message(payload, settings), null, new MqttActionListener() {
            @Override
            public void onSuccess(IMqttToken token) {
                taken.complete(token.getReasonCodes() == null ? new int[0] : token.getReasonCodes());
            }

            @Override
            public void onFailure(IMqttToken token, Throwable reason) {
                taken.completeExceptionally(reason);
            }
        });
        return taken;
    }

    private static MqttMessage message(byte[] payload, Consumer<MqttMessage> settings) {
        MqttMessage message = new MqttMessage(payload, 1, false, new MqttProperties());
        settings.accept(message);
        return message;
    }

    /** True when the broker takes what this client publishes on a topic: it is told by the acknowledgement. */
    public boolean mayPublish(String topic) throws MqttException {
        return Arrays.stream(join(deliver(topic, "probe".getBytes(StandardCharsets.UTF_8), message -> {})))
                .allMatch(reason -> reason < 0x80);
    }

    private static <T> T join(CompletableFuture<T> taken) throws MqttException {
        try {
            return taken.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof MqttException refused ? refused : new MqttException(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new MqttException(e);
        }
    }

    /** All that was heard so far, in order. */
    public List<Heard> heard() {
        synchronized (heard) {
            return List.copyOf(heard);
        }
    }

    /** What was heard on a topic so far. */
    public List<Heard> heard(String topic) {
        return heard().stream().filter(one -> one.topic().equals(topic)).toList();
    }

    /** The payloads heard on a topic so far. */
    public List<String> texts(String topic) {
        return heard(topic).stream().map(Heard::text).toList();
    }

    /** Returns when all that the broker had for this client until now was heard. */
    public void settle() throws MqttException {
        // Paho tells one answer and one message in turn: with none between two answers, none was left at the first
        int before;
        int now = heardAtAnswer();
        do {
            before = now;
            now = heardAtAnswer();
        } while (now > before);
    }

    /** How many messages were heard when Paho told the answer to a subscription, granted or not. */
    private int heardAtAnswer() throws MqttException {
        CompletableFuture<Integer> told = new CompletableFuture<>();
        client.subscribe("settled", 1, null, new MqttActionListener() {
            @Override
            public void onSuccess(IMqttToken token) {
                told.complete(heard().size());
            }

            @Override
            public void onFailure(IMqttToken token, Throwable reason) {
                told.complete(heard().size());
            }
        });
        return join(told);
    }

    /** Forgets what was heard so far. */
    public void forget() {
        synchronized (heard) {
            heard.clear();
        }
    }

    /** Waits for a message on a topic and gives it, even if it was heard before. */
    public Heard await(String topic) {
        return await(topic, anything -> true);
    }

    /** Waits for the first message on a topic with such a payload and gives it, even if it was heard before. */
    public Heard await(String topic, Predicate<String> text) {
        return Awaitility.await("a message on " + topic)
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(
                        () -> heard(topic).stream()
                                .filter(one -> text.test(one.text()))
                                .findFirst(),
                        found -> found.isPresent())
                .orElseThrow();
    }

    /** True once the broker has ended the connection. */
    public boolean isLost() {
        return lost;
    }

    @Override
    public void close() throws MqttException {
        if (client.isConnected()) {
            client.disconnect().waitForCompletion(PATIENCE.toMillis());
        }
        client.close(true);
    }

    private final class Ear implements MqttCallback {

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            Heard one = new Heard(
                    topic,
                    new String(message.getPayload(), StandardCharsets.UTF_8),
                    message.isRetained(),
                    message.getQos(),
                    message.getProperties());
            synchronized (heard) {
                heard.add(one);
            }
            journal.accept(one);
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            lost = true;
        }

        @Override
        public void mqttErrorOccurred(MqttException e) {
            // told by the call that failed
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            // whoever wants to know waits for it
        }

        @Override
        public void connectComplete(boolean reconnect, String uri) {
            // connect() waits for it
        }

        @Override
        public void authPacketArrived(int reason, MqttProperties properties) {
            // no enhanced authentication here
        }
    }
}
