// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

import io.micrometer.core.instrument.Counter;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import org.ovosgateway.Backoff;
import org.ovosgateway.Json;
import org.ovosgateway.LogText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;

/**
 * The one connection to the broker: opens it, keeps it open, opens it again, with everything that was subscribed to and all
 * that is retained.
 *
 * <p>All of it happens on one Vert.x context.
 */
final class BrokerConnection implements Link.Listener {

    private static final String ONLINE = "{\"state\":\"online\"}";
    private static final String OFFLINE = "{\"state\":\"offline\"}";
    private static final Duration LINGER = Duration.ofSeconds(5);
    private static final Duration FENCE_LIMIT = Duration.ofSeconds(15);
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(3);
    private static final Duration CLOSE_LIMIT = Duration.ofMillis(500);

    private static final Logger LOG = LoggerFactory.getLogger(BrokerConnection.class);

    private final Vertx vertx;
    private final Context context;
    private final MqttProperties properties;
    private final String clientId;
    private final Subscriptions subscriptions;
    private final Connector links;
    private final Outbox outbox;
    private final Backlog backlog;
    private final Reconnects reconnects;
    private final Counts counts;
    private final Poison poison = new Poison();
    private final Listening listening = new Listening();
    private final List<Runnable> onConnected = new CopyOnWriteArrayList<>();
    /** Filters that the broker knows. */
    private final Set<String> subscribed = new LinkedHashSet<>();

    private volatile Link link;
    private boolean saidUnreachable;
    private Loss.Kind saidKind;
    private boolean stopping;

    // written on the context, read by health checks
    private volatile boolean connected;
    private volatile Instant since = Instant.now();
    private volatile String lastError = "not tried yet";
    private volatile String renewed;

    /** Counts messages and connections. */
    record Counts(Counter received, Counter published, Counter dropped, Counter connects) {}

