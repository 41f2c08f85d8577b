// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.apache.camel.Header;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.bus.Part;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Knows which parts of each device answer, and has its properties asked for: when it or a part is there again, and every now
 * and then, since the bus does not report each change. Routes call it as the bean {@code presence}.
 */
@Component("presence")
public class Presence implements SmartLifecycle {

    /** A part that runs answers in milliseconds. */
    private static final Duration SOON = Duration.ofSeconds(2);

    /** A core that loads skills took 5.5 seconds. */
    private static final Duration PATIENT = Duration.ofSeconds(8);

    private static final Duration DOUBTFUL = Duration.ofSeconds(1);

    /** While it is away or busy, or its processes may still be coming back: they take up to a minute after the bus. */
    private static final Duration IMPATIENT = Duration.ofSeconds(5);

    private static final Duration COMING_BACK = Duration.ofMinutes(1);

    /** What it does not do for long, so that one who never stops is found out. */
    private static final Set<String> BUSY = Set.of("listening", "processing", "speaking");

    private static final String STATE = "state";

    /** Whether a device can be used. */
    public enum State {
        ONLINE,
        /** Its core runs, but has not loaded its skills. */
        STARTING,
        OFFLINE
    }

    private final Vertx vertx;
    private final Readings readings;
    private final Activity activity;
    private final SpeechEvents speech;
    private final Loudspeaker loudspeaker;
    private final States states;
    private final Duration interval;
    private final boolean asks;
    private final Map<String, Watch> watches = new TreeMap<>();
    private final List<BiConsumer<String, Boolean>> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean running;

    Presence(
            Vertx vertx,
            Devices devices,
            Readings readings,
            Activity activity,
            SpeechEvents speech,
            Loudspeaker loudspeaker,
            States states,
            AssistantProperties properties) {
        this.vertx = vertx;
        this.readings = readings;
        this.activity = activity;
        this.speech = speech;
        this.loudspeaker = loudspeaker;
        this.states = states;
        this.interval = properties.checkInterval();
        this.asks = properties.asks();
        devices.all().forEach(device -> watches.put(device.name(), new Watch(device)));
        readings.onSilence(this::check);
        states.onChange((device, property, value) -> {
            if (property.equals(STATE) && value instanceof String word && BUSY.contains(word)) {
                // whoever changes a state must not wait for a check
                vertx.runOnContext(then -> watches.get(device).hurry());
            }
        });
    }

