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
import java.util.function.BooleanSupplier;

import io.netty.handler.codec.mqtt.MqttSubscriptionOption;
import org.ovosgateway.auth.Caller;

/** What the broker keeps of a client, also while it is away. Used on the broker's thread only. */
final class Session {

    /** Memory of a session besides what its client sends, roughly. */
    private static final int OVERHEAD = 4 * 1024;

    /** Memory of the id of a message of QoS 2. */
    private static final int RECEIVED = 64;

    /** Memory of an entry in a queue. */
    private static final int DELIVERY = 100;

    private static final int SUBSCRIPTION = 200;

    /** A filter takes memory once, and time at each publication: who has long ones pays for both. */
    private static final int FILTER_FACTOR = 4;

    /** Bytes that may be unacknowledged before the next message is sent. */
    private static final int WINDOW = 512 * 1024;

    private static final int MAX_PACKET_ID = 65_535;

    private final String clientId;
    private final String user;
    private final boolean own;
    private final Router router;
    private final Map<String, Subscription> subscriptions = new HashMap<>();
    private final Deque<Delivery> queue = new ArrayDeque<>();
    private final Map<Integer, Delivery> inFlight = new LinkedHashMap<>();
    private final Deque<Integer> unsent = new ArrayDeque<>();
    private final Map<String, String> replays = new LinkedHashMap<>();
    private final Set<Integer> received = new HashSet<>();
    private BooleanSupplier stays = () -> true;
    private Set<String> devices = Caller.ALL;
    private Connection connection;
    private long expirySeconds;
    private long paid;
    private long waiting;
    private long unacknowledged;
    private int lastId;
    private boolean pumping;
    private boolean over;
    private ScheduledFuture<?> end;
    private PublishedMessage will;
    private ScheduledFuture<?> willTimer;

    /** @param id of the subscription, 0 for none */
    private record Subscription(String filter, MqttSubscriptionOption option, int id) {

        int cost() {
            return SUBSCRIPTION + FILTER_FACTOR * filter.length();
        }
    }

    /** A message on its way to this client. */
    record Delivery(PublishedMessage message, int qos, boolean retain, List<Integer> subscriptionIds) {}

    /** @param own whether the client is the gateway itself */
    Session(String clientId, String user, boolean own, Router router) {
        this.clientId = clientId;
        this.user = user;
        this.own = own;
        this.router = router;
    }

    String clientId() {
        return clientId;
    }

    String user() {
        return user;
    }

