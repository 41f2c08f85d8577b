// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.state;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import io.vertx.core.Vertx;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.mqtt.ConditionalOnMqtt;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Tells on {@code <base>/<device>/availability} whether the core of a device answers, and has its properties asked for:
 * when it is there again, when the broker is, and every now and then, since not each change is told on the bus.
 */
@Component
@ConditionalOnMqtt
class Presence implements SmartLifecycle {

    /** While it is away, or its processes may still be coming back: they take up to a minute after the bus. */
    private static final Duration IMPATIENT = Duration.ofSeconds(5);

    private static final Duration COMING_BACK = Duration.ofMinutes(1);

    private final Vertx vertx;
    private final Publisher publisher;
    private final Readings readings;
    private final Activity activity;
    private final Duration interval;
    private final Map<String, Watch> watches = new TreeMap<>();
    private volatile boolean running;

    Presence(
            Vertx vertx,
            Devices devices,
            Publisher publisher,
            Readings readings,
            Activity activity,
            StateProperties properties) {
        this.vertx = vertx;
        this.publisher = publisher;
        this.readings = readings;
        this.activity = activity;
        this.interval = properties.checkInterval();
        devices.all().forEach(device -> watches.put(device.name(), new Watch(device)));
        publisher.onConnected(() -> watches.keySet().forEach(readings::readAll));
    }

    /** Whether the core of a device answered when it was last asked. */
    boolean isOnline(String device) {
        return Boolean.TRUE.equals(watches.get(device).online);
    }

    Collection<String> devices() {
        return watches.keySet();
    }

    boolean isConnected(String device) {
        return watches.get(device).device.isConnected();
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

    /** After devices and publisher. */
    @Override
    public int getPhase() {
        return 20;
    }

    /** One device. */
    private final class Watch {

        private final Device device;
        private Runnable unlisten = () -> {};
        private volatile Boolean online;
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
                tell(false);
            }
        }

        private void check() {
            long mine;
            synchronized (this) {
                if (!running) {
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
                tell(alive);
            }
            if (alive) {
                readings.readAll(device.name());
            }
        }

        private static long soon(boolean doubtful) {
            return doubtful ? TimeUnit.SECONDS.toMillis(1) : IMPATIENT.toMillis();
        }

        private synchronized void tell(boolean now) {
            if (online == null || online != now) {
                online = now;
                publisher.publish(
                        publisher.base() + "/" + device.name() + "/availability",
                        now ? "{\"state\":\"online\"}" : "{\"state\":\"offline\"}",
                        true);
            }
        }
    }
}
