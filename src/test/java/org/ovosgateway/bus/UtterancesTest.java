// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.Map;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.Message;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ovosgateway.bus.TestDevice.data;
import static org.ovosgateway.bus.TestDevice.get;

class UtterancesTest {

    private static final ObjectNode NOTHING = BusMessage.JSON.createObjectNode();

    @RegisterExtension
    final FakeBus bus = new FakeBus();

    @RegisterExtension
    final TestDevice test = new TestDevice(bus);

    @Test
    void stopsWhatBeginsToSoundThoughItWasStoppedBefore() throws Throwable {
        Message before = speak("one");
        tell("mycroft.stop");

        starts(before);

        bus.awaitFrame("mycroft.audio.speech.stop");
    }

    /** The gap between the start that is told and the sound is closed by stopping again. */
    @Test
    void stopsAgainUntilItHasEnded() throws Throwable {
        Message before = speak("one");
        tell("mycroft.stop");
        starts(before);

        bus.awaitFrames("mycroft.audio.speech.stop", 3);
    }

    @Test
    void neverStopsWhatWasToldAfterTheStop() throws Throwable {
        Message before = speak("one");
        tell("mycroft.stop");
        Message after = speak("two");
        // thrown away, or never made into sound
        starts(after);
        settle();

        assertThat(bus.frames("mycroft.audio.speech.stop")).isEmpty();
        starts(before);
        settle();
        assertThat(bus.frames("mycroft.audio.speech.stop")).isEmpty();
    }

    @Test
    void stopsTheOneBeforeAndNotTheOneAfterTheStop() throws Throwable {
        Message before = speak("one");
        tell("mycroft.stop");
        BusMessage echo = get(test.device().tell("speak", data("utterance", "two")));
        Future<Boolean> spoken = spoken(echo);
        Message after = bus.awaitFrames("speak", 2).get(1);
        starts(before);
        bus.awaitFrame("mycroft.audio.speech.stop");
        bus.send("mycroft.stop.handled", Map.of("by", "TTS"));
        ends(before);
        settle();
        int stops = bus.frames("mycroft.audio.speech.stop").size();

        starts(after);
        settle();
        ends(after);

        assertThat(get(spoken)).isTrue();
        assertThat(bus.frames("mycroft.audio.speech.stop")).hasSize(stops);
    }

    @Test
    void stopsWhatASkillSays() throws Throwable {
        Message skill = Message.bare("speak", data("utterance", "of a skill"));
        bus.sendRaw(skill.frame());
        tell("mycroft.stop");

        starts(skill);

        bus.awaitFrame("mycroft.audio.speech.stop");
    }

    /** Whoever says "stop" to the device expects silence. */
    @Test
    void stopsWhatSomebodyElseStopped() throws Throwable {
        Message before = speak("one");
        bus.send("mycroft.stop", Map.of());

        starts(before);

        bus.awaitFrame("mycroft.audio.speech.stop");
    }

    @Test
    void aStopThatASkillSendsForItsOwnSpeechIsItsOwn() throws Throwable {
        Message before = speak("one");
        bus.send("mycroft.audio.speech.stop", Map.of());
        starts(before);
        settle();

        assertThat(bus.frames("mycroft.audio.speech.stop")).isEmpty();
    }

    /** The late stop would throw it away. */
    @Test
    void haveWhatIsToldAfterAStopWaitUntilWhatWasToldBeforeIsOver() throws Throwable {
        Message before = speak("one");
        tell("mycroft.stop");
        Future<Boolean> turn = turn();
        starts(before);
        bus.send("mycroft.stop.handled", Map.of("by", "TTS"));
        settle();
        assertThat(turn.isComplete()).isFalse();

        ends(before);

        assertThat(get(turn)).isTrue();
    }

    @Test
    void haveNothingWaitWhereAllThatWasToldSounds() throws Throwable {
        Message before = speak("one");
        starts(before);
        tell("mycroft.stop");

        assertThat(get(turn())).isTrue();
    }

    @Test
    void haveNothingWaitForWhatWasThrownAway() throws Throwable {
        Message before = speak("one");
        speak("two");
        starts(before);
        tell("mycroft.stop");
        bus.send("mycroft.stop.handled", Map.of("by", "TTS"));
        Future<Boolean> turn = turn();
        ends(before);
        assertThat(get(turn)).isTrue();
        settle();

        tell("mycroft.stop");

        assertThat(get(turn())).isTrue();
    }

    @Test
    void haveNothingWaitForWhatWasThrownAwayThoughTheEndIsToldBeforeTheStop() throws Throwable {
        Message before = speak("one");
        speak("two");
        starts(before);
        tell("mycroft.stop");
        Future<Boolean> turn = turn();

        ends(before);

        assertThat(get(turn)).isTrue();
    }

    @Test
    void endsTheTurnOfWhatIsStoppedWhileItWaits() throws Throwable {
        speak("one");
        tell("mycroft.stop");
        Future<Boolean> turn = turn();

        tell("mycroft.stop");

        assertThat(get(turn)).isFalse();
    }

    @Test
    void haveNothingWaitForWhatIsNeverMade() throws Throwable {
        Utterances impatient = new Utterances(test.device(), Duration.ofMillis(1));
        speak("one");
        tell("mycroft.stop");

        assertThat(get(turn(impatient))).isTrue();
    }