    boolean isOwn() {
        return own;
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

    /** @param condition as long as which the client may be here */
    void stays(BooleanSupplier condition) {
        stays = condition;
    }

    /** @param names of the assistants whose topics the client may use */
    void devices(Set<String> names) {
        devices = names;
    }

    Set<String> devices() {
        return devices;
    }

    boolean mayRead(PublishedMessage message) {
        return router.topics().mayRead(devices, message.topic());
    }

    boolean mayWrite(String topic) {
        return router.topics().mayWrite(devices, topic);
    }

    boolean stays() {
        return stays.getAsBoolean();
    }

    /** Memory that this client takes, with messages that others wait for as well. */
    long bill() {
        return paid + waiting;
    }

    /** Takes memory for this client; false if there is no room for it, or it is gone. */
    boolean take(long bytes) {
        if (over || !router.memory().take(this, bytes)) {
            return false;
        }
        paid += bytes;
        return true;
    }

    void giveBack(long bytes) {
        paid -= bytes;
        router.memory().giveBack(bytes);
    }

    /** Pays for the session itself. */
    boolean open() {
        return take(OVERHEAD);
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

    /** Leaves a message for when the client is lost; false if there is no room for it. */
    boolean will(PublishedMessage message) {
        takeWill();
        if (message != null && !take(message.size())) {
            return false;
        }
        will = message;
        return true;
    }

    /** The will, which is nobody's from then on; null if there is none. */
    PublishedMessage takeWill() {
        PublishedMessage left = will;
        will = null;
        cancel(willTimer);
        if (left != null) {
            giveBack(left.size());
        }
        return left;
    }

    void willTimer(ScheduledFuture<?> timer) {
        willTimer = timer;
    }

    /** Forgets everything, and takes nothing more. */
    void clear() {
        over = true;
        cancel(end);
        takeWill();
        subscriptions.values().forEach(subscription -> giveBack(subscription.cost()));
        subscriptions.clear();
        giveBack((long) RECEIVED * received.size());
        received.clear();
        inFlight.values().forEach(this::forget);
        inFlight.clear();
        unsent.clear();
        replays.clear();
        queue.forEach(this::forget);
        queue.clear();
        giveBack(OVERHEAD);
    }

    int subscriptions() {
        return subscriptions.size();
    }

    boolean isSubscribed(String filter) {
        return subscriptions.containsKey(filter);
    }

    /** False if there is no room for it. */
    boolean subscribe(String filter, MqttSubscriptionOption option, int id) {
        var subscription = new Subscription(filter, option, id);
        if (!isSubscribed(filter) && !take(subscription.cost())) {
            return false;
        }
        subscriptions.put(filter, subscription);
        return true;
    }

    boolean unsubscribe(String filter) {
        Subscription subscription = subscriptions.remove(filter);
        if (subscription == null) {
            return false;
        }
        giveBack(subscription.cost());
        return true;
    }

    /** Whether a message of QoS 2 is noted, and not released. */
    boolean isReceived(int packetId) {
        return received.contains(packetId);
    }

    /** Notes a message of QoS 2; false if there is no room for that. */
    boolean receive(int packetId) {
        return take(RECEIVED) && received.add(packetId);
    }

    boolean release(int packetId) {
        boolean known = received.remove(packetId);
        if (known) {
            giveBack(RECEIVED);
        }
        return known;
    }

    /** Messages of QoS 2 that the client has not released. */
    int unreleased() {
        return received.size();
    }

    /** Passes a message on if a subscription fits: once, however many do. */
    void publish(PublishedMessage message) {
        if (!mayRead(message)) {
            return;
        }
        int qos = -1;
        boolean retain = false;
        List<Integer> ids = List.of();
        for (Subscription subscription : subscriptions.values()) {
            if (!Topics.fits(subscription.filter(), message.topic())
                    || subscription.option().isNoLocal() && clientId.equals(message.publisher())) {
                continue;
            }
            qos = Math.max(qos, subscription.option().qos().value());
            retain |= subscription.option().isRetainAsPublished() && message.retain();
            if (subscription.id() > 0) {
                ids = ids.isEmpty() ? new ArrayList<>(1) : ids;
                ids.add(subscription.id());
            }
        }
        if (qos >= 0) {
            deliver(new Delivery(message, Math.min(qos, message.qos()), retain, ids));
        }
    }

    private void deliver(Delivery delivery) {
        // MQTT keeps nothing of QoS 0 for who is away
        if (connection == null && delivery.qos() == 0) {
            return;
        }
        if (queue.size() >= router.limits().queue()) {
            dropOldest();
        }
        if (hold(delivery)) {
            queue.add(delivery);
            pump();
        }
    }

    private boolean hold(Delivery delivery) {
        // whoever passes it on holds it too, so that this is all that is taken
        if (!take(DELIVERY)) {
            router.memory().lost();
            return false;
        }
        router.memory().hold(this, delivery.message());
        waiting += delivery.message().size();
        return true;
    }

    private void forget(Delivery delivery) {
        waiting -= delivery.message().size();
        router.memory().letGo(delivery.message());
        giveBack(DELIVERY);
    }

    /** True if there was one. */
    boolean dropOldest() {
        Delivery oldest = queue.poll();
        if (oldest == null) {
            return false;
        }
        forget(oldest);
        router.memory().lost();
        return true;
    }

    /** Sends what is retained and fits a subscription that was just made, as the client takes it. */
    void replay(String filter) {
        replays.put(filter, null);
        pump();
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
        if (unacknowledged >= WINDOW) {
            return false;
        }
        if (!replays.isEmpty()) {
            return replayNext();
        }
        Delivery next = queue.poll();
        if (next == null) {
            return false;
        }
        send(next);
        return true;
    }

    /** Sends one message, or forgets it; it is held. */
    private void send(Delivery next) {
        if (next.message().isExpired() || !connection.fits(next)) {
            forget(next);
        } else if (next.qos() == 0) {
            connection.send(next, 0, false);
            forget(next);
        } else {
            int id = nextId();
            inFlight.put(id, next);
            unacknowledged += next.message().packetSize();
            connection.send(next, id, false);
        }
    }

    private void sendAgain(int id) {
        Delivery delivery = inFlight.get(id);
        if (connection.fits(delivery)) {
            connection.send(delivery, id, true);
        } else {
            inFlight.remove(id);
            done(delivery);
        }
    }

    private boolean replayNext() {
        String filter = replays.keySet().iterator().next();
        Subscription subscription = subscriptions.get(filter);
        Retained.Step step = subscription == null
                ? new Retained.Step(null, null)
                : router.retained().next(filter, replays.get(filter));
        if (step.last() == null) {
            replays.remove(filter);
            return true;
        }
        replays.put(filter, step.last());
        PublishedMessage message = step.message();
        if (message == null) {
            router.later(this::pump);
            return false;
        }
        if (mayRead(message) && (!subscription.option().isNoLocal() || !clientId.equals(message.publisher()))) {
            int qos = Math.min(subscription.option().qos().value(), message.qos());
            var delivery =
                    new Delivery(message, qos, true, subscription.id() > 0 ? List.of(subscription.id()) : List.of());
            if (hold(delivery)) {
                send(delivery);
            }
        }
        return true;
    }

    void acknowledged(int packetId) {
        Delivery delivery = inFlight.remove(packetId);
        if (delivery != null) {
            // some acknowledge what they have not been sent again
            unsent.remove(packetId);
            done(delivery);
            pump();
        }
    }

    private void done(Delivery delivery) {
        unacknowledged -= delivery.message().packetSize();
        forget(delivery);
    }

    private int nextId() {
        do {
            lastId = lastId % MAX_PACKET_ID + 1;
        } while (inFlight.containsKey(lastId));
        return lastId;
    }

    private static void cancel(ScheduledFuture<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
