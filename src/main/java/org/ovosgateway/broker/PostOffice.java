// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sessions and retained messages, and the way of a message from who publishes to who subscribed. On one thread. */
final class PostOffice {

    private static final Logger LOG = LoggerFactory.getLogger(PostOffice.class);
    private static final long NEVER = 0xFFFF_FFFFL;

    private final BrokerProperties.Limits limits;
    private final ScheduledExecutorService thread;
    private final Map<String, Session> sessions = new LinkedHashMap<>();
    private final Map<String, Message> retained = new HashMap<>();
    private final Waiting waiting;
    private long retainedBytes;
    private boolean warned;

    /**
     * @param thread the one on which all of this runs
     * @param lost is told of each message that somebody does not get
     */
    PostOffice(BrokerProperties.Limits limits, ScheduledExecutorService thread, Runnable lost) {
        this.limits = limits;
        this.thread = thread;
        this.waiting = new Waiting(sessions.values(), limits.waiting().toBytes(), lost);
    }

    /** A client's session, and whether it had it before. */
    record Opened(Session session, boolean resumed) {}

    /** Whether a client id is somebody else's. */
    boolean isForeign(String clientId, String user) {
        Session session = sessions.get(clientId);
        return session != null && !session.user().equals(user);
    }

    /**
     * The session for a client that is let in; another connection of the same client ends.
     *
     * @param expirySeconds how long it is to be kept when the client is away; shortened to what is allowed
     * @return empty if there are too many, all of them of clients that are there
     */
    Optional<Opened> open(String clientId, String user, boolean clean, long expirySeconds) {
        Session session = sessions.get(clientId);
        if (session != null && session.connection() != null) {
            session.connection().takenOver();
        }
        if (session != null && (clean || !sessions.containsKey(clientId))) {
            end(session);
            session = null;
        }
        boolean resumed = session != null;
        if (!resumed) {
            if (sessions.size() >= limits.sessions() && !forgetOne()) {
                return Optional.empty();
            }
            session = new Session(clientId, user, waiting, limits.queue());
            sessions.put(clientId, session);
        }
        session.expirySeconds(Math.min(expirySeconds, limits.sessionExpiry().toSeconds()));
        // whoever is away longest comes first
        sessions.remove(clientId);
        sessions.put(clientId, session);
        return Optional.of(new Opened(session, resumed));
    }

    private boolean forgetOne() {
        Optional<Session> away =
                sessions.values().stream().filter(s -> s.connection() == null).findFirst();
        away.ifPresent(this::end);
        return away.isPresent();
    }

    /**
     * A client's connection is gone.
     *
     * @param willDelaySeconds how long its will waits for it to come back; there is no will if it said goodbye
     */
    void away(Session session, long willDelaySeconds) {
        sessions.remove(session.clientId());
        if (session.expirySeconds() == 0) {
            end(session, true);
            return;
        }
        sessions.put(session.clientId(), session);
        session.detach(later(() -> end(session), session.expirySeconds()));
        if (willDelaySeconds == 0) {
            sendWill(session);
        } else {
            session.willTimer(later(() -> sendWill(session), willDelaySeconds));
        }
    }

    private ScheduledFuture<?> later(Runnable task, long seconds) {
        return seconds == NEVER ? null : thread.schedule(task, seconds, TimeUnit.SECONDS);
    }

    private void end(Session session) {
        end(session, sessions.remove(session.clientId(), session));
    }

    private void end(Session session, boolean wasThere) {
        if (wasThere) {
            Message will = session.takeWill();
            session.clear();
            if (will != null) {
                publish(will);
            }
        }
    }

    private void sendWill(Session session) {
        Message will = session.takeWill();
        if (will != null) {
            publish(will);
        }
    }

    /** Passes a message on to everybody who subscribed, and keeps it if it is to be retained; false if it cannot be kept. */
    boolean publish(Message message) {
        if (message.retain() && !retain(message)) {
            return false;
        }
        // a queue that makes room never ends a session
        sessions.values().forEach(session -> session.publish(message));
        return true;
    }

    private boolean retain(Message message) {
        Message before = retained.get(message.topic());
        long bytes = retainedBytes - (before == null ? 0 : before.size());
        if (message.payload().length == 0) {
            retained.remove(message.topic());
            retainedBytes = bytes;
            return true;
        }
        if (!fits(message, before, bytes)) {
            dropExpired();
            before = retained.get(message.topic());
            bytes = retainedBytes - (before == null ? 0 : before.size());
            if (!fits(message, before, bytes)) {
                if (!warned) {
                    warned = true;
                    LOG.warn(
                            "The MQTT broker keeps {} retained messages already, with {} bytes; more are refused,"
                                    + " see ovos.mqtt.broker.limits",
                            retained.size(),
                            retainedBytes);
                }
                return false;
            }
        }
        retained.put(message.topic(), message);
        retainedBytes = bytes + message.size();
        return true;
    }

    private boolean fits(Message message, Message before, long bytes) {
        return bytes + message.size() <= limits.retainedMemory().toBytes()
                && (before != null || retained.size() < limits.retained());
    }

    private void dropExpired() {
        retained.values().removeIf(message -> {
            if (message.isExpired()) {
                retainedBytes -= message.size();
                return true;
            }
            return false;
        });
    }

    /** Sends what is retained and fits a subscription just made. */
    void replay(Session session, String filter) {
        // with wildcards the order is that of the topics, the same each time
        List<Message> messages = retained.values().stream()
                .filter(message -> !message.isExpired())
                .sorted(Comparator.comparing(Message::topic))
                .toList();
        messages.forEach(message -> session.replay(message, filter));
    }
}
