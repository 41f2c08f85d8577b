// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.awaitility.core.ConditionFactory;
import org.ovosgateway.demo.AssistantPart;
import org.ovosgateway.demo.Message;
import org.ovosgateway.demo.SimulatedAssistant;

import static org.awaitility.Awaitility.await;

/** The simulated assistant, seen as the real ones are. */
final class SimulatedLine implements Assistant {

    private static final ConditionFactory PATIENTLY = await().atMost(Duration.ofSeconds(30));
    /** As slow as a real voice: a long text can be stopped long before its end. */
    private static final int LETTERS_PER_SECOND = 20;

    private static final String SKILL = "ovos-skill-date-time.openvoiceos";

    private final FakeBus bus = new FakeBus(SimulatedAssistant.builder()
            .apiKey(Gateway.API_KEY)
            .alerts()
            .listening(Duration.ofSeconds(5))
            .speech(text -> Duration.ofMillis(500 + 1_000L * text.length() / LETTERS_PER_SECOND)));
    private final SimulatedAssistant device = bus.assistant();
    private final Recording loudspeaker = new Recording();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    SimulatedLine() {
        clock.scheduleAtFixedRate(
                () -> loudspeaker.take(sounds()), 0, Recording.WINDOW.toMillis(), TimeUnit.MILLISECONDS);
    }

    private boolean sounds() {
        return (device.isSpeaking() || device.isSounding()) && !device.isVolumeMuted() && volume() > 0;
    }

    @Override
    public Line line() {
        return Line.SIMULATED;
    }

    @Override
    public int busPort() {
        return bus.port();
    }

    @Override
    public BusClient overhear() {
        try {
            return new BusClient(bus.vertx(), bus());
        } catch (Exception e) {
            throw new IllegalStateException("the bus is not there", e);
        }
    }

    @Override
    public GatewayTraffic overhearGateway() {
        try {
            return new GatewayTraffic(bus.vertx(), bus());
        } catch (Exception e) {
            throw new IllegalStateException("the bus is not there", e);
        }
    }

    @Override
    public void hear(String phrase) {
        device.hear(phrase);
    }

    @Override
    public Recording loudspeaker() {
        return loudspeaker;
    }

    @Override
    public int volume() {
        return (int) Math.round(device.volume() * 100);
    }

    @Override
    public boolean isVolumeMuted() {
        return device.isVolumeMuted();
    }

    @Override
    public void turnVolume(int percent) {
        bus.send("mycroft.volume.set", Map.of("percent", percent / 100.0, "play_sound", false));
        PATIENTLY.until(() -> volume() == percent);
    }

    @Override
    public String skill() {
        return SKILL;
    }

    @Override
    public long cachedSounds() {
        throw new UnsupportedOperationException("its voice keeps nothing");
    }

    @Override
    public void kill(AssistantPart part) {
        device.switchOff(part);
    }

    @Override
    public void freeze(AssistantPart part) {
        device.switchOff(part);
    }

    @Override
    public void thaw(AssistantPart part) {
        device.switchOn(part);
    }

    @Override
    public void start(AssistantPart part) {
        device.switchOn(part);
    }

    @Override
    public void reset() {
        for (AssistantPart part : AssistantPart.values()) {
            device.switchOn(part);
        }
        try (BusClient client = overhear()) {
            client.send(Message.bare("mycroft.stop", Message.object()));
            client.send(Message.bare("recognizer_loop:wake_up", Message.object()));
            client.send(Message.bare("mycroft.mic.unmute", Message.object()));
            client.send(Message.bare("mycroft.volume.unmute", Message.object()));
            client.send(Message.bare("skillmanager.activate", Message.object().put("skill", SKILL)));
            PATIENTLY.until(() -> !device.isMuted()
                    && !device.isVolumeMuted()
                    && !device.isAsleep()
                    && device.activeSkills().contains(SKILL));
        }
        turnVolume(50);
        loudspeaker.awaitPause();
    }

    @Override
    public void close() {
        clock.shutdownNow();
        bus.close();
    }
}