    /**
     * Calls this, from now on, with the name of a device and whether it is online, at each change; must not block.
     *
     * @return ends it
     */
    public Runnable onChange(BiConsumer<String, Boolean> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Whether the core of a device has loaded its skills, and answered when it was last asked. */
    public boolean isOnline(String device) {
        return state(device) == State.ONLINE;
    }

    /** Whether a device can be used. */
    public State state(String device) {
        State known = watches.get(device).state;
        return known == null ? State.OFFLINE : known;
    }

    /** Whether a part of a device answered when it was last asked. */
    public boolean isPresent(String device, Part part) {
        return watches.get(device).isPresent(part);
    }

    /** Whether a part of a device did not answer when it was last asked, or the bus was away since; false where nobody asks. */
    public boolean isMissing(String device, Part part) {
        return watches.get(device).isMissing(part);
    }

    /** Since when its {@link #state} is what it is. */
    public Instant since(String device) {
        return watches.get(device).since;
    }

    /** Asks all devices for all their properties. */
    public void askAgain() {
        watches.keySet().forEach(readings::readAll);
    }

    /** Asks a device for its parts at once, such as when one has not answered. */
    public void check(String device) {
        watches.get(device).check();
    }

    /**
     * The core of a device has loaded its skills, if it runs. It says that it is ready when its intents have been trained,
     * for which it waits a minute where nobody trains.
     */
    public void skillsLoaded(@Header(OvosConstants.DEVICE) String device) {
        watches.get(device).skillsLoaded();
    }

    @Override
    public void start() {
        running = true;
        watches.values().forEach(Watch::start);
    }

    @Override
    public void stop() {
        running = false;
        watches.values().forEach(Watch::stop);
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** After the devices, and after those who listen. */
    @Override
    public int getPhase() {
        return 20;
    }

    /** One device. */
    private final class Watch {

        private final Device device;
        private Runnable unlisten = () -> {};
        private volatile State state;
        private volatile Instant since = Instant.now();

        // all below is guarded by this
        private final Map<Part, Boolean> present = new EnumMap<>(Part.class);
        private final Map<Part, Boolean> missed = new EnumMap<>(Part.class);
        /** Null before it is known. */
        private Boolean loaded;

        private boolean saidReady;
        private boolean missedReady;
        private long backSince = System.nanoTime();
        private long timer = -1;
        private long due;
        private long checks;
        private boolean checking;

        Watch(Device device) {
            this.device = device;
        }

        void start() {
            unlisten = device.onLink(this::linkChanged);
            if (device.isConnected()) {
                check();
            } else {
                linkChanged(false);
            }
        }

        synchronized void stop() {
            unlisten.run();
            checks++;
            checking = false;
            vertx.cancelTimer(timer);
        }

        synchronized boolean isPresent(Part part) {
            return Boolean.TRUE.equals(present.get(part));
        }

        synchronized boolean isMissing(Part part) {
            return asks && Boolean.FALSE.equals(present.get(part));
        }

        void skillsLoaded() {
            synchronized (this) {
                loaded = true;
            }
            tell();
        }

        private void linkChanged(boolean up) {
            synchronized (this) {
                missed.clear();
                backSince = System.nanoTime();
                checks++;
                checking = false;
                if (!up) {
                    isGone();
                    for (Part part : Part.values()) {
                        present.put(part, false);
                    }
                }
            }
            // also when it is back: what was heard last may have been waiting to be handled
            speech.forget(device.name());
            if (!asks) {
                return;
            }
            activity.forget(device.name());
            if (up) {
                check();
            } else {
                loudspeaker.forget(device.name());
                tell();
            }
        }

        private void check() {
            long mine;
            synchronized (this) {
                if (!running || !asks || checking || !device.isConnected()) {
                    return;
                }
                checking = true;
                vertx.cancelTimer(timer);
                // an answer to an earlier check no longer counts
                mine = ++checks;
            }
            Future.join(List.of(Part.values()).stream()
                            .map(part -> asked(part, mine))
                            .toList())
                    .onComplete(done -> checked(mine));
        }

        private Future<Boolean> asked(Part part, long check) {
            Duration within;
            synchronized (this) {
                within = part == Part.CORE && missed.containsKey(part) ? PATIENT : SOON;
            }
            Future<Boolean> alive = device.isAlive(part, within).onComplete(answer -> {
                if (answer.succeeded()) {
                    answered(part, check, answer.result());
                } else {
                    silent(part, check);
                }
            });
            if (part != Part.CORE) {
                return alive;
            }
            Future<Boolean> ready = device.isReady(part, within).onComplete(answer -> {
                if (answer.succeeded()) {
                    isReady(check, answer.result());
                } else {
                    isReadyUnanswered(check);
                }
            });
            return Future.join(alive, ready).mapEmpty();
        }

        private void answered(Part part, long check, boolean alive) {
            synchronized (this) {
                if (isOutdated(check)) {
                    return;
                }
                missed.remove(part);
            }
            is(part, alive);
        }

        private void silent(Part part, long check) {
            synchronized (this) {
                if (isOutdated(check)) {
                    return;
                }
                // one answer may come too late on a busy machine
                if (isPresent(part) && missed.put(part, true) == null) {
                    return;
                }
                missed.remove(part);
            }
            is(part, false);
        }

        private void isReady(long check, boolean ready) {
            synchronized (this) {
                if (isOutdated(check)) {
                    return;
                }
                missedReady = false;
                if (ready || loaded == null || saidReady) {
                    loaded = ready;
                }
                // else it waits for a training
                saidReady = ready;
            }
            tell();
        }

        private synchronized void isReadyUnanswered(long check) {
            if (!isOutdated(check) && loaded == null && isPresent(Part.CORE)) {
                // one that answers, but never this, is another program
                loaded = missedReady ? true : null;
                missedReady = true;
            }
        }

        private void checked(long check) {
            boolean anybody;
            synchronized (this) {
                if (isOutdated(check)) {
                    return;
                }
                checking = false;
                anybody = present.containsValue(true);
                boolean comingBack = System.nanoTime() - backSince < COMING_BACK.toNanos();
                boolean calm = state == State.ONLINE && !comingBack && !BUSY.contains(states.of(device.name(), STATE));
                next(missed.isEmpty() ? calm ? interval : IMPATIENT : DOUBTFUL);
            }
            if (anybody) {
                readings.readAll(device.name());
            }
        }

        /** A later one has begun, or nobody wants to know any more. */
        private boolean isOutdated(long check) {
            return check != checks || !running;
        }

        private void isGone() {
            loaded = null;
            saidReady = false;
            missedReady = false;
        }

        /** It does something that it may not tell the end of. */
        synchronized void hurry() {
            if (!checking && running && asks && due - System.nanoTime() > IMPATIENT.toNanos()) {
                vertx.cancelTimer(timer);
                next(IMPATIENT);
            }
        }

        private void next(Duration after) {
            long millis = Math.max(1, Math.min(interval.toMillis(), after.toMillis()));
            due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            timer = vertx.setTimer(millis, now -> check());
        }

        private void is(Part part, boolean now) {
            Boolean before;
            synchronized (this) {
                before = present.put(part, now);
                if (before != null && before != now) {
                    backSince = System.nanoTime();
                }
                if (part == Part.CORE && !now) {
                    isGone();
                }
            }
            if (before == null || before != now) {
                if (!now) {
                    if (part == Part.PHAL) {
                        loudspeaker.forget(device.name());
                    }
                    if (part == Part.AUDIO) {
                        speech.forget(device.name());
                    }
                    String word = activity.gone(device.name(), part);
                    if (states.of(device.name(), STATE) != null) {
                        states.set(device.name(), STATE, word);
                    }
                }
                tell();
                readings.changed(device.name(), part, this::isPresent);
            }
        }

        /** Tells which parts there are, and whether it is online, as far as that is known and has changed. */
        private synchronized void tell() {
            if (present.size() == Part.values().length) {
                Map<String, Object> parts = new LinkedHashMap<>();
                parts.put("bus", device.isConnected());
                present.forEach((part, answers) -> parts.put(part.label(), answers));
                states.set(device.name(), "parts", parts);
            }
            if (present.containsKey(Part.CORE) && !(isPresent(Part.CORE) && loaded == null)) {
                is(isPresent(Part.CORE) ? loaded ? State.ONLINE : State.STARTING : State.OFFLINE);
            }
        }

        private void is(State now) {
            State before = state;
            if (before != now) {
                state = now;
                since = Instant.now();
                boolean online = now == State.ONLINE;
                if (before == null || online != (before == State.ONLINE)) {
                    listeners.forEach(listener -> listener.accept(device.name(), online));
                }
            }
        }
    }
}
