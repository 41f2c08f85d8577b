// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.ovosgateway.testing.BusClient;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;

/** The faults of the companion skill, which a gateway has to survive. */
class RestApiSkillTest {

    private static final String KEY = "#%$h64 shared key";
    private static final String MISMATCH = "both keys don't match";

    @RegisterExtension
    final FakeBus bus = new FakeBus(SimulatedAssistant.builder().apiKey(KEY).extraSkills(20));

    private BusClient client;

    @BeforeEach
    void connect() throws Exception {
        client = new BusClient(bus.vertx(), bus.uri());
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    @ParameterizedTest
    @CsvSource({
        "ovos.api.info,        ovos.api.info.answer",
        "ovos.api.config,      ovos.api.config.answer",
        "ovos.api.cache,       ovos.api.cache.answer",
        "ovos.api.internet,    ovos.api.internet.answer",
        "ovos.api.is_awake,    ovos.api.is_awake.answer",
        "recognizer_loop:sleep, ovos.api.sleep.answer"
    })
    void answersThreeTimesInContextsOfItsOwn(String type, String answer) {
        ask(type, KEY);
        assertThat(client.received(answer)).hasSize(3).allSatisfy(one -> {
            assertThat(one.context().get("authenticated").asBoolean()).isTrue();
            assertThat(one.context().get("session").get("session_id").asText()).isEqualTo("default");
            assertThat(one.context()).hasSize(2);
        });
    }

    @Test
    void tellsAboutTheDevice() {
        ask("ovos.api.info", KEY);
        ObjectNode info = client.await("ovos.api.info.answer").data();
        assertThat(info.fieldNames())
                .toIterable()
                .containsExactly("core_version", "name", "locales", "system", "tts_engine", "stt_engine", "log_level");
        assertThat(info.get("locales").fieldNames())
                .toIterable()
                .containsExactly("city", "country", "lang", "secondary_langs", "timezone");
        assertThat(info.get("system").fieldNames()).toIterable().containsExactly("architecture", "os", "kernel");
        assertThat(info.get("name").asText()).isEqualTo("hey_mycroft");
        assertThat(info.get("locales").get("timezone").asText()).isEqualTo("America/Chicago");
        assertThat(info.get("log_level").asText()).isEqualTo("info");
    }

    @Test
    void tellsItsWholeConfigurationWithItsSecrets() {
        ask("ovos.api.config", KEY);
        ObjectNode config = client.await("ovos.api.config.answer").data();
        assertThat(config.at("/stt/ovos-stt-plugin-google-cloud/credential/json/private_key")
                        .asText())
                .startsWith(SimulatedAssistant.SECRET_MARK);
        assertThat(config.at("/PHAL/ovos-phal-plugin-mqtt/1/token").asText())
                .startsWith(SimulatedAssistant.SECRET_MARK);
        assertThat(config.at("/location/city/code").asText()).isEqualTo("Lawrence");
    }

    @Test
    void followsSettingsWithAnError() {
        ask("ovos.api.skill_settings", KEY, "skill", "skill-7.test");
        List<Message> answers = client.received("ovos.api.skill_settings.answer");
        assertThat(answers).hasSize(6);
        for (int copy = 0; copy < 6; copy += 2) {
            assertThat(answers.get(copy).data().get("index").asInt()).isEqualTo(7);
            assertThat(answers.get(copy + 1).data().get("error").asText()).isEqualTo("no settings.json file found");
        }
    }

    @Test
    void givesOnlyTheErrorForASkillWithoutSettings() {
        ask("ovos.api.skill_settings", KEY, "skill", "unknown.skill");
        assertThat(client.received("ovos.api.skill_settings.answer"))
                .hasSize(3)
                .allMatch(answer -> answer.data().has("error"));
    }

    @Test
    void givesAwayItsOwnKey() {
        ask("ovos.api.skill_settings", KEY, "skill", InstalledSkills.COMPANION);
        assertThat(client.received("ovos.api.skill_settings.answer")
                        .get(0)
                        .data()
                        .get("api_key")
                        .asText())
                .isEqualTo(KEY);
    }

    @Test
    void hasDifferentSettingsForEachSkill() {
        for (int i = 0; i < 20; i++) {
            ask("ovos.api.skill_settings", KEY, "skill", "skill-" + i + ".test");
        }
        assertThat(client.received("ovos.api.skill_settings.answer").stream()
                        .filter(answer -> answer.data().has("index"))
                        .map(answer -> answer.data().get("index").asInt())
                        .distinct())
                .hasSize(20);
    }

    @ParameterizedTest
    @CsvSource({
        "ovos.api.info,           ovos.api.info.answer",
        "ovos.api.config,         ovos.api.config.answer",
        "recognizer_loop:sleep,   recognizer_loop:sleep.answer",
        "recognizer_loop:wake_up, recognizer_loop:wake_up.answer"
    })
    void refusesAWrongKeyUnderTheTypeOfTheQuestion(String type, String answer) {
        ask(type, "wrong");
        assertThat(client.received(answer)).hasSize(3).allSatisfy(one -> {
            assertThat(one.data().get("error").asText()).isEqualTo(MISMATCH);
            assertThat(one.context().get("authenticated").asBoolean(true)).isFalse();
        });
    }

    @Test
    void refusesToSleepForAVoiceThatHasNoKey() {
        client.send(Message.bare("recognizer_loop:sleep", Message.object()));
        flush();
        assertThat(client.received("recognizer_loop:sleep.answer")).hasSize(3);
        assertThat(client.received("ovos.api.sleep.answer")).isEmpty();
        assertThat(bus.assistant().isAsleep()).isTrue();
    }

    @Test
    void trustsEverybodyOnceSomebodyHadTheKey() {
        ask("ovos.api.internet", KEY);
        ask("ovos.api.is_awake", "wrong");
        List<Message> answers = client.received("ovos.api.is_awake.answer");
        assertThat(answers).hasSize(6);
        for (int copy = 0; copy < 6; copy += 2) {
            assertThat(answers.get(copy).data().get("error").asText()).isEqualTo(MISMATCH);
            assertThat(answers.get(copy).context().get("authenticated").asBoolean(true))
                    .isFalse();
            assertThat(answers.get(copy + 1).data().get("is_awake").asBoolean()).isTrue();
            assertThat(answers.get(copy + 1).context().get("authenticated").asBoolean())
                    .isTrue();
        }
    }

    @Test
    void saysThatItWasNotSetUp() throws Exception {
        try (FakeBus unset =
                        new FakeBus(SimulatedAssistant.builder().apiKey(null).copies(1));
                BusClient other = new BusClient(unset.vertx(), unset.uri())) {
            other.send(question("ovos.api.info", KEY));
            assertThat(other.await("ovos.api.info.answer").data().get("error").asText())
                    .isEqualTo("no api key detected from home.mycroft.ai");
        }
    }

    @Test
    void deletesItsMarkOfSleepAndThenDoesNotFindIt() {
        ask("recognizer_loop:sleep", KEY);
        ask("ovos.api.is_awake", KEY);
        assertThat(client.await("ovos.api.is_awake.answer")
                        .data()
                        .get("is_awake")
                        .asBoolean(true))
                .isFalse();
        assertThat(client.await("ovos.api.sleep.answer").data().get("mark").asText())
                .isEqualTo("/tmp/sleep.mark");
        ask("recognizer_loop:wake_up", KEY);
        assertThat(client.received("ovos.api.wake_up.answer"))
                .extracting(answer -> answer.data().get("mark").asText())
                .containsExactly(
                        "sleep mark deleted",
                        "no sleep mark to delete",
                        "no sleep mark to delete",
                        "no sleep mark to delete");
    }

    @ParameterizedTest
    @CsvSource({"tts, true", "stt, false"})
    void clearsOnlyTheCacheOfSpeech(String cache, boolean status) {
        ask("ovos.api.cache", KEY, "cache_type", cache);
        ObjectNode cleared = client.await("ovos.api.cache.answer").data();
        assertThat(cleared.get("cache_type").asText()).isEqualTo(cache);
        assertThat(cleared.get("status").asBoolean()).isEqualTo(status);
    }

    @Test
    void hasNoAnswerAboutTheWebSocket() {
        ask("ovos.api.websocket", KEY);
        assertThat(client.received("ovos.api.websocket.answer")).isEmpty();
    }

    @Test
    void isSilentWhileDeactivated() {
        client.send(Message.bare("skillmanager.deactivate", Message.object().put("skill", InstalledSkills.COMPANION)));
        ask("ovos.api.info", KEY);
        assertThat(client.received("ovos.api.info.answer")).isEmpty();
    }

    @Test
    void isNotListedWhereItIsNotInstalled() throws Exception {
        try (FakeBus plain = new FakeBus(SimulatedAssistant.builder().without(AssistantPart.COMPANION));
                BusClient other = new BusClient(plain.vertx(), plain.uri())) {
            other.send(question("ovos.api.info", KEY));
            other.send(Message.bare("skillmanager.list", Message.object()));
            assertThat(other.await("mycroft.skills.list").data().has(InstalledSkills.COMPANION))
                    .isFalse();
            assertThat(other.received("ovos.api.info.answer")).isEmpty();
        }
    }

    @Test
    void isNotListedWhileSwitchedOff() {
        bus.assistant().switchOff(AssistantPart.COMPANION);
        client.send(Message.bare("skillmanager.list", Message.object()));
        assertThat(client.await("mycroft.skills.list").data().has(InstalledSkills.COMPANION))
                .isFalse();
        bus.assistant().switchOn(AssistantPart.COMPANION);
        ask("ovos.api.info", KEY);
        assertThat(client.received("ovos.api.info.answer")).hasSize(3);
        assertThat(bus.assistant().activeSkills()).contains(InstalledSkills.COMPANION);
    }

    private void ask(String type, String key, String... more) {
        Message question = question(type, key);
        for (int i = 0; i < more.length; i += 2) {
            question.data().put(more[i], more[i + 1]);
        }
        client.send(question);
        flush();
    }

    private static Message question(String type, String key) {
        String appKey = Base64.getEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8));
        return new Message(
                type,
                Message.object().put("app_key", appKey),
                Message.object().put("gw_request_id", "1").put("source", "me").put("destination", "you"));
    }

    /** The skill has handled everything before once the core, of the same process, has answered this. */
    private void flush() {
        int before = client.received("mycroft.skills.is_alive.response").size();
        client.send(Message.bare("mycroft.skills.is_alive", Message.object()));
        client.await("mycroft.skills.is_alive.response", before + 1);
    }
}