    /** @param subscriptions are given what is heard */
    BrokerConnection(
            Vertx vertx,
            MqttProperties properties,
            String clientId,
            Subscriptions subscriptions,
            ObjectProvider<LocalBroker> localBroker,
            Connector.Resolver resolver,
            Counts counts) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.properties = properties;
        this.clientId = clientId;
        this.subscriptions = subscriptions;
        this.counts = counts;
        this.links = new Connector(vertx, properties, clientId, localBroker, will(), resolver, this::dropped);
        this.outbox =
                new Outbox(this::onContext, properties.maxWaiting().toBytes(), counts.published(), counts.dropped());
        this.backlog = new Backlog(properties.base() + "/bridge/session/" + clientId);
        this.reconnects = new Reconnects(new Backoff(properties.reconnectDelay(), properties.maxReconnectDelay()));
    }

    boolean isConnected() {
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

    /** See {@link Mqtt#uncertainty}. */
    Duration uncertainty(long nanos) {
        return listening.uncertainty(nanos);
    }

    /** Run on a worker each time the broker is connected again, with subscriptions and retained state in place. */
    void onConnected(Runnable action) {
        onConnected.add(action);
    }

    void publish(Publication message) {
        onContext(() -> outbox.publish(message));
    }

    /** Sends what is retained on these topics again; not while the broker is away, since all of it is sent after that. */
    void repeat(Predicate<String> topics) {
        onContext(() -> {
            if (connected) {
                outbox.repeat(online(), topics);
            }
        });
    }

    /** Somebody wants to hear this. */
    void subscribe(String filter, boolean guarded) {
        onContext(() -> {
            // a filter that was subscribed to already is sent again for what is retained
            if (connected && (subscribed.add(filter) || !guarded)) {
                link.subscribe(List.of(wanted(filter)));
            }
        });
    }

    /** Somebody does not want to hear this any more. */
    void unsubscribe(String filter) {
        // a route that takes the place of this one may want the same
        vertx.setTimer(
                LINGER.toMillis(),
                timer -> onContext(() -> {
                    if (!subscriptions.has(filter) && subscribed.remove(filter) && connected) {
                        link.unsubscribe(filter);
                    }
                }));
    }

    /** Connects, and again whenever the connection is lost. */
    void open() {
        onContext(this::connect);
    }

    /** Says that the gateway goes, and goes. */
    void close() {
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

    /** All state belongs to the context. What fails there costs a connection, never the next attempt. */
    private void onContext(Runnable action) {
        context.runOnContext(nothing -> {
            try {
                action.run();
            } catch (RuntimeException | LinkageError e) {
                LOG.error("The connection to the broker is given up after a failure of the gateway itself", e);
                Link failed = link;
                if (failed == null) {
                    tryLater(reconnects.delay(false));
                } else {
                    failed.abort(new Loss("a failure of the gateway itself: " + e, Loss.Kind.GONE));
                }
            }
        });
    }

    private Publication online() {
        return new Publication(stateTopic(), ONLINE, true);
    }

    private String stateTopic() {
        return properties.base() + "/bridge/state";
    }

    private Publication will() {
        return new Publication(stateTopic(), OFFLINE, true);
    }

    private void connect() {
        if (stopping || link != null) {
            return;
        }
        backlog.connecting();
        link = links.open(this, poison.isToBeLeftBehind());
    }

    @Override
    public void connected(Link from, Terms terms) {
        // before the first message, which may come before the context has its turn
        backlog.connected(terms.sessionPresent());
        listening.begin(backlog.lastSign());
        onContext(() -> {
            if (from != link || stopping) {
                return;
            }
            connected = true;
            reconnects.connected();
            since = Instant.now();
            outbox.open(from, terms);
            counts.connects().increment();
            saidUnreachable = false;
            LOG.info("Connected to the MQTT broker at {}", links.uri());
            terms.limits().forEach(limit -> LOG.warn("The MQTT broker limits the gateway: {}.", limit));
            subscribed.clear();
            subscribed.addAll(subscriptions.filters());
            subscribed.add(backlog.topic());
            from.subscribe(subscribed.stream().map(this::wanted).toList());
            if (terms.sessionPresent()) {
                // before we say that we are there: what is sent to us after that is not late
                fence(from);
            }
            outbox.repeat(online(), topic -> true);
            tellRenewal();
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
        outbox.send(new Publication(
                properties.base() + "/bridge/event",
                Json.write(Map.of("type", "new_session", "data", Map.of("reason", poison.reason()))),
                false));
    }

    /** What comes before it may be late; until then, or until it does not come at all. */
    private void fence(Link from) {
        Publication fence = backlog.fence();
        outbox.send(fence);
        vertx.setTimer(FENCE_LIMIT.toMillis(), timer -> {
            if (from == link) {
                backlog.passed(fence);
            }
        });
    }

    @Override
    public void silentUntilNow(Link from, Moment before) {
        backlog.silentSince(before);
        listening.begin(before);
        onContext(() -> {
            if (from == link && connected) {
                fence(from);
            }
        });
    }

    /** History is of no use to what may only act on what happens; and it may be what cannot be read. */
    private Link.Filter wanted(String filter) {
        return new Link.Filter(filter, subscriptions.wantsHistory(filter) && !poison.isKept());
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
                backlog.awaySince(from.lastSign());
                poison.lost(loss, reconnects.lost());
                pushedOut = reconnects.isSuspicious() && loss.kind() == Loss.Kind.GONE;
            } else {
                links.turn();
            }
            outbox.close();
            lastError = links.learn(loss).reason()
                    + (pushedOut
                            ? ", again soon after it was made; perhaps another client has the same client id, '"
                                    + clientId + "', then give each gateway its own ovos.mqtt.client-id"
                            : "");
            if (!stopping) {
                tell(loss);
                tryLater(reconnects.delay(loss.kind() == Loss.Kind.TAKEN_OVER));
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

    /** Called on the event loop, in the order of the broker: what takes long here holds the connection. */
    @Override
    public void heard(Link from, Publication message) {
        if (message.topic().equals(backlog.topic())) {
            backlog.passed(message);
            return;
        }
        counts.received().increment();
        subscriptions.hear(message.asLate(backlog.isLate()), backlog.lastSign());
    }

    private void dropped(String topic) {
        counts.received().increment();
        subscriptions.refuse(
                topic,
                new Refusal(
                        "invalid",
                        "The response topic has wildcards or is empty, which MQTT does not allow, so the message is dropped."));
    }
}
