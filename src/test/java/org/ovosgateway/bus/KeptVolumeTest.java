// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.Message;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.ovosgateway.bus.TestDevice.data;
import static org.ovosgateway.bus.TestDevice.get;

class KeptVolumeTest {

    private static final Map<String, ?> BY_THE_LISTENER = Map.of("skill_id", "dinkum-listener");

    @RegisterExtension
    final FakeBus bus = new FakeBus();

    @RegisterExtension
    final TestDevice test = new TestDevice(bus);

    @Test
    void givesBackWhatTheListenerHasLowered() throws Throwable {
        // as PulseAudio tells 40 of 100
        announce(0.399993896484375);
        beginsToRecord();
        announce(0.3);

        tell("recognizer_loop:state.set");

        assertThat(bus.awaitFrame("mycroft.volume.set").data())
                .isEqualTo(data("percent", 0.4).put("play_sound", false));
    }

    /** It lowers the volume, waits whether somebody wakes it up, and tells no end. */
    @Test
    void givesBackWhatAListenerHasLoweredThatSleepsOn() {
        AtomicInteger times = new AtomicInteger();
        bus.whenAsked("recognizer_loop:state.get")
                .answer(asked -> asked.reply(
                        "recognizer_loop:state", data("state", times.incrementAndGet() == 1 ? "wake_up" : "sleeping")));
        announce(0.4);

        beginsToRecord();

        assertThat(bus.awaitFrame("mycroft.volume.set").data().path("percent").asDouble())
                .isEqualTo(0.4);
        assertThat(bus.frames("recognizer_loop:state.get")).hasSize(2);
    }

    @Test
    void leavesTheVolumeLowWhileSomebodyIsListenedTo() throws Throwable {
        bus.whenAsked("recognizer_loop:state.get")
                .answer(asked -> asked.reply("recognizer_loop:state", data("state", "in_cmd")));
        announce(0.4);
        beginsToRecord();
        bus.awaitFrame("recognizer_loop:state.get");
        get(test.device().tell("marker", data("a", 1)));
        get(test.device().tell("marker", data("a", 1)));

        assertThat(bus.frames("mycroft.volume.set")).isEmpty();
    }

    @Test
    void givesBackWhatSomebodyHasSetMeanwhile() throws Throwable {
        announce(0.4);
        beginsToRecord();
        bus.send("volume.set.percent", Map.of("percent", 0.8));

        tell("recognizer_loop:sleep");

        assertThat(bus.awaitFrame("mycroft.volume.set").data().path("percent").asDouble())
                .isEqualTo(0.8);
    }

    @Test
    void leavesTheVolumeAloneWhereNothingIsRecorded() throws Throwable {
        announce(0.4);
        tell("recognizer_loop:wake_up");
        beginsToRecord();
        bus.send("mycroft.volume.set", Map.of("percent", 0.4), BY_THE_LISTENER);
        bus.send("recognizer_loop:record_end", Map.of());

        tell("recognizer_loop:wake_up");
        // the echo of another message comes after all that the first could have caused
        get(test.device().tell("marker", data("a", 1)));
        get(test.device().tell("marker", data("a", 1)));

        assertThat(bus.frames("mycroft.volume.set")).isEmpty();
    }

    @Test
    void saysWhenItIsNotKnownHowLoudItWas() throws Throwable {
        List<Incident> incidents = new CopyOnWriteArrayList<>();
        test.device().onIncident(incidents::add);
        beginsToRecord();

        tell("recognizer_loop:state.set");

        await().atMost(Duration.ofSeconds(30)).until(() -> !incidents.isEmpty());
        assertThat(incidents.get(0).type()).isEqualTo("volume-lowered");
        assertThat(bus.frames("mycroft.volume.set")).isEmpty();
    }

    /** By itself the listener would remember more than the loudspeaker has. */
    @Test
    void tellsTheListenerHowLoudItIsAfterAChange() throws Throwable {
        bus.whenAsked("mycroft.volume.increase")
                .answer(asked -> Message.bare("mycroft.volume.get.response", data("percent", 1.0)));

        get(test.device().tell("mycroft.volume.increase", BusMessage.JSON.createObjectNode()));

        assertThat(bus.awaitFrame("volume.set.percent").data()).isEqualTo(data("percent", 1.0));
    }

    @Test
    void tellsTheListenerNothingOfALoudspeakerThatIsMuted() throws Throwable {
        bus.whenAsked("mycroft.volume.increase")
                .answer(asked -> Message.bare("mycroft.volume.get.response", data("percent", 0)))
                .answer(asked -> Message.bare(
                        "mycroft.volume.get.response", data("percent", 0.5).put("muted", true)))
                .answer(asked -> Message.bare("mycroft.volume.get.response", data("percent", 0.6)));

        get(test.device().tell("mycroft.volume.increase", BusMessage.JSON.createObjectNode()));

        assertThat(bus.awaitFrame("volume.set.percent").data()).isEqualTo(data("percent", 0.6));
    }

    private void tell(String type) throws Throwable {
        get(test.device().volume().tell(type, BusMessage.JSON.createObjectNode()));
    }

    private void announce(double percent) {
        bus.send("mycroft.volume.get.response", Map.of("percent", percent));
    }

    private void beginsToRecord() {
        bus.send("mycroft.volume.set", Map.of("percent", 0.3), BY_THE_LISTENER);
        bus.send("recognizer_loop:record_begin", Map.of());
    }
}
