// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.AssistantPart;
import org.ovosgateway.demo.Message;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.ovosgateway.bus.TestDevice.TIMEOUT;
import static org.ovosgateway.bus.TestDevice.assertProblem;
import static org.ovosgateway.bus.TestDevice.get;

/** The companion skill of this gateway, as the demo has it; CompanionIT has the real one. */
class ProvingCompanionTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String KEY = "the key of the companion";

    @RegisterExtension
    static final FakeBus bus = new FakeBus(
            SimulatedAssistant.builder().apiKey(KEY).gatewayCompanion().extraSkills(20));

    @RegisterExtension
    final TestDevice test = new TestDevice(bus, KEY);

    @AfterEach
    void allIsWell() {
        bus.assistant().switchOn(AssistantPart.COMPANION);
        bus.assistant().companionClockIsAhead(Duration.ZERO);
        for (String type : List.of(ProvingCompanion.ASK, "ovos.api.is_awake", "ovos.api.config")) {
            bus.assistant().unsilence(type);
        }
    }

    private Future<BusMessage> ask(String type, Map<String, ?> data) {
        return ask(type, data, PATIENCE);
    }

    private Future<BusMessage> ask(String type, Map<String, ?> data, Duration timeout) {
        return test.device().companion().ask(type, BusMessage.JSON.valueToTree(data), timeout);
    }

    private static Future<BusMessage> change(TestDevice device, String skill, Map<String, ?> settings) {
        return device.device()
                .companion()
                .ask(
                        "ovos.api.change_settings",
                        BusMessage.JSON.valueToTree(
                                Map.of("skill", skill, "settings", settings, "scope", "skills:settings")),
                        TIMEOUT);
    }

    @Test
    void tellsWhichCompanionAnswers() throws Throwable {
        JsonNode companion = get(ask("ovos.api.info", Map.of())).data().path("companion");

        assertThat(companion.path("name").asText()).isEqualTo("ovos-skill-gateway-companion");
        assertThat(companion.path("protocol").intValue()).isOne();
        assertThat(companion.path("clock_skew").longValue()).isBetween(-30L, 30L);
    }

    @Test
    void neverSendsTheKey() throws Throwable {
        get(ask("ovos.api.info", Map.of()));
        get(ask("ovos.api.config", Map.of()));

        assertThat(bus.frames("ovos.api.is_awake"))
                .isNotEmpty()
                .noneMatch(asked -> asked.frame().contains("app_key"));
        assertThat(bus.frames(ProvingCompanion.ASK))
                .isNotEmpty()
                .noneMatch(asked -> asked.frame().contains(KEY) || asked.frame().contains("app_key"));
        assertThat(bus.frames("ovos.api.config")).isEmpty();
    }

    @Test
    void asksOnceWhichCompanionIsThere() throws Throwable {
        get(ask("ovos.api.info", Map.of()));
        int before = bus.frames("ovos.api.is_awake").size();
        get(ask("ovos.api.config", Map.of()));
        get(ask("ovos.api.info", Map.of()));

        assertThat(bus.frames("ovos.api.is_awake")).hasSize(before);
    }

    @Test
    void asksAgainWhichCompanionIsThereWhenItWasLoaded() throws Throwable {
        get(ask("ovos.api.info", Map.of()));
        int before = bus.frames("ovos.api.is_awake").size();

        bus.send("mycroft.skills.loaded", Map.of("id", "skill-rest-api.smartgic"), Map.of());

        await().atMost(Duration.ofSeconds(30)).until(() -> {
            ask("ovos.api.info", Map.of());
            return bus.frames("ovos.api.is_awake").size() > before;
        });
    }

    @Test
    void whoAskTheSameAtTheSameTimeShareOneQuestion() throws Throwable {
        get(ask("ovos.api.info", Map.of()));
        int before = bus.frames(ProvingCompanion.ASK).size();
        List<Future<BusMessage>> asked = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            asked.add(ask("ovos.api.config", Map.of()));
        }
        for (Future<BusMessage> one : asked) {
            get(one);
        }

        assertThat(bus.frames(ProvingCompanion.ASK).size() - before).isLessThan(25);
    }

    @Test
    void eachCallerGetsTheSettingsThatWereAskedFor() throws Throwable {
        List<Future<BusMessage>> asked = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            asked.add(ask("ovos.api.skill_settings", Map.of("skill", "skill-" + i % 20 + ".test")));
        }
        for (int i = 0; i < 200; i++) {
            assertThat(get(asked.get(i)).data().path("index").intValue()).isEqualTo(i % 20);
        }
    }

    @Test
    void changesSettings() throws Throwable {
        BusMessage changed = get(change(test, "skill-3.test", Map.of("name", "three")));

        assertThat(changed.data().path("name").asText()).isEqualTo("three");
        assertThat(get(ask("ovos.api.skill_settings", Map.of("skill", "skill-3.test")))
                        .data()
                        .path("name")
                        .asText())
                .isEqualTo("three");
    }

    @Test
    void saysWhichSettingsDoNotFit() {
        assertProblem(change(test, "skill-4.test", Map.of("name", 5)), "validation", 422)
                .hasMessageContaining("name");
    }

    @Test
    void leavesASettingThatComesBackMaskedAsItIs() throws Throwable {
        get(change(test, "skill-5.test", Map.of("password", "old")));
        get(change(test, "skill-5.test", Map.of("password", "********", "level", 3)));

        assertThat(get(ask("ovos.api.skill_settings", Map.of("skill", "skill-5.test")))
                        .data()
                        .path("password")
                        .asText())
                .isEqualTo("old");
        assertProblem(change(test, "skill-5.test", Map.of("__first", true)), "validation", 422);
    }

    @Test
    void doesNotChangeTheKey() {
        assertProblem(change(test, "skill-rest-api.smartgic", Map.of("api_key", "mine")), "settings-protected", 409);
    }

    @Test
    void tellsTheLinesOfALog() throws Throwable {
        assertThat(get(ask("ovos.api.logs", Map.of("lines", 10))).data().path("lines"))
                .isNotEmpty();
        assertProblem(ask("ovos.api.logs", Map.of("service", "none")), "unknown-log", 404);
    }

    @Test
    void asksWithAnotherChallengeWhenTheSkillWasStartedAgain() throws Throwable {
        get(ask("ovos.api.info", Map.of()));
        int before = bus.frames(ProvingCompanion.ASK).size();

        bus.assistant().restartCompanion();
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(succeeds(ask("ovos.api.info", Map.of()))).isTrue();
            assertThat(bus.frames(ProvingCompanion.ASK).size() - before).isGreaterThan(1);
        });
    }

    @Test
    void getsOverAClockThatIsAnHourAhead() throws Throwable {
        bus.assistant().companionClockIsAhead(Duration.ofHours(1));

        JsonNode companion = get(ask("ovos.api.info", Map.of())).data().path("companion");

        assertThat(companion.path("clock_skew").longValue()).isBetween(3_570L, 3_630L);
        assertThat(companion.has("time")).isFalse();
    }

    @Test
    void takesNoAnswerOfAnotherClient() throws Throwable {
        get(ask("ovos.api.info", Map.of()));
        bus.whenAsked(ProvingCompanion.ASK)
                .answer(asked -> asked.response(Message.object()
                        .put("id", asked.data().path("id").asText())
                        .put("challenge", "forged")
                        .put("body", "{\"result\":{\"lang\":\"forged\"}}")
                        .put("proof", "0".repeat(64))));

        assertProblem(ask("ovos.api.config", Map.of()), "companion-refused", 502);
    }

    @Test
    void saysThatTheSkillIsNotInstalledAndHowToInstallIt() {
        bus.assistant().switchOff(AssistantPart.COMPANION);

        assertProblem(ask("ovos.api.info", Map.of()), "companion-missing", 502)
                .hasMessageContaining("pip install ./companion");
    }

    @Test
    void saysThatTheSkillIsSilent() {
        bus.assistant().silence(ProvingCompanion.ASK);

        assertProblem(ask("ovos.api.info", Map.of(), TIMEOUT), "companion-silent", 504);
    }

    private static boolean succeeds(Future<?> asked) throws Throwable {
        return get(asked.map(true).otherwise(false));
    }

    /** As after somebody has put skill-rest-api back, or answers like it. */
    private static void answersLikeTheOldOne() {
        bus.whenAsked("ovos.api.is_awake").answer(asked -> {
            Message refusal =
                    asked.reply("ovos.api.is_awake.answer", Message.object().put("error", "both keys don't match"));
            refusal.context().put("authenticated", false);
            return refusal;
        });
    }

    @Nested
    class WhenTheKeyIsWantedInTheClear {

        @RegisterExtension
        final TestDevice allowed = new TestDevice(bus, KEY).withKeyInClear(true);

        private Future<BusMessage> config(TestDevice device) {
            return device.device().companion().ask("ovos.api.config", BusMessage.JSON.createObjectNode(), TIMEOUT);
        }

        @Test
        void itIsNotSentWhereThisOneHasBeenOnceAlsoAfterARestart() throws Throwable {
            get(config(test));
            test.restart();
            answersLikeTheOldOne();

            assertProblem(config(test), "companion-changed", 502)
                    .hasMessageContaining("ovos.devices.default.key-in-clear to true");
            assertThat(bus.frames("ovos.api.config")).isEmpty();
        }

        @Test
        void itIsNotSentWhereTheMemoryCannotBeRead() throws Throwable {
            Files.createDirectory(test.state().resolve(ProvenCompanions.FILE));
            test.restart();
            answersLikeTheOldOne();

            assertProblem(config(test), "companion-changed", 502);
            assertThat(bus.frames("ovos.api.config")).isEmpty();
        }

        @Test
        void itIsSentIfTheOwnerSaysSo() throws Throwable {
            get(config(allowed));
            allowed.restart();
            answersLikeTheOldOne();
            bus.whenAsked("ovos.api.config")
                    .answer(asked -> asked.reply(
                            "ovos.api.config.answer", Message.object().put("lang", "old")));

            assertThat(get(config(allowed)).data().path("lang").asText()).isEqualTo("old");
        }
    }

    @Nested
    class WithAnotherKey {

        @RegisterExtension
        final TestDevice wrong = new TestDevice(bus, "another key");

        @Test
        void saysThatTheKeyIsRefused() {
            assertProblem(
                            wrong.device()
                                    .companion()
                                    .ask("ovos.api.info", BusMessage.JSON.createObjectNode(), TIMEOUT),
                            "companion-refused",
                            502)
                    .hasMessageContaining("API_KEY")
                    .hasMessageNotContaining("pip install")
                    .hasMessageNotContaining("another key");
        }
    }
}
