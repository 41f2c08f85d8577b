// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.testing.BusClient;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** The services beside the companion and the conversation, against the reference of the bus. */
class SimulatedAssistantTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String DATE_TIME = "ovos-skill-date-time.openvoiceos";

    @RegisterExtension
    final FakeBus bus = new FakeBus(SimulatedAssistant.builder()
            .extraSkills(2)
            .backOff(Duration.ofMillis(20))
            .speech(Duration.ofMillis(50)));

    private BusClient client;

    @BeforeEach
    void connect() throws Exception {
        client = new BusClient(bus.vertx(), bus.uri());
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    static Stream<Arguments> questions() {
        return Stream.of(
                arguments("mycroft.skills.is_alive", "{}", "mycroft.skills.is_alive.response", "{'status':true}"),
                arguments("mycroft.skills.is_ready", "{}", "mycroft.skills.is_ready.response", "{'status':true}"),
                arguments("mycroft.skills.all_loaded", "{}", "mycroft.skills.all_loaded.response", "{'status':true}"),
                arguments("mycroft.intents.is_alive", "{}", "mycroft.intents.is_alive.response", "{'status':true}"),
                arguments("mycroft.audio.is_alive", "{}", "mycroft.audio.is_alive.response", "{'status':true}"),
                arguments("mycroft.voice.is_ready", "{}", "mycroft.voice.is_ready.response", "{'status':true}"),
                arguments("mycroft.PHAL.is_alive", "{}", "mycroft.PHAL.is_alive.response", "{'status':true}"),
                arguments(
                        "mycroft.skill-0.test.is_ready",
                        "{}",
                        "mycroft.skill-0.test.is_ready.response",
                        "{'status':true}"),
                arguments(
                        "skillmanager.deactivate",
                        "{'skill':'skill-0.test'}",
                        "skillmanager.deactivate.response",
                        "{}"),
                arguments(
                        "ovos.PHAL.internet_check",
                        "{}",
                        "ovos.PHAL.internet_check.response",
                        "{'internet_connected':true,'network_connected':true}"),
                arguments("mycroft.mic.get_status", "{}", "mycroft.mic.get_status.response", "{'muted':false}"),
                arguments(
                        "recognizer_loop:state.get",
                        "{}",
                        "recognizer_loop:state",
                        "{'mode':'wakeword','state':'wakeword'}"),
                arguments(
                        "recognizer_loop:state.set",
                        "{'state':'recording'}",
                        "recognizer_loop:state",
                        "{'mode':'wakeword','state':'recording'}"),
                arguments("mycroft.audio.speak.status", "{}", "mycroft.audio.is_speaking", "{'speaking':false}"),
                arguments("ovos.languages.tts", "{}", "ovos.languages.tts.response", "{'langs':['en-US']}"),
                arguments("ovos.languages.stt", "{}", "ovos.languages.stt.response", "{'langs':['en-US']}"),
                arguments("mycroft.volume.get", "{}", "mycroft.volume.get.response", "{'percent':0.5,'muted':false}"));
    }

    static Stream<Arguments> actions() {
        return Stream.of(
                arguments("speak", "{'utterance':'Hi'}", "says: \"Hi\""),
                arguments("mycroft.mic.listen", "{}", "listens"),
                arguments("mycroft.mic.mute", "{}", "mutes its microphone"),
                arguments("recognizer_loop:sleep", "{}", "goes to sleep"),
                arguments("recognizer_loop:wake_up", "{}", "wakes up"),
                arguments("mycroft.volume.set", "{'percent':0.3}", "has volume 30 of 100"),
                arguments("mycroft.volume.mute", "{}", "mutes its loudspeaker"),
                arguments("mycroft.stop", "{}", "stops"),
                arguments("recognizer_loop:utterance", "{'utterances':['hello']}", "hears: \"hello\""),
                arguments("skillmanager.deactivate", "{'skill':'" + DATE_TIME + "'}", "deactivates " + DATE_TIME));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("actions")
    void showsEachActionAsALine(String type, String data, String line) {
        List<String> actions = new CopyOnWriteArrayList<>();
        SimulatedAssistant observed =
                SimulatedAssistant.builder().onAction(actions::add).start(bus.vertx(), bus.uri());
        try {
            await().atMost(PATIENCE).until(observed::isConnected);
            client.send(new Message(type, json(data), json("{}")));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(actions).contains(line));
        } finally {
            observed.close();
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("questions")
    void answersInTheContextOfTheQuestion(String type, String data, String answerType, String answer) {
        client.send(new Message(type, json(data), json("{'gw_request_id':'4711','custom':{'deep':[1]}}")));
        Message received = client.await(answerType);
        assertThat(received.data()).isEqualTo(json(answer));
        assertThat(received.context())
                .isEqualTo(json("{'gw_request_id':'4711','custom':{'deep':[1]},'session':{'session_id':'default'}}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mycroft.skills.is_alive",
                "mycroft.mic.get_status",
                "recognizer_loop:state.get",
                "ovos.PHAL.internet_check",
                "ovos.session.sync"
            })
    void turnsSourceAndDestinationAround(String type) {
        client.send(
                new Message(type, json("{}"), json("{'source':'me','destination':['skills'],'gw_request_id':'1'}")));
        Message answer = await().atMost(PATIENCE)
                .until(
                        () -> bus.frames().stream()
                                .filter(frame -> frame.context().has("gw_request_id"))
                                .skip(1)
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
        assertThat(answer.context().get("source"))
                .isEqualTo(json("{'is':['skills']}").get("is"));
        assertThat(answer.context().get("destination").asText()).isEqualTo("me");
    }

    @Test
    void leavesASourceWithoutDestinationWhereItIs() {
        client.send(new Message("mycroft.mic.get_status", json("{}"), json("{'source':'me'}")));
        assertThat(client.await("mycroft.mic.get_status.response").context())
                .isEqualTo(json("{'source':'me','session':{'session_id':'default'}}"));
    }

    @Test
    void listsSkillsWithoutTheContextOfTheQuestion() {
        client.send(new Message("skillmanager.list", json("{}"), json("{'gw_request_id':'1'}")));
        Message list = client.await("mycroft.skills.list");
        assertThat(list.context()).isEqualTo(json("{'session':{'session_id':'default'}}"));
        assertThat(list.data().get("skill-1.test")).isEqualTo(json("{'active':true,'id':'skill-1.test'}"));
        assertThat(list.data().has("skill-rest-api.smartgic")).isTrue();
    }

    @Test
    void tellsTheSessionOfTheDevice() {
        client.send(Message.bare("ovos.session.sync", json("{}")));
        var session = client.await("ovos.session.update_default").data().get("session_data");
        assertThat(session.get("session_id").asText()).isEqualTo("default");
        assertThat(session.get("lang").asText()).isEqualTo("en-US");
        assertThat(session.at("/location/city/name").asText()).isEqualTo("Lawrence");
        assertThat(session.get("system_unit").asText()).isEqualTo("metric");
    }

    @Test
    void deactivatesAndActivatesSkills() {
        ask("skillmanager.deactivate", "{'skill':'" + DATE_TIME + "'}", "skillmanager.deactivate.response");
        assertThat(bus.assistant().activeSkills()).doesNotContain(DATE_TIME);
        assertThat(client.await("detach_skill").data()).isEqualTo(json("{'skill_id':'" + DATE_TIME + "'}"));
        assertThat(ask("skillmanager.list", "{}", "mycroft.skills.list")
                        .data()
                        .at("/" + DATE_TIME + "/active")
                        .asBoolean(true))
                .isFalse();
        ask("skillmanager.activate", "{'skill':'" + DATE_TIME + "'}", "skillmanager.activate.response");
        assertThat(bus.assistant().activeSkills()).contains(DATE_TIME);
    }

    @Test
    void activatesAllWithOneAnswerForEach() {
        client.send(Message.bare("skillmanager.deactivate", json("{'skill':'skill-0.test'}")));
        client.send(Message.bare("skillmanager.deactivate", json("{'skill':'skill-1.test'}")));
        client.send(Message.bare("skillmanager.activate", json("{'skill':'all'}")));
        flushCore();
        assertThat(client.received("skillmanager.activate.response")).hasSize(2);
        assertThat(bus.assistant().activeSkills()).isEqualTo(bus.assistant().skills());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'skill':'unknown.skill'}", "{}", "{'skill':null}", "{'skill':['all']}"})
    void isSilentAboutUnknownSkills(String data) {
        client.send(Message.bare("skillmanager.activate", json(data)));
        client.send(Message.bare("skillmanager.deactivate", json(data)));
        flushCore();
        assertThat(client.received("skillmanager.activate.response")).isEmpty();
        assertThat(client.received("skillmanager.deactivate.response")).isEmpty();
    }

    @Test
    void isSilentAboutASkillThatIsActiveAlready() {
        client.send(Message.bare("skillmanager.activate", json("{'skill':'skill-0.test'}")));
        flushCore();
        assertThat(client.received("skillmanager.activate.response")).isEmpty();
    }

    @Test
    void speaksOneTextAfterTheOther() {
        client.send(speak("one", "{'gw_request_id':'1'}"));
        client.send(speak("two", "{'gw_request_id':'2'}"));
        Message end = client.await("recognizer_loop:audio_output_end");
        assertThat(bus.assistant().spoken()).containsExactly("one", "two");
        List<Message> starts = client.received("recognizer_loop:audio_output_start");
        assertThat(starts).hasSize(1);
        assertThat(starts.get(0).context().get("gw_request_id").asText()).isEqualTo("1");
        assertThat(end.context().get("gw_request_id").asText()).isEqualTo("2");
        assertThat(client.received("recognizer_loop:utterance_start")).hasSize(2);
        assertThat(bus.assistant().isSpeaking()).isFalse();
    }

    @Test
    void hearsWhatSomebodySaysAfterTheWakeWord() {
        bus.assistant().hear("thank you");

        Message utterance = client.await("recognizer_loop:utterance");
        assertThat(utterance.data()).isEqualTo(json("{'utterances':['thank you'],'lang':'en-US'}"));
        assertThat(utterance.context())
                .isEqualTo(json("{'source':'audio','destination':['skills'],'session':{'session_id':'default'}}"));
        assertThat(client.received("recognizer_loop:wakeword")).hasSize(1);
        assertThat(client.received("recognizer_loop:record_begin")).hasSize(1);
        assertThat(client.received("recognizer_loop:record_end")).hasSize(1);
        client.await("recognizer_loop:audio_output_end");
        assertThat(bus.assistant().spoken()).containsExactly("You're welcome");
    }

    @Test
    void hearsNothingThroughAMutedMicrophone() {
        client.send(Message.bare("mycroft.mic.mute", Message.object()));
        await().atMost(PATIENCE).until(() -> bus.assistant().isMuted());
        bus.assistant().hear("thank you");
        client.send(Message.bare("mycroft.mic.unmute", Message.object()));
        await().atMost(PATIENCE).until(() -> !bus.assistant().isMuted());
        bus.assistant().hear("hello");

        assertThat(client.await("recognizer_loop:utterance").data().path("utterances"))
                .isEqualTo(json("{'utterances':['hello']}").path("utterances"));
    }

    @Test
    void nobodyAnswersForAVolumeThatItDoesNotHave() throws Exception {
        try (FakeBus other = new FakeBus(SimulatedAssistant.builder().withoutVolume());
                BusClient listening = new BusClient(other.vertx(), other.uri())) {
            listening.send(Message.bare("mycroft.volume.set", Message.object().put("percent", 0.7)));
            listening.send(Message.bare("mycroft.volume.get", Message.object()));
            listening.send(Message.bare("mycroft.PHAL.is_alive", Message.object()));

            listening.await("mycroft.PHAL.is_alive.response");
            assertThat(listening.received("mycroft.volume.get.response")).isEmpty();
        }
    }

    @Test
    void namesNobodyWhenItListens() {
        client.send(new Message("mycroft.mic.listen", json("{}"), json("{'gw_request_id':'1'}")));

        client.await("recognizer_loop:speech.recognition.unknown");
        assertThat(Stream.of("record_begin", "record_end"))
                .allSatisfy(event -> assertThat(
                                client.await("recognizer_loop:" + event).context())
                        .isEqualTo(json("{'session':{'session_id':'default'}}")));
    }

    @Test
    void lowersTheVolumeWhileItListensAndSetsWhatItRemembersAfterwards() {
        client.send(Message.bare("mycroft.volume.set", json("{'percent':0.9,'play_sound':false}")));
        client.send(Message.bare("mycroft.mic.listen", json("{}")));

        client.await("recognizer_loop:record_end");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(levels()).containsExactly(0.9, 0.3, 0.5));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "volume.set.percent {'percent':0.9} -> 0.9",
                "mycroft.volume.increase {'play_sound':false} -> 0.6",
                "mycroft.volume.decrease {'percent':0.2,'play_sound':false} -> 0.3"
            })
    void remembersTheVolumeThatItIsTold(String row) {
        String[] cells = row.split(" -> | ");
        client.send(Message.bare(cells[0], json(cells[1])));
        client.send(Message.bare("mycroft.mic.listen", json("{}")));

        assertThat(client.await("mycroft.volume.set", 2))
                .extracting(set -> set.data().path("percent").asDouble())
                .containsExactly(0.3, Double.parseDouble(cells[2]));
    }

    @Test
    void leavesTheVolumeLowWhenItsStateIsSetWhileItListens() throws Exception {
        try (FakeBus other = new FakeBus(SimulatedAssistant.builder().listening(Duration.ofHours(1)));
                BusClient listening = new BusClient(other.vertx(), other.uri())) {
            listening.send(Message.bare("mycroft.mic.listen", json("{}")));
            listening.send(Message.bare("recognizer_loop:state.get", json("{}")));
            listening.send(Message.bare("recognizer_loop:state.set", json("{'state':'wakeword'}")));

            assertThat(listening.await("recognizer_loop:state", 2))
                    .extracting(state -> state.data().path("state").asText())
                    .containsExactly("before_cmd", "wakeword");
            listening.await("mycroft.volume.get.response");
            assertThat(other.assistant().volume()).isEqualTo(0.3);
            assertThat(listening.received("recognizer_loop:record_end")).isEmpty();
        }
    }

    @Test
    void endsARecordingWhenTold() throws Exception {
        try (FakeBus other = new FakeBus(SimulatedAssistant.builder().listening(Duration.ofHours(1)));
                BusClient listening = new BusClient(other.vertx(), other.uri())) {
            listening.send(Message.bare("mycroft.mic.listen", json("{}")));
            listening.send(Message.bare("recognizer_loop:record_stop", json("{}")));

            listening.await("recognizer_loop:record_end");
            listening.await("mycroft.volume.get.response", 2);
            assertThat(other.assistant().volume()).isEqualTo(0.5);
            assertThat(listening.received("recognizer_loop:speech.recognition.unknown"))
                    .isEmpty();
        }
    }

    @Test
    void tellsThatNothingWasHeard() {
        client.send(Message.bare("mycroft.mic.listen", Message.object()));

        client.await("recognizer_loop:speech.recognition.unknown");
    }

    @Test
    void listensAfterSpeechThatExpectsAResponse() {
        client.send(new Message(
                "speak", json("{'utterance':'And you?','expect_response':true}"), json("{'gw_request_id':'1'}")));
        assertThat(client.await("mycroft.mic.listen")
                        .context()
                        .get("gw_request_id")
                        .asText())
                .isEqualTo("1");
        await().atMost(PATIENCE).until(() -> bus.assistant().listened() == 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'session':{'session_id':'of-a-text-client'}}",
                "{'destination':'skills'}",
                "{'destination':['skills','gateway']}"
            })
    void keepsQuietWhereOneOfTheReleaseLinesWould(String context) {
        client.send(speak("not aloud", context));
        client.send(speak("aloud", "{}"));
        client.await("recognizer_loop:audio_output_end");
        assertThat(bus.assistant().spoken()).containsExactly("aloud");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mycroft.audio.speech.stop", "mycroft.stop"})
    void stopsSpeechAndForgetsTheRest(String stop) {
        for (int i = 0; i < 100; i++) {
            client.send(speak("Once upon a time " + i, "{}"));
        }
        client.await("recognizer_loop:audio_output_start");
        client.send(Message.bare(stop, json("{}")));
        assertThat(client.await("mycroft.stop.handled").data()).isEqualTo(json("{'by':'TTS'}"));
        assertThat(bus.assistant().isSpeaking()).isFalse();
        assertThat(bus.assistant().spoken()).hasSizeLessThan(100);
    }

    @Test
    void mutesTheMicrophoneInSilence() {
        client.send(Message.bare("mycroft.mic.mute", json("{}")));
        assertThat(muted()).isTrue();
        assertThat(bus.assistant().isMuted()).isTrue();
        client.send(Message.bare("mycroft.mic.unmute", json("{}")));
        assertThat(muted()).isFalse();
        client.send(Message.bare("mycroft.mic.mute.toggle", json("{}")));
        assertThat(muted()).isTrue();
    }

    @Test
    void unmutesTheMicrophoneAtAStop() {
        client.send(Message.bare("mycroft.mic.mute", json("{}")));
        assertThat(muted()).isTrue();
        client.send(Message.bare("mycroft.stop", json("{}")));
        assertThat(muted()).isFalse();
    }

    @Test
    void doesNotListenForOthers() {
        client.send(new Message("mycroft.mic.listen", json("{}"), json("{'destination':'skills'}")));
        muted();
        assertThat(bus.assistant().listened()).isZero();
    }

    @Test
    void sleepsAndAwakes() {
        client.send(Message.bare("recognizer_loop:sleep", json("{}")));
        assertThat(ask("recognizer_loop:state.get", "{}", "recognizer_loop:state")
                        .data())
                .isEqualTo(json("{'mode':'wakeword','state':'sleeping'}"));
        assertThat(bus.assistant().isAsleep()).isTrue();
        client.send(new Message("recognizer_loop:wake_up", json("{}"), json("{'gw_request_id':'1'}")));
        assertThat(client.await("mycroft.awoken").context()).isEqualTo(json("{'session':{'session_id':'default'}}"));
        assertThat(bus.assistant().isAsleep()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mycroft.volume.set {'percent':0.7} -> {'percent':0.7,'muted':false}",
                "mycroft.volume.increase {} -> {'percent':0.6,'muted':false}",
                "mycroft.volume.decrease {'percent':0.25} -> {'percent':0.25,'muted':false}",
                "mycroft.volume.increase {'percent':0.9} -> {'percent':1.0,'muted':false}",
                "mycroft.volume.mute {} -> {'percent':0.5,'muted':true}",
                "mycroft.volume.mute.toggle {} -> {'percent':0.5,'muted':true}"
            })
    void announcesTheVolumeToNobody(String row) {
        String[] cells = row.split(" -> | ");
        client.send(new Message(cells[0], json(cells[1]), json("{'gw_request_id':'1'}")));
        Message announced = client.await("mycroft.volume.get.response");
        assertThat(announced.data()).isEqualTo(json(cells[2]));
        assertThat(announced.context()).isEqualTo(json("{'session':{'session_id':'default'}}"));
    }

    @Test
    void leavesTheVolumeToTheDefaultSession() {
        client.send(new Message(
                "mycroft.volume.set", json("{'percent':1}"), json("{'session':{'session_id':'of-a-text-client'}}")));
        assertThat(ask("mycroft.volume.get", "{}", "mycroft.volume.get.response")
                        .data()
                        .get("percent")
                        .asDouble())
                .isEqualTo(0.5);
    }

    @Test
    void knowsItsUplink() {
        bus.assistant().internet(false);
        assertThat(ask("ovos.PHAL.internet_check", "{}", "ovos.PHAL.internet_check.response")
                        .data()
                        .get("internet_connected")
                        .asBoolean(true))
                .isFalse();
    }

    @Test
    void isSilentWhereAPartIsMissing() {
        bus.assistant().switchOff(AssistantPart.LISTENER);
        client.send(Message.bare("mycroft.mic.get_status", json("{}")));
        client.send(Message.bare("mycroft.mic.mute", json("{}")));
        flushCore();
        bus.assistant().switchOn(AssistantPart.LISTENER);
        assertThat(muted()).isFalse();
        assertThat(client.received("mycroft.mic.get_status.response")).hasSize(1);
    }

    @Test
    void isSilentWhereTold() {
        bus.assistant().silence("skillmanager.list");
        client.send(Message.bare("skillmanager.list", json("{}")));
        flushCore();
        assertThat(client.received("mycroft.skills.list")).isEmpty();
        bus.assistant().unsilence("skillmanager.list");
        ask("skillmanager.list", "{}", "mycroft.skills.list");
    }

    @Test
    void answersLateWhereTold() {
        bus.assistant().delay("skillmanager.list", Duration.ofMillis(300));
        client.send(Message.bare("skillmanager.list", json("{}")));
        client.send(Message.bare("mycroft.skills.is_alive", json("{}")));
        client.await("mycroft.skills.list");
        assertThat(bus.frames())
                .extracting(Message::type)
                .containsSubsequence("mycroft.skills.is_alive.response", "mycroft.skills.list");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not json",
                "[]",
                "42",
                "{\"type\":\"x\",\"data\":[]}",
                "{\"type\":\"x\",\"context\":\"me\"}",
                "{\"type\":\"x\",\"context\":{\"session\":\"default\"}}"
            })
    void losesItsLinksToAFrameThatNoPythonClientCanReadAndComesBack(String frame) {
        client.send(frame);
        // reaches the assistant right behind, when it does not read any more
        client.send(Message.bare("mycroft.skills.is_alive", json("{}")));
        await().atMost(PATIENCE).untilAsserted(() -> {
            client.send(Message.bare("mycroft.skills.is_ready", json("{}")));
            assertThat(client.received("mycroft.skills.is_ready.response")).isNotEmpty();
        });
        assertThat(client.received("mycroft.skills.is_alive.response")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"data\":null}", "{\"type\":\"x\",\"data\":null,\"context\":null}", "{\"type\":7}"})
    void mindsNoFrameThatIsHarmless(String frame) {
        client.send(frame);
        client.send(Message.bare("mycroft.skills.is_alive", json("{}")));
        client.await("mycroft.skills.is_alive.response");
    }

    @Test
    void comesBackWhenTheBusDoes() throws Exception {
        bus.awaitClients(5);
        bus.kill();
        bus.restart();
        bus.awaitClients(4);
        try (BusClient again = new BusClient(bus.vertx(), bus.uri())) {
            again.send(Message.bare("mycroft.mic.get_status", json("{}")));
            again.await("mycroft.mic.get_status.response");
        }
    }

    @Test
    void waitsForABusThatIsNotThereYet() {
        bus.kill();
        SimulatedAssistant early = SimulatedAssistant.builder()
                .oneConnection()
                .backOff(Duration.ofMillis(20))
                .start(bus.vertx(), bus.uri());
        bus.restart();
        await().atMost(PATIENCE).until(() -> early.connected().succeeded());
        early.close();
        bus.awaitClients(4);
    }

    @Test
    void servesAllPartsOverOneConnectionWhenAsked() {
        SimulatedAssistant small = SimulatedAssistant.builder().oneConnection().start(bus.vertx(), bus.uri());
        bus.awaitClients(6);
        client.send(Message.bare("mycroft.PHAL.is_alive", json("{}")));
        client.send(Message.bare("mycroft.voice.is_alive", json("{}")));
        assertThat(client.await("mycroft.PHAL.is_alive.response", 2)).hasSize(2);
        assertThat(client.await("mycroft.voice.is_alive.response", 2)).hasSize(2);
        small.close();
        bus.awaitClients(5);
    }

    @Test
    void makesForeignTrafficWhenAsked() {
        SimulatedAssistant busy = SimulatedAssistant.builder()
                .without(AssistantPart.values())
                .foreignTraffic(Duration.ofMillis(1))
                .start(bus.vertx(), bus.uri());
        assertThat(client.await("recognizer_loop:state", 3))
                .allMatch(state -> state.context().get("gw_request_id").asText().equals("of-somebody-else"));
        busy.close();
    }

    @Test
    void keepsUpWithThousandsOfMessages() {
        for (int i = 0; i < 5_000; i++) {
            client.send(new Message(
                    "mycroft.mic.get_status", json("{}"), Message.object().put("gw_request_id", i)));
        }
        List<Message> answers = client.await("mycroft.mic.get_status.response", 5_000);
        assertThat(answers)
                .extracting(answer -> answer.context().get("gw_request_id").asInt())
                .isSorted()
                .hasSize(5_000);
    }

    private Message ask(String type, String data, String answer) {
        int before = client.received(answer).size();
        client.send(Message.bare(type, json(data)));
        return client.await(answer, before + 1).get(before);
    }

    private boolean muted() {
        return ask("mycroft.mic.get_status", "{}", "mycroft.mic.get_status.response")
                .data()
                .get("muted")
                .asBoolean();
    }

    private List<Double> levels() {
        return client.received("mycroft.volume.get.response").stream()
                .map(answer -> answer.data().path("percent").asDouble())
                .toList();
    }

    /** The core has handled everything before once it has answered this. */
    private void flushCore() {
        ask("mycroft.skills.is_alive", "{}", "mycroft.skills.is_alive.response");
    }

    private static Message speak(String text, String context) {
        return new Message("speak", Message.object().put("utterance", text), json(context));
    }

    private static ObjectNode json(String json) {
        try {
            return (ObjectNode) JSON.readTree(json.replace('\'', '"'));
        } catch (Exception e) {
            throw new IllegalArgumentException(json, e);
        }
    }
}
