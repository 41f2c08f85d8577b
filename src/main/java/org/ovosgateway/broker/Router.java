// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import io.netty.handler.codec.mqtt.MqttReasonCodes.Disconnect;
import org.ovosgateway.Budget;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps sessions and retained messages, and passes messages from publishers to subscribers. On one thread. */
final class Router {

    private static final Logger LOG = LoggerFactory.getLogger(Router.class);
    private static final long NEVER = 0xFFFF_FFFFL;

    private final BrokerProperties.Limits limits;
    private final DeviceTopics topics;
    private final ScheduledExecutorService thread;
    private final Map<String, Session> sessions = new LinkedHashMap<>();
    private final Memory memory;
    private final Retained retained;

    /**
     * @param thread the one on which all of this runs
     * @param lost gets each message that somebody does not get
     */
    Router(
            BrokerProperties.Limits limits,
            DeviceTopics topics,
            Budget budget,
            ScheduledExecutorService thread,
            Runnable lost) {
        this.limits = limits;
        this.topics = topics;
        this.thread = thread;
        this.memory =
                new Memory(budget, sessions.values(), lost, session -> disconnect(session, Disconnect.QUOTA_EXCEEDED));
        this.retained = new Retained(limits, memory);
    }

    /** A client's session, and whether it had it before. */
    record Opened(Session session, boolean resumed) {}

    BrokerProperties.Limits limits() {
        return limits;
    }

    DeviceTopics topics() {
        return topics;
    }

    Memory memory() {
        return memory;
    }

    Retained retained() {
        return retained;
    }

    /** Runs a task when the others have had their turn. */
    void later(Runnable task) {
        thread.execute(task);
    }

    /** Whether a client id is somebody else's; the gateway takes it back. */
    boolean isForeign(String clientId, String user, boolean own) {
        Session session = sessions.get(clientId);
        if (session == null || session.user().equals(user)) {
            return false;
        }
        if (own) {
            disconnect(session, Disconnect.SESSION_TAKEN_OVER);
        }
        return !own;
    }

    /**
     * The session for a client that is let in; another connection of the same client ends.
     *
     * @param own whether it is the gateway itself, for which there is always room
     * @param devices whose topics it may use; a session with others ends, since messages of those may wait in it
     * @param expirySeconds how long it is to be kept when the client is away; shortened to what is allowed
     * @return empty if there are too many clients, or there is no memory for it
     */
    Optional<Opened> open(
            String clientId, String user, boolean own, Set<String> devices, boolean clean, long expirySeconds) {
        Session session = sessions.get(clientId);
        if (session != null && session.connection() != null) {
            session.connection().takenOver();
        }
        if (session != null
                && (clean
                        || !sessions.containsKey(clientId)
                        || !session.devices().equals(devices))) {
            end(session);
            session = null;
        }
        if (!own && connected() >= limits.connections() && !disconnectOneFor(user)) {
            return Optional.empty();
        }
        boolean resumed = session != null;
        if (!resumed) {
            if (sessions.size() >= limits.sessions() && !forgetOne() && !own) {
                return Optional.empty();
            }
            session = new Session(clientId, user, own, this);
            session.devices(devices);
            if (!session.open()) {
                return Optional.empty();
            }
        }
        session.expirySeconds(Math.min(expirySeconds, limits.sessionExpiry().toSeconds()));
        // whoever is away longest comes first
        sessions.remove(clientId);
        sessions.put(clientId, session);
        return Optional.of(new Opened(session, resumed));
    }

    /** A client was not let in after all. */
    void discard(Opened opened) {
        if (!opened.resumed()) {
            end(opened.session());
        } else if (opened.session().connection() == null) {
            away(opened.session(), 0);
        }
    }

    /** Clients that are connected. */
    int connected() {
        int connected = 0;
        for (Session session : sessions.values()) {
            if (session.connection() != null) {
                connected++;
            }
        }
        return connected;
    }

    /** The user with most clients makes room for one who would still have fewer. */
    private boolean disconnectOneFor(String user) {
        Map<String, Integer> counts = counts(session -> session.connection() != null);
        Session last = null;
        int most = counts.getOrDefault(user, 0) + 1;
        for (Session session : sessions.values()) {
            int count = session.connection() == null || session.isOwn() ? 0 : counts.get(session.user());
            if (count > most || last != null && count == most) {
                last = session;
                most = count;
            }
        }
        if (last != null) {
            last.connection().end(Disconnect.QUOTA_EXCEEDED);
        }
        return last != null;
    }

    /** Of the user with most sessions, the client that is away for longest. */
    private boolean forgetOne() {
        Map<String, Integer> counts = counts(session -> true);
        Optional<Session> away = sessions.values().stream()
                .filter(session -> session.connection() == null && !session.isOwn())
                // the first of those that are equal
                .min(Comparator.comparingInt(session -> -counts.get(session.user())));
        away.ifPresent(this::end);
        return away.isPresent();
    }

    private Map<String, Integer> counts(Predicate<Session> condition) {
        Map<String, Integer> counts = new HashMap<>();
        sessions.values().stream().filter(condition).forEach(session -> counts.merge(session.user(), 1, Integer::sum));
        return counts;
    }

    /**
     * A client's connection is gone.
     *
     * @param willDelaySeconds how long its will waits for it to come back; there is no will if it said goodbye
     */
    void away(Session session, long willDelaySeconds) {
        if (!sessions.remove(session.clientId(), session)) {
            return;
        }
        sessions.put(session.clientId(), session);
        session.detach(null);
        if (session.expirySeconds() == 0) {
            end(session);
            return;
        }
        session.detach(after(() -> end(session), session.expirySeconds()));
        if (willDelaySeconds == 0) {
            sendWill(session);
        } else {
            session.willTimer(after(() -> sendWill(session), willDelaySeconds));
        }
    }

    private ScheduledFuture<?> after(Runnable task, long seconds) {
        return seconds == NEVER ? null : thread.schedule(task, seconds, TimeUnit.SECONDS);
    }

    /** Ends the sessions of those who may not be here any more; their wills are not sent. */
    void dismiss() {
        for (Session session : List.copyOf(sessions.values())) {
            if (!session.stays()) {
                session.takeWill();
                disconnect(session, Disconnect.NOT_AUTHORIZED);
            }
        }
    }

    private void disconnect(Session session, Disconnect reason) {
        if (session.connection() != null) {
            session.connection().end(reason);
        }
        end(session);
    }

    private void end(Session session) {
        if (sessions.remove(session.clientId(), session)) {
            sendWill(session);
            session.clear();
        }
    }

    private void sendWill(Session session) {
        PublishedMessage will = session.takeWill();
        if (will != null) {
            // this may be in the middle of a publication
            later(() -> publish(will, null));
        }
    }

    /**
     * Passes a message on to everybody who subscribed, and keeps it if it is to be retained.
     *
     * @param publisher null for a will
     * @return false if there is no room for it
     */
    boolean publish(PublishedMessage message, Session publisher) {
        if (!memory.hold(publisher, message)) {
            memory.lost();
            return false;
        }
        try {
            if (message.retain() && !retained.keep(message)) {
                return false;
            }
            // sessions end meanwhile, when there is no room for what they get
            for (Session session : List.copyOf(sessions.values())) {
                deliver(message, session);
            }
            return true;
        } finally {
            memory.letGo(message);
        }
    }

    private void deliver(PublishedMessage message, Session session) {
        try {
            session.publish(message);
        } catch (RuntimeException e) {
            LOG.error("A message could not be passed on to a client, which is disconnected", e);
            disconnect(session, Disconnect.UNSPECIFIED_ERROR);
        }
    }
}