    @Test
    void failsWhatWaitsWhenTheBusIsLost() throws Throwable {
        speak("one");
        tell("mycroft.stop");
        Future<Boolean> turn = turn();
        settle();

        bus.kill();

        assertThatThrownBy(() -> get(turn)).isInstanceOf(BusUnavailableException.class);
    }

    /** Such as by a stop that came when its sound was ready. */
    @Test
    void tellsWhenATextWasThrownAway() throws Throwable {
        Utterances impatient = new Utterances(test.device(), Duration.ofMillis(1));
        Message first = speak("one");
        starts(first);
        BusMessage echo = get(test.device().tell("speak", data("utterance", "two")));
        Future<Boolean> spoken = impatient.spoken(echo, Duration.ofMinutes(1));
        bus.send("mycroft.stop.handled", Map.of("by", "TTS"));
        settle();
        assertThat(spoken.isComplete()).isFalse();

        ends(first);

        assertThat(get(spoken)).isFalse();
    }

    @Test
    void tellsWhenATextWasSpokenToItsEnd() throws Throwable {
        BusMessage echo = get(test.device().tell("speak", data("utterance", "one")));
        Future<Boolean> spoken = spoken(echo);
        Message speak = bus.awaitFrame("speak");
        starts(speak);
        settle();
        assertThat(spoken.isComplete()).isFalse();

        ends(speak);

        assertThat(get(spoken)).isTrue();
    }

    @Test
    void tellsTheEndOfATextBetweenOthers() throws Throwable {
        BusMessage echo = get(test.device().tell("speak", data("utterance", "one")));
        Future<Boolean> spoken = spoken(echo);
        Message first = bus.awaitFrame("speak");
        Message second = speak("two");
        starts(first);

        bus.sendRaw(
                second.forward("recognizer_loop:utterance_start", second.data()).frame());

        assertThat(get(spoken)).isTrue();
    }

    @Test
    void tellsWhenATextWasStopped() throws Throwable {
        BusMessage echo = get(test.device().tell("speak", data("utterance", "one")));
        Future<Boolean> spoken = spoken(echo);
        starts(bus.awaitFrame("speak"));

        bus.send("mycroft.stop.handled", Map.of("by", "TTS"));

        assertThat(get(spoken)).isFalse();
    }

    /** ovos-audio tells both at once, in two threads. */
    @Test
    void whatIsToldLateOfAStopStopsNothingElse() throws Throwable {
        BusMessage first = get(test.device().tell("speak", data("utterance", "one")));
        Future<Boolean> firstSpoken = spoken(first);
        Message stopped = bus.awaitFrame("speak");
        starts(stopped);
        tell("mycroft.stop");
        Message stop = bus.awaitFrame("mycroft.stop");
        ends(stopped);
        assertThat(get(firstSpoken)).isFalse();
        BusMessage second = get(test.device().tell("speak", data("utterance", "two")));
        Future<Boolean> secondSpoken = spoken(second);
        Message after = bus.awaitFrames("speak", 2).get(1);
        starts(after);

        bus.sendRaw(stop.forward("mycroft.stop.handled", data("by", "TTS")).frame());
        ends(after);

        assertThat(get(secondSpoken)).isTrue();
    }

    @Test
    void saysWhenATextIsNeverSpoken() throws Throwable {
        BusMessage echo = get(test.device().tell("speak", data("utterance", "one")));

        assertThatThrownBy(() -> get(test.device().utterances().spoken(echo, Duration.ofMillis(1))))
                .isInstanceOf(NoAnswerException.class)
                .hasMessageContaining("ovos-audio");
    }

    @Test
    void saysWhenTheBusIsLostBeforeTheEnd() throws Throwable {
        BusMessage echo = get(test.device().tell("speak", data("utterance", "one")));
        Future<Boolean> spoken = spoken(echo);

        bus.kill();

        assertThatThrownBy(() -> get(spoken)).isInstanceOf(BusUnavailableException.class);
    }

    private Future<Boolean> spoken(BusMessage echo) {
        return test.device().utterances().spoken(echo, Duration.ofMinutes(1));
    }

    private Future<Boolean> turn() {
        return turn(test.device().utterances());
    }

    private static Future<Boolean> turn(Utterances utterances) {
        return utterances.inTurn(Future::succeededFuture);
    }

    private Message speak(String text) throws Throwable {
        int before = bus.frames("speak").size();
        get(test.device().tell("speak", data("utterance", text)));
        return bus.awaitFrames("speak", before + 1).get(before);
    }

    private void tell(String type) throws Throwable {
        get(test.device().tell(type, NOTHING));
    }

    private void starts(Message speak) {
        bus.sendRaw(speak.forward("recognizer_loop:audio_output_start", NOTHING).frame());
    }

    private void ends(Message speak) {
        bus.sendRaw(speak.forward("recognizer_loop:audio_output_end", NOTHING).frame());
    }

    /** What the device does because of what was sent until now is on the bus when two of its own echoes were heard. */
    private void settle() throws Throwable {
        tell("marker");
        tell("marker");
    }
}
