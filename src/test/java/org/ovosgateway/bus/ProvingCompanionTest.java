// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

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
        bus.assistant().unsilence(ProvingCompanion.ASK);
    }

    private Future<BusMessage> ask(String type, Map<String, ?> data) {
        return test.device().companion().ask(type, BusMessage.JSON.valueToTree(data), TIMEOUT);
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
    void getsOverAClockThatIsAnHourAhead() throws Throwable {
        bus.assistant().companionClockIsAhead(Duration.ofHours(1));

        JsonNode companion = get(ask("ovos.api.info", Map.of())).data().path("companion");

        assertThat(companion.path("clock_skew").longValue()).isBetween(3_570L, 3_630L);
        assertThat(test.meters()
                        .get("ovos.bus.incidents")
                        .tag("type", "companion-clock")
                        .counter()
                        .count())
                .isOne();
    }

    @Test
    void takesNoAnswerOfAnotherClient() throws Throwable {
        get(ask("ovos.api.info", Map.of()));
        bus.whenAsked(ProvingCompanion.ASK)
                .answer(asked -> asked.response(Message.object()
                        .put("id", asked.data().path("id").asText())
                        .put("time", System.currentTimeMillis())
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

        assertProblem(ask("ovos.api.info", Map.of()), "companion-silent", 504);
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
                    .hasMessageNotContaining("another key");
        }
    }
}
