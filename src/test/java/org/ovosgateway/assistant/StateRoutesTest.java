// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PluginHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.answer.Volume;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.bus.Part;
import org.ovosgateway.bus.TestDevice;
import org.ovosgateway.demo.AssistantPart;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The shipped routes of the state, on a simulated assistant. */
class StateRoutesTest {

    private static final Map<String, Object> DEFAULT = Map.of("session", Map.of("session_id", "default"));
    private static final String STATE = "default/state";

    @RegisterExtension
    final FakeBus bus = new FakeBus(SimulatedAssistant.builder().speech(StateRoutesTest::speech));

    @RegisterExtension
    final FakeBus attic = new FakeBus();

    @RegisterExtension
    final TestDevice test = new TestDevice(bus).with("attic", attic);

    private Told told;
    private DefaultCamelContext camel;
    private States states;
    private Presence presence;

    /** What is said or stopped behind another text has to come while that one sounds, however slow the machine is. */
    private static Duration speech(String text) {
        return switch (text) {
            case "endless" -> Duration.ofHours(1);
            case "long" -> Duration.ofSeconds(3);
            default -> Duration.ofMillis(200);
        };
    }

    @BeforeEach
    void start() throws Exception {
        startRoutes();
        told.awaitLatest("default", "online");
        told.awaitLatest("default/volume", "50");
        told.awaitLatest("default/sleep", "false");
        told.awaitLatest("default/mic_mute", "false");
        told.awaitLatest(STATE, "idle");
        told.clear();
    }

    private void startRoutes() throws Exception {
        states = new States(test.devices());
        Events events = new Events();
        AssistantProperties properties = new AssistantProperties(Duration.ofMillis(500));
        Readings readings = new Readings(test.vertx(), test.devices(), states, properties);
        Activity activity = new Activity();
        Loudspeaker loudspeaker = new Loudspeaker();
        camel = new DefaultCamelContext();
        // nobody answers for the attic
        camel.getShutdownStrategy().setTimeUnit(TimeUnit.MILLISECONDS);
        camel.getShutdownStrategy().setTimeout(100);
        camel.getRegistry().bind("state", states);
        camel.getRegistry().bind("activity", activity);
        camel.getRegistry().bind("loudspeaker", loudspeaker);
        SpeechEvents speech = new SpeechEvents();
        camel.getRegistry().bind("speech", speech);
        camel.getRegistry().bind("understanding", new Understanding());
        camel.getRegistry().bind("volume", new Volume());
        camel.addComponent("ovos", test.component());
        camel.addComponent("property", new PropertyComponent(states, readings));
        camel.addComponent("event", new EventComponent(test.devices(), events));
        presence =
                new Presence(test.vertx(), test.devices(), readings, activity, speech, loudspeaker, states, properties);
        camel.getRegistry().bind("presence", presence);
        camel.getRegistry().bind("deviceStatus", new DeviceStatus(test.devices(), presence));
        var loader = PluginHelper.getRoutesLoader(camel);
        for (String file : List.of("state", "devices")) {
            loader.loadRoutes(
                    PluginHelper.getResourceLoader(camel).resolveResource("file:routes/" + file + ".camel.yaml"));
        }
        told = new Told().listenTo(states).listenTo(events).listenTo(presence);
        camel.start();
        presence.start();
    }

    @AfterEach
    void stop() {
        presence.stop();
        camel.stop();
    }

