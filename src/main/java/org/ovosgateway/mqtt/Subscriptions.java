// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

import io.micrometer.core.instrument.Counter;
import io.vertx.core.Vertx;
import org.eclipse.paho.mqttv5.common.util.MqttTopicValidator;
import org.ovosgateway.Budget;
import org.ovosgateway.InTurn;

/**
 * Who hears which topics: gives each message to all whose filter it fits, on workers, one after the other for each, and lets
 * the guard decide first where it has to.
 *
 * <p>While routes are exchanged it holds messages back, so that none is lost between two versions of a route or handled by
 * both. What waits for a version that is replaced goes to the next one of the same name.
 */
final class Subscriptions {

    private static final int WAITING = 1_000;

    private final Vertx vertx;
    private final Guard guard;
    private final Budget bytes;
    private final Counter dropped;
    private final List<Subscription> all = new CopyOnWriteArrayList<>();

    /** What came while those who hear it change. */
    private final Deque<Arrival> heldBack = new ArrayDeque<>();

    /** What waited for routes that were replaced since. */
    private final List<Orphans> orphans = new ArrayList<>();

    private int holds;
    private volatile BiConsumer<String, Refusal> refused = (topic, refusal) -> {};

    /**
     * @param bytes for the messages that wait
     * @param dropped counts messages that are lost
     */
    Subscriptions(Vertx vertx, Guard guard, long bytes, Counter dropped) {
        this.vertx = vertx;
        this.guard = guard;
        this.bytes = new Budget(bytes);
        this.dropped = dropped;
    }

    /** A message that waits for its turn. */
    private record Heard(Publication message, Moment at, long size) {}

    /** @param lastSign when the broker was heard before the message waited for the gateway; null when that is not known */
    private record Arrival(Publication message, Moment lastSign) {}

    /** Messages that waited for a subscription when it was suspended. */
    private record Orphans(Subscription of, List<Heard> messages) {}

    /**
     * Who hears what comes on a topic, and whether it has to pass the guard.
     *
     * @param name what takes its place has the same one; null: nothing does
     * @param refused gets each message that does not act, and the reason
     */
    record Subscription(
            String name, String filter, boolean guarded, InTurn<Heard> turn, BiConsumer<Publication, Refusal> refused) {

        boolean takesThePlaceOf(Subscription other) {
            return name != null && name.equals(other.name) && filter.equals(other.filter) && guarded == other.guarded;
        }

        boolean fits(String topic) {
            return MqttTopicValidator.isMatched(filter, topic);
        }
    }

    /** @throws IllegalArgumentException when it is no topic filter */
    Subscription add(
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
                new InTurn<>(vertx, WAITING, (heard, done) -> handle(heard, guarded, handler, done), heard -> {
                    bytes.giveBack(heard.size());
                    dropped.increment();
                }),
                refused);
        all.add(subscription);
        return subscription;
    }

    /** Hears nothing new; what waits is handled by the next subscription of the same name, or else by this one. */
    synchronized void suspend(Subscription subscription) {
        all.remove(subscription);
        if (holds > 0) {
            List<Heard> waiting = subscription.turn().takeAll();
            if (!waiting.isEmpty()) {
                orphans.add(new Orphans(subscription, waiting));
            }
        }
    }

    /** Hears nothing any more. */
    void end(Subscription subscription) {
        suspend(subscription);
        subscription.turn().clear();
    }

    /** Is given the topic of each message that the guard refuses. */
    void onRefused(BiConsumer<String, Refusal> listener) {
        refused = listener;
    }

    void refuse(String topic, Refusal refusal) {
        refused.accept(topic, refusal);
    }

    Set<String> filters() {
        Set<String> filters = new LinkedHashSet<>();
        all.forEach(each -> filters.add(each.filter()));
        return filters;
    }

    boolean has(String filter) {
        return all.stream().anyMatch(each -> each.filter().equals(filter));
    }

    /** Whether somebody wants what the broker has kept: of no use to what may only act on what happens. */
    boolean wantsHistory(String filter) {
        return all.stream().anyMatch(each -> !each.guarded() && each.filter().equals(filter));
    }

    /**
     * Never blocks; called in the order of the broker.
     *
     * @param lastSign when the broker was heard before the message waited for the gateway; null when that is not known
     */
    synchronized void hear(Publication message, Moment lastSign) {
        Arrival arrival = new Arrival(message, lastSign);
        if (holds == 0) {
            handOn(arrival);
        } else if (heldBack.size() < WAITING && bytes.take(message.size())) {
            heldBack.add(arrival);
        } else {
            dropped.increment();
        }
    }

    /** Nothing more is handed on, and nothing is lost, until {@link #release}. */
    synchronized void hold() {
        holds++;
    }

    synchronized void release() {
        holds--;
        if (holds > 0) {
            return;
        }
        orphans.forEach(this::adopt);
        orphans.clear();
        for (Arrival next = heldBack.poll(); next != null; next = heldBack.poll()) {
            bytes.giveBack(next.message().size());
            handOn(next);
        }
    }

    private void adopt(Orphans orphaned) {
        InTurn<Heard> turn = all.stream()
                .filter(next -> next.takesThePlaceOf(orphaned.of()))
                .findFirst()
                .orElse(orphaned.of())
                .turn();
        orphaned.messages().forEach(turn::add);
    }

    private void handOn(Arrival arrival) {
        Publication message = arrival.message();
        Optional<Refusal> refusal = null;
        for (Subscription subscription : all) {
            if (!subscription.fits(message.topic())) {
                continue;
            }
            if (subscription.guarded()) {
                // once for all of them: the second look would see a duplicate
                if (refusal == null) {
                    Moment sign = arrival.lastSign();
                    Duration away = sign == null ? null : sign.age();
                    refusal = guard.judge(message, away);
                    refusal.ifPresent(why -> refused.accept(message.topic(), why));
                }
                if (refusal.isPresent()) {
                    subscription.refused().accept(message, refusal.get());
                    continue;
                }
            }
            long size = message.size();
            if (bytes.take(size)) {
                subscription.turn().add(new Heard(message, Moment.now(), size));
            } else {
                dropped.increment();
            }
        }
    }

    private void handle(Heard heard, boolean guarded, BiConsumer<Publication, Runnable> handler, Runnable done) {
        bytes.giveBack(heard.size());
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
}
