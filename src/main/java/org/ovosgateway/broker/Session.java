// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;

import io.netty.handler.codec.mqtt.MqttSubscriptionOption;
import org.eclipse.paho.mqttv5.common.util.MqttTopicValidator;

/** What the broker keeps of a client, also while it is away. Used on the broker's thread only. */
final class Session {

    private static final int MAX_PACKET_ID = 65_535;

    private final String clientId;
    private final String user;
    private final Waiting waiting;
    private final int limit;
    private final Map<String, Subscription> subscriptions = new HashMap<>();
    private final Deque<Delivery> queue = new ArrayDeque<>();
    private final Map<Integer, Delivery> inFlight = new LinkedHashMap<>();
    private final Deque<Integer> unsent = new ArrayDeque<>();
    private final Set<Integer> received = new HashSet<>();
    private Connection connection;
    private long expirySeconds;
    private long bytes;
    private int lastId;
    private boolean pumping;
    private ScheduledFuture<?> end;
    private Message will;
    private ScheduledFuture<?> willTimer;

    /** @param id of the subscription, 0 for none */
    private record Subscription(String filter, MqttSubscriptionOption option, int id) {

        boolean fits(String topic) {
            if (topic.startsWith("$") && !filter.startsWith("$")) {
                return false;
            }
            return MqttTopicValidator.isMatched(filter, topic);
        }
    }

    /** A message on its way to this client. */
    record Delivery(Message message, int qos, boolean retain, List<Integer> subscriptionIds) {}

    /** @param limit messages that wait for the client */
    Session(String clientId, String user, Waiting waiting, int limit) {
        this.clientId = clientId;
        this.user = user;
        this.waiting = waiting;
        this.limit = limit;
    }

    String clientId() {
        return clientId;
    }

    String user() {
        return user;
    }

    /** Memory of what waits for the client. */
    long bytes() {
        return bytes;
    }

    Connection connection() {
        return connection;
    }

    long expirySeconds() {
        return expirySeconds;
    }

    void expirySeconds(long seconds) {
        expirySeconds = seconds;
    }

    /** The client is there: what it did not acknowledge is sent again, then what waited. */
    void attach(Connection to) {
        connection = to;
        cancel(end);
        cancel(willTimer);
        end = null;
        willTimer = null;
        unsent.clear();
        unsent.addAll(inFlight.keySet());
        pump();
    }

    /** The client is away, until {@code end} runs. */
    void detach(ScheduledFuture<?> untilThen) {
        connection = null;
        end = untilThen;
    }

    void will(Message message) {
        will = message;
    }

    /** The will, which is nobody's from then on; null if there is none. */
    Message takeWill() {
        Message left = will;
        will = null;
        cancel(willTimer);
        return left;
    }

    void willTimer(ScheduledFuture<?> timer) {
        willTimer = timer;
    }

    /** Forgets everything. */
    void clear() {
        cancel(end);
        cancel(willTimer);
        subscriptions.clear();
        received.clear();
        inFlight.values().forEach(this::forget);
        inFlight.clear();
        unsent.clear();
        queue.forEach(this::forget);
        queue.clear();
    }

    int subscriptions() {
        return subscriptions.size();
    }

    boolean isSubscribed(String filter) {
        return subscriptions.containsKey(filter);
    }

    void subscribe(String filter, MqttSubscriptionOption option, int id) {
        subscriptions.put(filter, new Subscription(filter, option, id));
    }

    boolean unsubscribe(String filter) {
        return subscriptions.remove(filter) != null;
    }

    /** Notes a message of QoS 2; false if it was received before. */
    boolean receive(int packetId) {
        return received.add(packetId);
    }

    boolean release(int packetId) {
        return received.remove(packetId);
    }

    /** Messages of QoS 2 that the client has not released. */
    int unreleased() {
        return received.size();
    }

    /** Passes a message on if a subscription fits: once, however many do. */
    void publish(Message message) {
        int qos = -1;
        boolean retain = false;
        List<Integer> ids = new ArrayList<>(1);
        for (Subscription subscription : subscriptions.values()) {
            if (!subscription.fits(message.topic())
                    || subscription.option().isNoLocal() && clientId.equals(message.publisher())) {
                continue;
            }
            qos = Math.max(qos, subscription.option().qos().value());
            retain |= subscription.option().isRetainAsPublished() && message.retain();
            if (subscription.id() > 0) {
                ids.add(subscription.id());
            }
        }
        if (qos >= 0) {
            deliver(message, Math.min(qos, message.qos()), retain, ids);
        }
    }

    /** Sends a retained message to a subscription that was just made. */
    void replay(Message message, String filter) {
        Subscription subscription = subscriptions.get(filter);
        if (subscription != null
                && subscription.fits(message.topic())
                && !(subscription.option().isNoLocal() && clientId.equals(message.publisher()))) {
            int qos = Math.min(subscription.option().qos().value(), message.qos());
            deliver(message, qos, true, subscription.id() > 0 ? List.of(subscription.id()) : List.of());
        }
    }

    private void deliver(Message message, int qos, boolean retain, List<Integer> ids) {
        // MQTT keeps nothing of QoS 0 for who is away
        if (connection == null && qos == 0) {
            return;
        }
        if (queue.size() >= limit) {
            dropOldest();
        }
        if (!waiting.makeRoom(message)) {
            waiting.lost();
            return;
        }
        bytes += message.size();
        waiting.hold(message);
        queue.add(new Delivery(message, qos, retain, ids));
        pump();
    }

    /** True if there was one. */
    boolean dropOldest() {
        Delivery oldest = queue.poll();
        if (oldest == null) {
            return false;
        }
        forget(oldest);
        waiting.lost();
        return true;
    }

    /** Sends what the client takes now; sending makes a connection writable or full, and so calls this again. */
    void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            while (connection != null && connection.takes(inFlight.size() - unsent.size()) && sendNext()) {}
        } finally {
            pumping = false;
        }
    }

    private boolean sendNext() {
        Integer again = unsent.poll();
        if (again != null) {
            sendAgain(again);
            return true;
        }
        Delivery next = queue.poll();
        if (next == null) {
            return false;
        }
        if (next.message().isExpired() || !connection.fits(next)) {
            forget(next);
        } else if (next.qos() == 0) {
            connection.send(next, 0, false);
            forget(next);
        } else {
            int id = nextId();
            inFlight.put(id, next);
            connection.send(next, id, false);
        }
        return true;
    }

    private void sendAgain(int id) {
        Delivery delivery = inFlight.get(id);
        if (connection.fits(delivery)) {
            connection.send(delivery, id, true);
        } else {
            inFlight.remove(id);
            forget(delivery);
        }
    }

    void acknowledged(int packetId) {
        Delivery delivery = inFlight.remove(packetId);
        if (delivery != null) {
            // some acknowledge what they have not been sent again
            unsent.remove(packetId);
            forget(delivery);
            pump();
        }
    }

    private int nextId() {
        do {
            lastId = lastId % MAX_PACKET_ID + 1;
        } while (inFlight.containsKey(lastId));
        return lastId;
    }

    private void forget(Delivery delivery) {
        bytes -= delivery.message().size();
        waiting.letGo(delivery.message());
    }

    private static void cancel(ScheduledFuture<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