    private void awaitEvents(String... events) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(told.of("default/event")).containsExactly(events));
    }

    private void awaitEvent(String type) {
        await(type)
                .atMost(Duration.ofSeconds(30))
                .until(() -> told.of("default/event").stream()
                        .anyMatch(event -> event.contains("\"event_type\":\"" + type + "\"")));
    }

    @Test
    void followsAConversation() {
        // it does not record, and would say so in between when it is asked
        bus.assistant().switchOff(AssistantPart.LISTENER);
        bus.send("recognizer_loop:wakeword", Map.of("utterance", "hey_mycroft"), DEFAULT);
        bus.send("recognizer_loop:record_begin", Map.of(), DEFAULT);
        bus.send("recognizer_loop:record_end", Map.of(), DEFAULT);
        bus.send(
                "recognizer_loop:utterance",
                Map.of("utterances", List.of("hello", "yellow"), "lang", "en-US"),
                DEFAULT);

        awaitEvents(
                "{\"event_type\":\"wakeword\",\"text\":\"hey_mycroft\"}",
                "{\"event_type\":\"utterance\",\"lang\":\"en-US\",\"text\":\"hello\"}",
                "{\"event_type\":\"intent\",\"intent\":\"HelloWorldIntent\",\"lang\":\"en-US\","
                        + "\"skill\":\"ovos-skill-hello-world.openvoiceos\",\"text\":\"hello\"}",
                "{\"event_type\":\"spoken\",\"lang\":\"en-US\",\"skill\":\"ovos-skill-hello-world.openvoiceos\","
                        + "\"text\":\"Hello human\"}");
        told.awaitLatest(STATE, "idle");
        assertThat(told.of(STATE)).containsExactly("listening", "processing", "speaking", "processing", "idle");
        told.awaitLatest("default/last_utterance", "{\"lang\":\"en-US\",\"text\":\"hello\"}");
        told.awaitLatest(
                "default/last_answer",
                "{\"lang\":\"en-US\",\"skill\":\"ovos-skill-hello-world.openvoiceos\",\"text\":\"Hello human\"}");
    }

    /** Some lines say both, some the second only. */
    @Test
    void tellsAnIntentOnceAndByOneName() {
        for (String text : List.of("first", "second")) {
            bus.send("a.skill:order", Map.of("utterance", text), Map.of("skill_id", "a.skill"));
            bus.send("a.skill:order.intent", Map.of("utterance", text), Map.of("skill_id", "a.skill"));
        }
        bus.send("a.skill:order.intent", Map.of("utterance", "third"), Map.of("skill_id", "a.skill"));

        awaitEvents(Stream.of("first", "second", "third")
                .map(text -> "{\"event_type\":\"intent\",\"intent\":\"order\",\"skill\":\"a.skill\",\"text\":\"%s\"}"
                        .formatted(text))
                .toArray(String[]::new));
    }

    @Test
    void isIdleAgainWhenNobodySaidAnything() {
        bus.send("mycroft.mic.listen", Map.of(), DEFAULT);

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(told.of(STATE)).containsExactly("listening", "processing", "idle"));
    }

    @Test
    void tellsOnceThatNothingWasUnderstood() {
        bus.send("recognizer_loop:utterance", Map.of("utterances", List.of("gibberish"), "lang", "en-US"), DEFAULT);
        told.awaitLatest(STATE, "idle");
        bus.send("recognizer_loop:wakeword", Map.of("utterance", "end"), DEFAULT);

        awaitEvent("wakeword");
        assertThat(told.of("default/event").stream().filter(event -> event.contains("\"intent_failed\"")))
                .singleElement()
                .asString()
                .contains("\"text\":\"gibberish\"");
    }

    @Test
    void whatAScheduleSetsOffIsNoIntent() {
        String skill = "ovos-skill-date-time.openvoiceos";
        bus.send(
                skill + ":" + skill + "_handle_play_hour_chime",
                Map.of(),
                Map.of("skill_id", skill, "session", Map.of("session_id", "default")));
        bus.send("recognizer_loop:wakeword", Map.of("utterance", "end"), DEFAULT);

        awaitEvents("{\"event_type\":\"wakeword\",\"text\":\"end\"}");
    }

    @Test
    void eachTextIsSpoken() {
        bus.send("speak", Map.of("utterance", "long"), DEFAULT);
        bus.send("speak", Map.of("utterance", "two"), DEFAULT);

        awaitEvents("{\"event_type\":\"spoken\",\"text\":\"long\"}", "{\"event_type\":\"spoken\",\"text\":\"two\"}");
        told.awaitLatest(STATE, "idle");
        assertThat(told.of(STATE)).containsExactly("speaking", "idle");
    }

    @Test
    void whatWasStoppedIsNotSpoken() {
        bus.assistant().silence("mycroft.audio.speak.status");
        bus.send("speak", Map.of("utterance", "endless"), DEFAULT);
        bus.send("speak", Map.of("utterance", "two"), DEFAULT);
        bus.send("mycroft.audio.speech.stop", Map.of(), Map.of("session", Map.of("session_id", "somebody")));

        awaitEvents(
                "{\"event_type\":\"speech_stopped\",\"text\":\"endless\"}",
                "{\"event_type\":\"speech_stopped\",\"text\":\"two\"}");
        told.awaitLatest(STATE, "idle");
    }

    @Test
    void otherSessionsAreNotTheDevice() {
        Map<String, Object> other = Map.of("session", Map.of("session_id", "somebody"));
        bus.send("recognizer_loop:record_begin", Map.of(), other);
        bus.send("recognizer_loop:utterance", Map.of("utterances", List.of("hello")), other);
        bus.awaitFrame("ovos-skill-hello-world.openvoiceos:HelloWorldIntent");
        bus.send("recognizer_loop:wakeword", Map.of("utterance", "end"), DEFAULT);

        awaitEvents("{\"event_type\":\"wakeword\",\"text\":\"end\"}");
        assertThat(told.of(STATE)).isEmpty();
        assertThat(told.of("default/last_utterance")).isEmpty();
    }

    @Test
    void asksAgainWhenTheMicrophoneMayHaveChanged() {
        bus.send("mycroft.mic.mute", Map.of(), DEFAULT);
        told.awaitLatest("default/mic_mute", "true");
        bus.send("mycroft.stop", Map.of(), DEFAULT);
        told.awaitLatest("default/mic_mute", "false");
        bus.send("mycroft.mic.mute.toggle", Map.of(), DEFAULT);
        told.awaitLatest("default/mic_mute", "true");
        bus.send("mycroft.mic.unmute", Map.of(), DEFAULT);
        told.awaitLatest("default/mic_mute", "false");
    }

    @Test
    void tellsSleep() {
        bus.send("recognizer_loop:sleep", Map.of(), DEFAULT);
        told.awaitLatest("default/sleep", "true");
        told.awaitLatest(STATE, "sleeping");
        assertThat(ask("is('sleeping')")).isEqualTo("true");

        bus.send("recognizer_loop:wake_up", Map.of(), DEFAULT);
        told.awaitLatest("default/sleep", "false");
        told.awaitLatest(STATE, "idle");
    }

    @Test
    void tellsTheVolumeInPercent() {
        bus.send("mycroft.volume.set", Map.of("percent", 0.734), DEFAULT);
        told.awaitLatest("default/volume", "73");
        bus.send("mycroft.volume.get.response", Map.of("percent", 1.7), DEFAULT);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> told.of("default/volume").contains("100"));
    }

    @Test
    void tellsWhetherTheLoudspeakerIsMuted() {
        bus.send("mycroft.volume.mute", Map.of(), DEFAULT);
        told.awaitLatest("default/volume_mute", "true");
        bus.send("mycroft.volume.unmute", Map.of(), DEFAULT);
        told.awaitLatest("default/volume_mute", "false");

        assertThat(told.of("default/volume")).isEmpty();
        bus.assistant().switchOff(AssistantPart.PHAL);
        told.awaitLatest("default/volume_mute", "unknown");
    }

    @Test
    void publishesOnlyWhatChanged() {
        presence.stop();
        bus.send("mycroft.volume.get.response", Map.of("percent", 0.5), DEFAULT);
        bus.send("mycroft.volume.get.response", Map.of("percent", 0.7), DEFAULT);
        bus.send("mycroft.volume.get.response", Map.of("percent", 0.7), DEFAULT);
        bus.send("mycroft.volume.get.response", Map.of("percent", 0.8), DEFAULT);

        await().atMost(Duration.ofSeconds(30))
                .until(() -> told.of("default/volume").contains("80"));
        // an answer to a question that was under way may come in between: it says 50
        List<String> volumes = told.of("default/volume");
        assertThat(volumes).startsWith("70");
        for (int i = 1; i < volumes.size(); i++) {
            assertThat(volumes.get(i)).isNotEqualTo(volumes.get(i - 1));
        }
    }

    @Test
    void whatNobodyAnswersAnyMoreIsUnknown() {
        bus.assistant().switchOff(AssistantPart.PHAL);
        told.awaitLatest("default/volume", "unknown");
        assertThat(states.names("default")).doesNotContain("volume").contains("mic_mute", "sleep", "state");

        bus.assistant().switchOff(AssistantPart.AUDIO);
        bus.assistant().switchOff(AssistantPart.LISTENER);
        told.awaitLatest("default/mic_mute", "unknown");
        told.awaitLatest("default/sleep", "unknown");
        told.awaitLatest(STATE, "unknown");
        assertThat(presence.isOnline("default")).isTrue();
    }

    @Test
    void withoutAudioTheListenerSaysTheState() {
        bus.assistant().switchOff(AssistantPart.AUDIO);
        bus.send("recognizer_loop:sleep", Map.of(), DEFAULT);

        told.awaitLatest(STATE, "sleeping");
    }

    @Test
    void aDeviceWithoutCoreIsNotAvailable() {
        bus.assistant().switchOff(AssistantPart.CORE);
        told.awaitLatest("default", "offline");
        bus.assistant().switchOn(AssistantPart.CORE);
        told.awaitLatest("default", "online");
        assertThat(presence.isOnline("attic")).isFalse();
    }

    private void awaitParts(String members) {
        await(members)
                .atMost(Duration.ofSeconds(30))
                .until(() -> String.valueOf(states.of("default", "parts")).contains(members));
    }

    @Test
    void tellsWhichPartsThereAre() {
        awaitParts("{bus=true, core=true, listener=true, audio=true, phal=true}");

        bus.assistant().switchOff(AssistantPart.AUDIO);
        bus.assistant().switchOff(AssistantPart.PHAL);

        awaitParts("audio=false, phal=false");
        assertThat(presence.isPresent("default", Part.AUDIO)).isFalse();
        assertThat(presence.isPresent("default", Part.CORE)).isTrue();
        assertThat(presence.isOnline("default")).isTrue();
        told.awaitLatest("default/volume", "unknown");

        bus.assistant().switchOn(AssistantPart.PHAL);
        awaitParts("audio=false, phal=true");
        told.awaitLatest("default/volume", "50");
        bus.kill();
        awaitParts("{bus=false, core=false, listener=false, audio=false, phal=false}");
    }

    @Test
    void aPartThatRunsInVainIsAbsent() {
        bus.whenAsked("mycroft.audio.is_alive").reply("mycroft.audio.is_alive.response", Map.of("status", false));

        awaitParts("audio=false");
    }

    @Test
    void aSpeechEndsWithWhoSpeaks() {
        bus.assistant().silence("mycroft.audio.speak.status");
        bus.clear();
        // one question at a time: with the next one, the answer to the last is behind us
        bus.awaitFrame("mycroft.audio.speak.status");
        bus.send("recognizer_loop:audio_output_start", Map.of(), DEFAULT);
        told.awaitLatest(STATE, "speaking");

        bus.assistant().switchOff(AssistantPart.AUDIO);

        told.awaitLatest(STATE, "idle");
    }

    @Test
    void aCoreThatLoadsItsSkillsIsStarting() {
        bus.assistant().switchOff(AssistantPart.CORE);
        told.awaitLatest("default", "offline");
        bus.whenAsked("mycroft.skills.is_ready").reply("mycroft.skills.is_ready.response", Map.of("status", false));
        bus.assistant().switchOn(AssistantPart.CORE);

        await().atMost(Duration.ofSeconds(30)).until(() -> presence.state("default") == Presence.State.STARTING);
        assertThat(presence.isPresent("default", Part.CORE)).isTrue();
        // it waits for a training, which nobody may do
        bus.send("mycroft.skills.train", Map.of(), Map.of());
        told.awaitLatest("default", "online");
        assertThat(told.of("default")).containsExactly("offline", "online");
    }

    @Test
    void aCoreThatIsStartedAgainIsNotReady() {
        bus.whenAsked("mycroft.skills.is_ready").reply("mycroft.skills.is_ready.response", Map.of("status", false));

        told.awaitLatest("default", "offline");
        assertThat(presence.state("default")).isEqualTo(Presence.State.STARTING);
    }

    @Test
    void aCoreThatIsSlowWhileItLoadsIsNotGone() {
        bus.clear();
        bus.assistant().delay("mycroft.skills.is_alive", Duration.ofSeconds(5));

        bus.awaitFrames("mycroft.skills.is_alive", 3);

        assertThat(told.of("default")).isEmpty();
        bus.assistant().delay("mycroft.skills.is_alive", Duration.ZERO);
    }

    @Test
    void aValueIsKeptThatCameAfterItsQuestion() {
        bus.clear();
        bus.whenAsked("mycroft.volume.get").replyWithoutContext("mycroft.volume.get.response", Map.of("percent", 0.7));

        // the first question has failed by then
        bus.awaitFrames("mycroft.volume.get", 3);

        assertThat(told.of("default/volume")).containsExactly("70");
    }

    @Test
    void asksForTheTruthWhenTheBusIsBack() {
        bus.send("recognizer_loop:audio_output_start", Map.of(), DEFAULT);
        await().atMost(Duration.ofSeconds(30)).until(() -> told.of(STATE).contains("speaking"));
        bus.kill();
        told.awaitLatest("default", "offline");
        bus.restart();

        told.awaitLatest("default", "online");
        told.awaitLatest(STATE, "idle");
    }

    @Test
    void whatWasAboutToBeSaidWhenTheBusDiedIsNotToldAsSpoken() {
        bus.send("speak", Map.of("utterance", "before"), DEFAULT);
        await().atMost(Duration.ofSeconds(30)).until(() -> told.of(STATE).contains("speaking"));
        bus.kill();
        told.awaitLatest("default", "offline");
        bus.restart();
        told.awaitLatest("default", "online");
        await().atMost(Duration.ofSeconds(30)).until(bus.assistant()::isConnected);
        told.clear();

        bus.send("speak", Map.of("utterance", "after"), DEFAULT);

        awaitEvents("{\"event_type\":\"spoken\",\"text\":\"after\"}");
    }

    @Test
    void asksForTheTruthWhenSomebodyWantsIt() {
        presence.stop();
        bus.clear();

        presence.askAgain();

        bus.awaitFrame("mycroft.mic.get_status");
        bus.awaitFrame("recognizer_loop:state.get");
        bus.awaitFrame("mycroft.audio.speak.status");
        bus.awaitFrame("mycroft.volume.get");
    }

    @Test
    void aDeviceThatNobodyAnswersForHasNoProperties() {
        told.awaitLatest("attic", "offline");
        // told when it is known of every part; the core alone says that it is offline
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(states.names("attic")).containsOnly("parts"));
        assertThat(told.of("attic/volume")).doesNotContain("50");
    }

    @Test
    void survivesNonsenseOfTheBus() {
        bus.send("recognizer_loop:utterance", Map.of("utterances", "a text"), DEFAULT);
        bus.send("recognizer_loop:utterance", Map.of("utterances", List.of()), DEFAULT);
        bus.send("recognizer_loop:utterance", Map.of(), DEFAULT);
        bus.send("recognizer_loop:utterance", Map.of("utterances", List.of(Map.of("a", 1))), DEFAULT);
        bus.send("speak", Map.of("utterance", List.of(1), "meta", "x"), DEFAULT);
        bus.send("recognizer_loop:state", Map.of("state", 7), DEFAULT);
        bus.send("mycroft.audio.is_speaking", Map.of("speaking", "maybe"), DEFAULT);
        bus.send("mycroft.volume.get.response", Map.of("percent", "loud"), DEFAULT);
        bus.send("mycroft.mic.get_status.response", Map.of(), DEFAULT);
        bus.send("a.b:c", Map.of("utterance", 1), Map.of("skill_id", List.of()));
        bus.send("recognizer_loop:utterance", Map.of("utterances", List.of("hello")), DEFAULT);

        told.awaitLatest("default/last_utterance", "{\"text\":\"hello\"}");
        told.awaitLatest(STATE, "idle");
        told.awaitLatest("default/volume", "50");
        told.awaitLatest("default/mic_mute", "false");
    }

    @Test
    void nothingOfTheSessionLeaves() {
        Map<String, Object> session = Map.of(
                "session", Map.of("session_id", "default", "location", "hush-here"), "skill_id", "a.b", "x", "hush-x");
        for (String type : List.of(
                "recognizer_loop:wakeword",
                "recognizer_loop:utterance",
                "speak",
                "recognizer_loop:audio_output_end",
                "complete_intent_failure",
                "a.b:c",
                "mycroft.volume.get.response",
                "recognizer_loop:record_begin")) {
            bus.send(type, Map.of("app_key", "hush-key", "utterances", List.of("x")), session);
        }

        await().atMost(Duration.ofSeconds(30))
                .until(() -> told.of("default/event").size() >= 5);
        assertThat(String.join("\n", told.lines())).doesNotContain("hush");
    }

    private String ask(String method) {
        Exchange exchange = new DefaultExchange(camel);
        exchange.getMessage().setHeader(OvosConstants.DEVICE, "default");
        return camel.resolveLanguage("simple")
                .createExpression("${bean:state?method=" + method + "}")
                .evaluate(exchange, String.class);
    }
}
