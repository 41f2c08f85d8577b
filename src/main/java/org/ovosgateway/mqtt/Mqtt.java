// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import org.eclipse.paho.mqttv5.common.util.MqttTopicValidator;
import org.ovosgateway.Budget;
import org.ovosgateway.InTurn;
import org.ovosgateway.Inflow;
import org.ovosgateway.LogText;
import org.ovosgateway.auth.Caller;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * The one connection to the broker, for all routes: opens it, keeps it open, opens it again, with everything that was
 * subscribed to and all that is retained.
 *
 * <p>All of it happens on one Vert.x context; handlers run on workers, one message after the other for each.
 */
@Component
@ConditionalOnMqtt
public final class Mqtt implements SmartLifecycle, Link.Listener, Inflow, Publisher {

    /** Order of its start, after which {@link LocalBroker} is there. */
    public static final int STARTS = 2;

    /** {@link LocalBroker} stops in the one below. */
    public static final int PHASE = Integer.MAX_VALUE - 100;

    private static final String ONLINE = "{\"state\":\"online\"}";
    private static final String OFFLINE = "{\"state\":\"offline\"}";
    private static final int WAITING_IN = 1_000;
    /** Or fewer, if the broker says so. */
    private static final int IN_FLIGHT = 10;
    /** A connection that was lost sooner was not good, so the wait for the next one goes on growing. */
    private static final Duration PROVEN = Duration.ofSeconds(10);

    /** Brokers that do not say that another client has our id just close: Mosquitto 2.0.11 of Debian 12. */
    private static final int SUSPICIOUS_LOSSES = 3;

    private static final Duration LINGER = Duration.ofSeconds(5);
    private static final Duration FENCE_LIMIT = Duration.ofSeconds(15);
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(3);
    private static final Duration CLOSE_LIMIT = Duration.ofMillis(500);

    private static final Logger LOG = LoggerFactory.getLogger(Mqtt.class);

    private final Vertx vertx;
    private final Context context;
    private final MqttProperties properties;
    private final Links links;
    private final String clientId;
    private final Guard guard;
    private final Grants grants;
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private final List<Runnable> onConnected = new CopyOnWriteArrayList<>();
    private final Outgoing outgoing;
    private final Budget incoming;
    private final Poison poison = new Poison();
    private final Listening listening = new Listening();
    private final Set<String> subscribed = new LinkedHashSet<>();

    /** What came while those who hear it change. */
    private final Deque<Publication> heldBack = new ArrayDeque<>();

    /** What waited for routes that were replaced since. */
    private final List<Orphans> orphans = new ArrayList<>();

    private volatile int holds;
    private final Counter received;
    private final Counter published;
    private final Counter dropped;
    private final Counter connects;

    private volatile BiConsumer<String, Refusal> refused = (topic, refusal) -> {};
    private volatile Link link;
    private int inFlight;
    private int window = IN_FLIGHT;
    private int shortLived;
    private int attempt;
    private long connectedAt;
    private boolean saidUnreachable;
    private Loss.Kind saidKind;
    private boolean stopping;

    // written on the context, read by health checks and the event loop of the connection
    private volatile boolean running;
    private volatile boolean connected;
    private volatile Instant since = Instant.now();
    private volatile String lastError = "not tried yet";
    private volatile String renewed;
    private volatile boolean late;
    private volatile Moment lastSign;
    private volatile String lastFence = "";
    private long fences = System.currentTimeMillis();

    @Autowired
    Mqtt(
            Vertx vertx,
            MqttProperties properties,
            ClientId clientId,
            ObjectProvider<LocalBroker> localBroker,
            MeterRegistry meters) {
        // the system's resolver knows the names of a home
        this(vertx, properties, clientId, localBroker, meters, InetAddress::getAllByName);
    }

