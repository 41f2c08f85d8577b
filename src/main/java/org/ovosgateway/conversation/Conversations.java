// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.ovosgateway.Budget;
import org.ovosgateway.Ellipsis;
import org.ovosgateway.LogText;
import org.ovosgateway.assistant.Presence;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.SkillLimits;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.Part;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** All conversations: their owners, their number, and their end. Safe for use by many threads. */
@Component
public class Conversations implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Conversations.class);

    private static final String UNKNOWN_CONVERSATION = "unknown-conversation";

    /** Of the heap, for all sessions together. */
    private static final int SHARE_OF_HEAP = 16;

    private static final Duration SKILLS_TIMEOUT = Duration.ofSeconds(6);
    private static final int MOST_SKILLS = 10_000;
    private static final int LONGEST_QUOTE = 64;
    private static final long EXPIRY_CHECK_MS = 1_000;

    /** Those in which a skill may still ask a question, though their conversation has ended. */
    private static final int MOST_ENDED_SESSIONS = 500;

    /** A core that runs answers in milliseconds. */
    private static final Duration CORE_TIMEOUT = Duration.ofSeconds(2);

    private static final long SHUTDOWN_SECONDS = 3;

    private final Vertx vertx;
    private final Devices devices;
    private final ConversationProperties properties;
    private final Presence presence;
    private final long mostBytes;
    private final Pipelines pipelines = new Pipelines();
    private final List<Consumer<ConversationEvent>> listeners = new CopyOnWriteArrayList<>();

    /** Oldest use first. */
    private final Map<String, Conversation> byId = new LinkedHashMap<>(16, 0.75f, true);

    private final Map<String, Integer> countByUser = new ConcurrentHashMap<>();
    private final List<Runnable> subscriptions = new ArrayList<>();
    private final Map<Device, Set<String>> skillsByDevice = new ConcurrentHashMap<>();
    private final Budget endedSessions = new Budget(MOST_ENDED_SESSIONS);
    private long sessionBytes;
    private long timer = -1;
    private volatile boolean running;

    @Autowired
    Conversations(Vertx vertx, Devices devices, Presence presence, ConversationProperties properties) {
        this(vertx, devices, presence, properties, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    }

    /** @param mostBytes of all sessions together */
    Conversations(Vertx vertx, Devices devices, Presence presence, ConversationProperties properties, long mostBytes) {
        this.vertx = vertx;
        this.devices = devices;
        this.presence = presence;
        this.properties = properties;
        this.mostBytes = mostBytes;
    }

    ConversationProperties properties() {
        return properties;
    }

    Vertx vertx() {
        return vertx;
    }

    Devices devices() {
        return devices;
    }

    /** What a user may use of a device, without the stages that stop the device itself. */
    Future<Bounds> bounds(Device device, SkillLimits limits) {
        return core(device).compose(answers -> boundsOf(device, limits));
    }

    /** Fails at once where the core is known to be away, and is still. */
    private Future<Boolean> core(Device device) {
        if (!presence.isMissing(device.name(), Part.CORE)) {
            return Future.succeededFuture(true);
        }
        return device.isAlive(Part.CORE, CORE_TIMEOUT).onSuccess(back -> presence.check(device.name()));
    }

    private Future<Bounds> boundsOf(Device device, SkillLimits limits) {
        Future<List<String>> stages = pipelines.of(device);
        if (!limits.isAllowList()) {
            return stages.map(pipeline -> new Bounds(pipeline, limits.deniedSkills(Set.of()), limits.deniedIntents()));
        }
        // a skill that is not known cannot be kept out, so they are asked for each time
        return stages.compose(pipeline -> device.skills(SKILLS_TIMEOUT).map(running -> {
            Set<String> skills = skills(device);
            skills.addAll(running);
            return new Bounds(pipeline, limits.deniedSkills(skills), limits.deniedIntents());
        }));
    }

    /** Takes note of a skill that the core does not list, such as one that runs by itself. */
    void learn(Device device, String skill) {
        Set<String> skills = skills(device);
        if (!skill.isEmpty() && skills.size() < MOST_SKILLS) {
            skills.add(skill);
        }
    }

    private Set<String> skills(Device device) {
        return skillsByDevice.computeIfAbsent(device, first -> ConcurrentHashMap.newKeySet());
    }

    /**
     * Adds a listener for the events of all conversations. It is called on the event loops of their devices, so it must not
     * block.
     *
     * @return removes the listener
     */
    public Runnable onEvent(Consumer<ConversationEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    void publish(ConversationEvent event) {
        for (Consumer<ConversationEvent> listener : listeners) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                LOG.error("An event of a conversation could not be handled: {}", LogText.of(e));
            }
        }
    }

    /**
     * Begins a conversation. Where there are too many, the one that was idle for longest ends.
     *
     * @throws ProblemException 429 when none is idle
     */
    Conversation begin(Caller owner, Device device) {
        Conversation begun = new Conversation(UUID.randomUUID().toString(), owner, device, this);
        String user = owner.id();
        Conversation ended = null;
        boolean hasRoom = true;
        synchronized (byId) {
            boolean full = byId.size() >= properties.most();
            if (full || countByUser.getOrDefault(user, 0) >= properties.mostPerUser()) {
                ended = longestIdle(full ? null : user);
                hasRoom = ended != null;
                if (hasRoom) {
                    remove(ended);
                }
            }
            if (hasRoom) {
                byId.put(begun.id(), begun);
                countByUser.merge(user, 1, Integer::sum);
                sessionBytes += begun.size();
            }
        }
        if (ended != null) {
            ended.end("made-room");
        }
        if (!hasRoom) {
            begun.end("refused");
            throw tooMany();
        }
        return begun;
    }

    /**
     * The conversation of this id.
     *
     * @throws ProblemException 404 when there is none, or when it belongs to somebody else
     */
    Conversation get(String id, Caller caller) {
        Conversation conversation = find(id, caller);
        if (conversation == null) {
            throw unknownConversation(id);
        }
        return conversation;
    }

    /** The same; null when there is none. */
    Conversation find(String id, Caller caller) {
        synchronized (byId) {
            Conversation conversation = byId.get(id);
            return conversation != null && conversation.owner().id().equals(caller.id()) ? conversation : null;
        }
    }

    void end(Conversation conversation, String reason) {
        synchronized (byId) {
            if (byId.get(conversation.id()) != conversation) {
                return;
            }
            remove(conversation);
        }
        conversation.end(reason);
    }

    /** Counts the bytes by which a session grows; false where there is no room for them. */
    boolean resize(Conversation conversation, int growth) {
        List<Conversation> ended = new ArrayList<>();
        boolean hasRoom;
        synchronized (byId) {
            if (byId.get(conversation.id()) != conversation) {
                return false;
            }
            while (growth > 0 && sessionBytes + growth > mostBytes) {
                Conversation idle = longestIdle(null);
                if (idle == null || idle == conversation) {
                    break;
                }
                remove(idle);
                ended.add(idle);
            }
            hasRoom = growth <= 0 || sessionBytes + growth <= mostBytes;
            if (hasRoom) {
                sessionBytes += growth;
                conversation.resize(growth);
            }
        }
        ended.forEach(one -> one.end("made-room"));
        return hasRoom;
    }

    /** @param user whose conversations count; null for those of all users */
    private Conversation longestIdle(String user) {
        for (Conversation conversation : byId.values()) {
            if (conversation.isIdle()
                    && (user == null || user.equals(conversation.owner().id()))) {
                return conversation;
            }
        }
        return null;
    }

    private void remove(Conversation conversation) {
        byId.remove(conversation.id());
        sessionBytes -= conversation.size();
        countByUser.computeIfPresent(conversation.owner().id(), (user, count) -> count > 1 ? count - 1 : null);
    }

    /** Listens in the session of a conversation that has ended; in many of them, though, only to what was cancelled there. */
    void listenOn(Device device, ObjectNode session, PendingQuestion question, String unfinished) {
        boolean listens = unfinished != null && endedSessions.take(1);
        Future<Void> over = EndedSession.listen(device, session, question, listens ? unfinished : null);
        if (listens) {
            over.onComplete(now -> endedSessions.giveBack(1));
        }
    }

    /** @param now as {@link System#nanoTime} */
    void removeExpired(long now) {
        List<Conversation> expired = new ArrayList<>();
        synchronized (byId) {
            for (Conversation conversation : byId.values()) {
                if (!conversation.isAnswering()
                        && now - conversation.lastUsed()
                                > properties.expireAfter().toNanos()) {
                    expired.add(conversation);
                }
            }
            expired.forEach(this::remove);
        }
        expired.forEach(conversation -> conversation.end("expired"));
    }

    static ProblemException unknownConversation(String id) {
        return new ProblemException(new Problem(
                UNKNOWN_CONVERSATION,
                "There is no such conversation",
                404,
                "You have no conversation '%s': it was ended, or nothing was said in it for some time. Begin a new one without conversation_id."
                        .formatted(Ellipsis.cut(id, LONGEST_QUOTE))));
    }

    static boolean isUnknownConversation(Throwable cause) {
        return cause instanceof ProblemException problem
                && problem.problem().type().equals(UNKNOWN_CONVERSATION);
    }

    private static ProblemException tooMany() {
        return new ProblemException(new Problem(
                        "too-many-conversations",
                        "There are too many conversations",
                        429,
                        "As many as one user may have, or the gateway, are being answered or wait for an answer. End some, or try again later.")
                .header("Retry-After", "5"));
    }

    @Override
    public void start() {
        running = true;
        timer = vertx.setPeriodic(
                Math.min(EXPIRY_CHECK_MS, Math.max(1, properties.expireAfter().toMillis() / 2)),
                tick -> removeExpired(System.nanoTime()));
        for (Device device : devices.all()) {
            subscriptions.add(device.onLink(up -> updateLink(device, up)));
            subscriptions.add(device.onSkill(skill -> learn(device, skill)));
        }
    }

    private void updateLink(Device device, boolean up) {
        pipelines.forget(device);
        if (!up) {
            List<Conversation> affected;
            synchronized (byId) {
                affected = byId.values().stream()
                        .filter(conversation -> conversation.device() == device)
                        .toList();
            }
            affected.forEach(Conversation::disconnect);
        }
    }

    @Override
    public void stop() {
        running = false;
        vertx.cancelTimer(timer);
        subscriptions.forEach(Runnable::run);
        subscriptions.clear();
        List<Conversation> all;
        synchronized (byId) {
            all = List.copyOf(byId.values());
            all.forEach(this::remove);
        }
        awaitEnd(all.stream().map(conversation -> conversation.end("shutdown")).toList());
    }

    /** The connection to the bus ends next. */
    private static void awaitEnd(List<Future<Void>> ends) {
        try {
            Future.join(ends).toCompletionStage().toCompletableFuture().get(SHUTDOWN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("Not all questions of skills could be cancelled");
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** After the devices, and stopped before them. */
    @Override
    public int getPhase() {
        return 1;
    }
}
