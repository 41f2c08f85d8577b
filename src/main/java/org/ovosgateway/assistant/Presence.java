// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

import io.vertx.core.Vertx;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.Devices;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Knows whether the core of each device answers, and has its properties asked for: when it is there again, and every now and
 * then, since the bus does not report each change.
 */
@Component
public class Presence implements SmartLifecycle {

    /** While it is away, or its processes may still be coming back: they take up to a minute after the bus. */
    private static final Duration IMPATIENT = Duration.ofSeconds(5);

    private static final Duration COMING_BACK = Duration.ofMinutes(1);

    private final Vertx vertx;
    private final Readings readings;
    private final Activity activity;
    private final Duration interval;
    private final boolean asks;
    private final Map<String, Watch> watches = new TreeMap<>();
    private final List<BiConsumer<String, Boolean>> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean running;

    Presence(Vertx vertx, Devices devices, Readings readings, Activity activity, AssistantProperties properties) {
        this.vertx = vertx;
        this.readings = readings;
        this.activity = activity;
        this.interval = properties.checkInterval();
        this.asks = properties.asks();
        devices.all().forEach(device -> watches.put(device.name(), new Watch(device)));
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

    /** Whether the core of a device answered when it was last asked. */
    public boolean isOnline(String device) {
        return Boolean.TRUE.equals(watches.get(device).online);
    }

    /** Since when it is online, or is not. */
    public Instant since(String device) {
        return watches.get(device).since;
    }

    /** Asks all devices for all their properties. */
    public void askAgain() {
        watches.keySet().forEach(readings::readAll);
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
        private volatile Boolean online;
        private volatile Instant since = Instant.now();
        private boolean missed;
        private long upSince = System.nanoTime();
        private long timer = -1;
        private long checks;

        Watch(Device device) {
            this.device = device;
        }

        void start() {
            unlisten = device.onLink(this::linkChanged);
            check();
        }

        synchronized void stop() {
            unlisten.run();
            checks++;
            vertx.cancelTimer(timer);
        }

        private void linkChanged(boolean up) {
            synchronized (this) {
                missed = false;
                upSince = System.nanoTime();
            }
            if (up) {
                check();
            } else {
                activity.forget(device.name());
                is(false);
            }
        }

        private void check() {
            long mine;
            synchronized (this) {
                if (!running || !asks) {
                    return;
                }
                vertx.cancelTimer(timer);
                // an answer to an earlier check no longer counts
                mine = ++checks;
            }
            device.isAlive().onSuccess(alive -> checked(mine, alive));
        }

        private void checked(long check, boolean alive) {
            boolean doubtful;
            synchronized (this) {
                if (check != checks || !running) {
                    return;
                }
                // one answer may come too late on a busy machine
                doubtful = !alive && device.isConnected() && Boolean.TRUE.equals(online) && !missed;
                missed = !alive;
                boolean comingBack = System.nanoTime() - upSince < COMING_BACK.toNanos();
                long next = alive && !comingBack ? interval.toMillis() : Math.min(interval.toMillis(), soon(doubtful));
                timer = vertx.setTimer(Math.max(1, next), due -> check());
            }
            if (!doubtful) {
                is(alive);
            }
            if (alive) {
                readings.readAll(device.name());
            }
        }

        private static long soon(boolean doubtful) {
            return doubtful ? TimeUnit.SECONDS.toMillis(1) : IMPATIENT.toMillis();
        }

        private synchronized void is(boolean now) {
            if (online == null || online != now) {
                online = now;
                since = Instant.now();
                listeners.forEach(listener -> listener.accept(device.name(), now));
            }
        }
    }
}