    Mqtt(
            Vertx vertx,
            MqttProperties properties,
            ClientId clientId,
            ObjectProvider<LocalBroker> localBroker,
            MeterRegistry meters,
            Links.Resolver resolver) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.properties = properties;
        this.clientId = clientId.get();
        this.links = new Links(vertx, properties, this.clientId, localBroker, will(), resolver, this::dropped);
        this.outgoing = new Outgoing(properties.maxWaiting().toBytes());
        this.incoming = new Budget(properties.maxWaiting().toBytes());
        this.guard = new Guard(properties.guard());
        this.grants = new Grants(properties);
        this.received = counter(meters, "received", "Messages of the broker that were heard");
        this.published = counter(meters, "published", "Messages that the broker has taken");
        this.dropped = counter(meters, "dropped", "Messages that were lost: nobody to take them, or too many");
        this.connects = counter(meters, "connects", "Connections made to the broker; all but the first are reconnects");
        Gauge.builder("ovos.mqtt.connected", this, mqtt -> mqtt.connected ? 1 : 0)
                .description("1 while the broker is connected")
                .register(meters);
    }

    private static Counter counter(MeterRegistry meters, String name, String description) {
        return Counter.builder("ovos.mqtt." + name).description(description).register(meters);
    }

    /** A message that waits for its turn. */
    private record Heard(Publication message, Moment at, long size) {}

    /** Messages that waited for a subscription when it was ended. */
    private record Orphans(Subscription of, List<Heard> messages) {}

    /** A subscription as its owner sees it. */
    public interface Handle {

        /** Hears nothing new; what waits is handled by the next subscription of the same name, or else by this one. */
        void suspend();

        /** Hears nothing any more. */
        void end();
    }

    /**
     * Who hears what comes on a topic, and whether it has to pass the guard.
     *
     * @param name what takes its place has the same one; null: nothing does
     */
    private record Subscription(
            String name,
            String filter,
            boolean guarded,
            InTurn<Heard> turn,
            BiConsumer<Publication, Refusal> refused) {

        boolean takesThePlaceOf(Subscription other) {
            return name != null
                    && name.equals(other.name)
                    && filter.equals(other.filter)
                    && guarded == other.guarded;
        }

        boolean fits(String topic) {
            return MqttTopicValidator.isMatched(filter, topic);
        }
    }

    /** First level, or levels, of the gateway's own topics. */
    @Override
    public String base() {
        return properties.base();
    }

    /** First level of the topics by which Home Assistant discovers. */
    public String discoveryPrefix() {
        return properties.discovery().prefix();
    }

    /** On whose behalf a message acts. */
    public Caller caller(Publication message) {
        return grants.caller(message);
    }

    /**
     * How old an event may be that a message tells of: of a source that tells its last event again and again, and told
     * another one at that time ({@link System#nanoTime}). Zero when the broker was heard without a break since then.
     */
    public Duration uncertainty(long nanos) {
        return listening.uncertainty(nanos);
    }

    public boolean isConnected() {
        return connected;
    }

    /** When the present state, connected or not, began. */
    Instant since() {
        return since;
    }

    String lastError() {
        return lastError;
    }

    /** When and why the session was begun anew the last time; null if it never was. */
    String renewed() {
        return renewed;
    }

    /** Where the broker is, without user and password. */
    String uri() {
        return links.uri();
    }

    /** Publishes at QoS 1; see {@link #publish(Publication)}. */
    @Override
    public void publish(String topic, String payload, boolean retain) {
        publish(new Publication(topic, payload, retain));
    }

    /**
     * Publishes; never blocks. What is retained is kept here too, and sent again after each reconnect; an empty payload
     * clears it, also when the broker is away. What is not retained is lost while the broker is away.
     *
     * @throws IllegalArgumentException when the topic has wildcards, or is none
     */
    public void publish(Publication message) {
        MqttTopicValidator.validate(message.topic(), false, false);
        onContext(() -> {
            if (message.retained()) {
                outgoing.keep(message);
            }
            if (connected) {
                enqueue(message);
            } else if (!message.retained()) {
                dropped.increment();
            }
        });
    }

    /** Sends what is retained on these topics again; not while the broker is away, since all of it is sent after that. */
    public void repeat(Predicate<String> topics) {
        onContext(() -> {
            if (connected) {
                repeatRetained(topics);
                pump();
            }
        });
    }

    private void repeatRetained(Predicate<String> topics) {
        Publication online = new Publication(stateTopic(), ONLINE, true);
        if (topics.test(online.topic())) {
            outgoing.repeat(online);
        }
        outgoing.retained().stream()
                .filter(message -> topics.test(message.topic()))
                .forEach(outgoing::repeat);
    }

    /** All state belongs to the context. What fails there costs a connection, never the next attempt. */
    private void onContext(Runnable action) {
        context.runOnContext(nothing -> {
            try {
                action.run();
            } catch (RuntimeException | LinkageError e) {
                LOG.error("The connection to the broker is given up after a failure of the gateway itself", e);
                Link failed = link;
                if (failed == null) {
                    tryLater(delay(false));
                } else {
                    failed.abort(new Loss("a failure of the gateway itself: " + e, Loss.Kind.GONE));
                }
            }
        });
    }

    /**
     * Hears every message that fits, in order, on workers; also those that are history, and whatever is in them.
     *
     * @return ends it
     * @throws IllegalArgumentException when it is no topic filter
     */
    public Runnable subscribe(String filter, Consumer<Publication> handler) {
        return subscribe(null, filter, false, inTurn(handler), (message, refusal) -> {})::end;
    }

    /** As {@link #subscribe}, for a route that may be replaced by one of the same name. */
    Handle subscribe(String name, String filter, Consumer<Publication> handler) {
        return subscribe(name, filter, false, inTurn(handler), (message, refusal) -> {});
    }

    private static BiConsumer<Publication, Runnable> inTurn(Consumer<Publication> handler) {
        return (message, done) -> {
            try {
                handler.accept(message);
            } finally {
                done.run();
            }
        };
    }

    /**
     * Hears the messages that may act.
     *
     * @param handler gets the next message when it has run what it was given with the one before
     * @param refused is told which message does not act, and why
     * @return ends it
     */
    public Runnable subscribeGuarded(
            String filter, BiConsumer<Publication, Runnable> handler, BiConsumer<Publication, Refusal> refused) {
        return subscribe(null, filter, true, handler, refused)::end;
    }

    /** As {@link #subscribeGuarded}, for a route that may be replaced by one of the same name. */
    Handle subscribeGuarded(String name, String filter, BiConsumer<Publication, Runnable> handler) {
        return subscribe(name, filter, true, handler, (message, refusal) -> {});
    }

    private Handle subscribe(
            String name,
            String filter,
            boolean guarded,
            BiConsumer<Publication, Runnable> handler,
            BiConsumer<Publication, Refusal> refused) {
        MqttTopicValidator.validate(filter, true, false);
        Subscription subscription = new Subscription(
                name,
                filter,
                guarded,
                new InTurn<>(
                        vertx,
                        WAITING_IN,
                        (heard, done) -> handle(heard, guarded, handler, done),
                        heard -> {
                            incoming.giveBack(heard.size());
                            dropped.increment();
                        }),
                refused);
        subscriptions.add(subscription);
        onContext(() -> {
            // a filter that was subscribed to already is sent again for what is retained
            if (connected && (subscribed.add(filter) || !guarded)) {
                link.subscribe(List.of(wanted(filter)));
            }
        });
        return new Handle() {
            @Override
            public void suspend() {
                leave();
                setAside(subscription);
            }

            @Override
            public void end() {
                leave();
                setAside(subscription);
                subscription.turn().clear();
            }

            private void leave() {
                subscriptions.remove(subscription);
                // a route that takes the place of this one may want the same
                vertx.setTimer(LINGER.toMillis(), timer -> onContext(() -> Mqtt.this.leave(filter)));
            }
        };
    }

    /** While routes are exchanged, nobody knows yet who goes on with what waits for one of them. */
    private void setAside(Subscription subscription) {
        if (holds > 0) {
            List<Heard> waiting = subscription.turn().takeAll();
            synchronized (orphans) {
                if (!waiting.isEmpty()) {
                    orphans.add(new Orphans(subscription, waiting));
                }
            }
        }
    }

    private void adopt() {
        List<Orphans> all;
        synchronized (orphans) {
            all = List.copyOf(orphans);
            orphans.clear();
        }
        for (Orphans each : all) {
            InTurn<Heard> turn = subscriptions.stream()
                    .filter(next -> next.takesThePlaceOf(each.of()))
                    .findFirst()
                    .orElse(each.of())
                    .turn();
            each.messages().forEach(turn::add);
        }
    }

    private void handle(Heard heard, boolean guarded, BiConsumer<Publication, Runnable> handler, Runnable done) {
        incoming.giveBack(heard.size());
        Publication message = heard.message();
        Optional<Refusal> outdated =
                guarded ? guard.outdated(message, heard.at().age()) : Optional.empty();
        if (outdated.isPresent()) {
            refused.accept(message.topic(), outdated.get());
            done.run();
        } else {
            handler.accept(message, done);
        }
    }

    private void leave(String filter) {
        boolean wanted = subscriptions.stream().anyMatch(other -> other.filter().equals(filter));
        if (!wanted && subscribed.remove(filter) && connected) {
            link.unsubscribe(filter);
        }
    }

    /** Run on a worker each time the broker is there again, with subscriptions and retained state in place. */
    @Override
    public void onConnected(Runnable action) {
        onConnected.add(action);
    }

    /** Told of each message that the guard refuses. */
    void onRefused(BiConsumer<String, Refusal> listener) {
        refused = listener;
    }

    /** What the guard would say, without being told. */
    Optional<Refusal> judge(Publication message) {
        return new Guard(properties.guard()).judge(message, Duration.ZERO);
    }

    // Camel starts its routes when the context is refreshed, and what waits at the broker comes as soon as we are there
    @EventListener(ApplicationStartedEvent.class)
    @Order(STARTS)
    @Override
    public void start() {
        running = true;
        onContext(this::connect);
    }

    /** Says that it goes, and goes. */
    @Override
    public void stop() {
        running = false;
        CompletableFuture<Void> left = new CompletableFuture<>();
        onContext(() -> {
            stopping = true;
            if (!connected) {
                left.complete(null);
                return;
            }
            link.publish(new Publication(stateTopic(), OFFLINE, true), sent -> left.complete(null));
        });
        try {
            left.get(LEAVE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            Link last = link;
            if (last != null) {
                last.close().get(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("The broker was not told that the gateway goes", e);
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public boolean isAutoStartup() {
        return false;
    }

    /** Stops before Camel does: what comes after that is better kept by the broker than heard with no route to take it. */
    @Override
    public int getPhase() {
        return PHASE;
    }

    private String stateTopic() {
        return base() + "/bridge/state";
    }

    /** What comes on it went out after all that had waited for us. */
    private String fenceTopic() {
        return base() + "/bridge/session/" + clientId;
    }

    private Publication will() {
        return new Publication(stateTopic(), OFFLINE, true);
    }

    private void connect() {
        if (stopping || link != null) {
            return;
        }
        late = true;
        link = links.open(this, poison.isToBeLeftBehind());
    }

    @Override
    public void connected(Link from, Terms terms) {
        // before the first message, which may come before the context has its turn
        late = terms.sessionPresent();
        listening.begin(lastSign);
        onContext(() -> {
            if (from != link || stopping) {
                return;
            }
            connected = true;
            connectedAt = System.nanoTime();
            since = Instant.now();
            inFlight = 0;
            window = Math.min(IN_FLIGHT, terms.receiveMaximum());
            connects.increment();
            saidUnreachable = false;
            LOG.info("Connected to the MQTT broker at {}", links.uri());
            terms.limits().forEach(limit -> LOG.warn("The MQTT broker limits the gateway: {}.", limit));
            subscribed.clear();
            Map<String, Link.Filter> filters = new LinkedHashMap<>();
            subscriptions.forEach(each -> filters.computeIfAbsent(each.filter(), this::wanted));
            filters.put(fenceTopic(), new Link.Filter(fenceTopic(), false));
            subscribed.addAll(filters.keySet());
            from.subscribe(List.copyOf(filters.values()));
            if (terms.sessionPresent()) {
                // before we say that we are there: what is sent to us after that is not late
                fence(from);
            }
            repeatRetained(topic -> true);
            tellRenewal();
            pump();
            vertx.executeBlocking(
                    () -> {
                        onConnected.forEach(this::runAlone);
                        return null;
                    },
                    false);
        });
    }

    private void runAlone(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.error("Something that is done after each connection to the broker failed", e);
        }
    }

    private void tellRenewal() {
        if (!poison.isToBeLeftBehind()) {
            return;
        }
        renewed = Instant.now().truncatedTo(ChronoUnit.SECONDS) + ": " + poison.reason();
        LOG.warn(
                "The session at the MQTT broker was begun anew: {}, again after each connection. What waited there is lost.",
                poison.reason());
        enqueue(new Publication(
                base() + "/bridge/event",
                Publication.Json.write(Map.of("type", "new_session", "data", Map.of("reason", poison.reason()))),
                false));
    }

    /** What comes before it may be late; until then, or until it does not come at all. */
    private void fence(Link from) {
        String number = Long.toString(++fences);
        lastFence = number;
        enqueue(new Publication(fenceTopic(), number, false));
        vertx.setTimer(FENCE_LIMIT.toMillis(), timer -> {
            if (from == link && number.equals(lastFence)) {
                late = false;
            }
        });
    }

    @Override
    public void silentUntilNow(Link from, Moment before) {
        if (!late) {
            lastSign = before;
            late = true;
        }
        listening.begin(before);
        onContext(() -> {
            if (from == link && connected) {
                fence(from);
            }
        });
    }

    /** History is of no use to what may only act on what happens; and it may be what cannot be read. */
    private Link.Filter wanted(String filter) {
        boolean history = subscriptions.stream()
                .anyMatch(each -> !each.guarded() && each.filter().equals(filter));
        return new Link.Filter(filter, history && !poison.isKept());
    }

    @Override
    public void lost(Link from, Loss loss) {
        onContext(() -> {
            if (from != link) {
                return;
            }
            link = null;
            boolean pushedOut = false;
            if (connected) {
                connected = false;
                since = Instant.now();
                if (!late) {
                    lastSign = from.lastSign();
                }
                boolean proven = System.nanoTime() - connectedAt > PROVEN.toNanos();
                if (proven) {
                    attempt = 0;
                    shortLived = 0;
                } else {
                    shortLived++;
                }
                poison.lost(loss, proven);
                pushedOut = shortLived >= SUSPICIOUS_LOSSES && loss.kind() == Loss.Kind.GONE;
            } else {
                links.turn();
            }
            dropped.increment(outgoing.clear());
            lastError = links.learn(loss).reason()
                    + (pushedOut
                            ? ", again soon after it was made; perhaps another client has the same client id, '"
                                    + clientId + "', then give each gateway its own ovos.mqtt.client-id"
                            : "");
            if (!stopping) {
                tell(loss);
                tryLater(delay(loss.kind() == Loss.Kind.TAKEN_OVER));
            }
        });
    }

    private void tell(Loss loss) {
        if (!saidUnreachable || loss.kind() == Loss.Kind.TAKEN_OVER || loss.kind() != saidKind) {
            saidUnreachable = true;
            saidKind = loss.kind();
            LOG.warn(
                    "The MQTT broker at {} is not connected: {}. Trying again until it is.",
                    uri(),
                    LogText.of(lastError));
        }
    }

    private void tryLater(long millis) {
        vertx.setTimer(millis, timer -> onContext(this::connect));
    }

    /** Doubles with each attempt, with jitter, so that two gateways do not go on pushing each other out in step. */
    private long delay(boolean takenOver) {
        long longest = properties.maxReconnectDelay().toMillis();
        long delay = Math.min(longest, properties.reconnectDelay().toMillis() << Math.min(attempt, 20));
        attempt++;
        if (takenOver) {
            delay = Math.max(delay, longest / 2);
        }
        return Math.max(1, delay / 2 + ThreadLocalRandom.current().nextLong(delay / 2 + 1));
    }

    private void enqueue(Publication message) {
        dropped.increment(outgoing.add(message));
        pump();
    }

    private void pump() {
        Link to = link;
        while (connected && to != null && inFlight < window) {
            Outgoing.Waiting next = outgoing.poll();
            if (next == null) {
                return;
            }
            inFlight++;
            to.publish(next.message(), delivery -> onContext(() -> delivered(to, next, delivery)));
        }
    }

    private void delivered(Link to, Outgoing.Waiting sent, Link.Delivery delivery) {
        if (delivery == Link.Delivery.LOST) {
            outgoing.lost(sent);
            dropped.increment(sent.message().retained() ? 0 : 1);
        } else {
            outgoing.taken(sent);
            (delivery == Link.Delivery.TAKEN ? published : dropped).increment();
        }
        if (to == link) {
            inFlight--;
            pump();
        }
    }

    /** Called on the event loop, in the order of the broker: what takes long here holds the connection. */
    @Override
    public void heard(Link from, Publication message) {
        String topic = message.topic();
        if (topic.equals(fenceTopic())) {
            late = late && !new String(message.payload(), StandardCharsets.UTF_8).equals(lastFence);
            return;
        }
        received.increment();
        Publication heard = message.asLate(late);
        if (holds == 0) {
            hand(heard);
        } else if (heldBack.size() < WAITING_IN && incoming.take(heard.size())) {
            heldBack.add(heard);
        } else {
            dropped.increment();
        }
    }

    private void dropped(String topic) {
        received.increment();
        refused.accept(
                topic,
                new Refusal(
                        "invalid",
                        "The response topic has wildcards or is empty, which MQTT does not allow, so the message is dropped."));
    }

    @Override
    public void hold() {
        CountDownLatch held = new CountDownLatch(1);
        onContext(() -> {
            holds++;
            held.countDown();
        });
        try {
            held.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void release() {
        onContext(() -> {
            holds--;
            if (holds == 0) {
                adopt();
                for (Publication next = heldBack.poll(); next != null; next = heldBack.poll()) {
                    incoming.giveBack(next.size());
                    hand(next);
                }
            }
        });
    }

    private void hand(Publication heard) {
        String topic = heard.topic();
        long size = heard.size();
        Optional<Refusal> refusal = null;
        for (Subscription subscription : subscriptions) {
            if (!subscription.fits(topic)) {
                continue;
            }
            if (subscription.guarded()) {
                // once for all of them: the second look would see a duplicate
                if (refusal == null) {
                    Moment sign = lastSign;
                    refusal = guard.judge(heard, sign == null ? null : sign.age());
                    refusal.ifPresent(why -> refused.accept(topic, why));
                }
                if (refusal.isPresent()) {
                    subscription.refused().accept(heard, refusal.get());
                    continue;
                }
            }
            if (!incoming.take(size)) {
                dropped.increment();
            } else {
                subscription.turn().add(new Heard(heard, Moment.now(), size));
            }
        }
    }
}
