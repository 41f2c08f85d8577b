// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.vertx.core.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.AssistantPart;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ovosgateway.bus.TestDevice.TIMEOUT;
import static org.ovosgateway.bus.TestDevice.assertProblem;
import static org.ovosgateway.bus.TestDevice.data;
import static org.ovosgateway.bus.TestDevice.get;

class CompanionTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String KEY = "the key";

    @RegisterExtension
    static final FakeBus bus =
            new FakeBus(SimulatedAssistant.builder().apiKey(KEY).extraSkills(20));

    @RegisterExtension
    final TestDevice test = new TestDevice(bus, KEY);

    @RegisterExtension
    final TestDevice keeping = new TestDevice(bus, KEY).withKeyInClear(false);

    @AfterEach
    void allPartsRun() {
        for (AssistantPart part : AssistantPart.values()) {
            bus.assistant().switchOn(part);
        }
        bus.assistant().unsilence("ovos.api.info");
    }

    private Future<BusMessage> ask(String type, Map<String, ?> data) {
        return ask(type, data, PATIENCE);
    }

    private Future<BusMessage> ask(String type, Map<String, ?> data, Duration timeout) {
        return test.device().companion().ask(type, BusMessage.JSON.valueToTree(data), timeout);
    }

    @Test
    void isNotSentTheKeyWhereThatIsForbidden() {
        int before = bus.frames("ovos.api.config").size();
        Future<BusMessage> asked =
                keeping.device().companion().ask("ovos.api.config", BusMessage.JSON.createObjectNode(), TIMEOUT);

        assertProblem(asked, "companion-outdated", 502).hasMessageContaining("ovos.devices.default.key-in-clear");
        assertThat(bus.frames("ovos.api.config")).hasSize(before);
    }

    @Test
    void tellsWhatTheSkillSays() throws Throwable {
        assertThat(get(ask("ovos.api.info", Map.of())).data().has("core_version"))
                .isTrue();
    }

    @Test
    void eachOfTwoHundredCallersGetsTheSettingsThatWereAskedFor() throws Throwable {
        Map<Integer, Future<BusMessage>> asked = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            asked.put(i, ask("ovos.api.skill_settings", Map.of("skill", "skill-" + i % 20 + ".test")));
        }
        Map<Integer, BusMessage> alone = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            alone.put(i, get(asked.get(i)));
        }
        for (int skill = 0; skill < 20; skill++) {
            BusMessage expected = get(ask("ovos.api.skill_settings", Map.of("skill", "skill-" + skill + ".test")));
            for (int i = skill; i < 200; i += 20) {
                assertThat(alone.get(i).data()).isEqualTo(expected.data());
            }
        }
        List<Object> distinct = new ArrayList<>(
                alone.values().stream().map(BusMessage::data).distinct().toList());
        assertThat(distinct).hasSize(20);
    }

    @Test
    void saysThatTheSkillIsNotActive() throws Throwable {
        var deactivate = test.device().tell("skillmanager.deactivate", data("skill", "skill-rest-api.smartgic"));
        get(deactivate);
        try {
            assertProblem(ask("ovos.api.info", Map.of()), "companion-inactive", 502);
        } finally {
            get(test.device().tell("skillmanager.activate", data("skill", "skill-rest-api.smartgic")));
        }
    }

    @Test
    void saysThatTheCoreIsNotThere() {
        bus.assistant().switchOff(AssistantPart.CORE);
        bus.assistant().switchOff(AssistantPart.COMPANION);

        assertProblem(ask("ovos.api.info", Map.of(), TIMEOUT), "core-silent", 504);
    }

    @Test
    void saysThatTheSkillIsActiveButSilentAndWhatItLacks() {
        bus.assistant().silence("ovos.api.info");

        assertProblem(ask("ovos.api.info", Map.of(), TIMEOUT), "companion-silent", 504)
                .hasMessageContaining("log_level")
                .hasMessageContaining("pip install ./companion");
    }

    @Test
    void tellsThatItIsTheOneThatWantsTheKey() throws Throwable {
        var companion = get(ask("ovos.api.info", Map.of())).data().path("companion");

        assertThat(companion.path("name").asText()).isEqualTo("skill-rest-api");
        assertThat(companion.path("protocol").intValue()).isZero();
    }

    @Test
    void saysThatTheOldSkillCannotChangeSettings() {
        assertProblem(ask("ovos.api.change_settings", Map.of()), "companion-outdated", 502)
                .hasMessageContaining("pip install ./companion");
    }

    @Test
    void aSkillWithoutSettingsHasNone() throws Throwable {
        assertThat(get(ask("ovos.api.skill_settings", Map.of("skill", "no-such-skill")))
                        .data())
                .isEmpty();
    }

    @Nested
    class WithoutTheSkill {

        @RegisterExtension
        final FakeBus plain = new FakeBus(SimulatedAssistant.builder().without(AssistantPart.COMPANION));

        @RegisterExtension
        final TestDevice device = new TestDevice(plain, KEY);

        @Test
        void saysThatItIsNotInstalled() {
            Future<BusMessage> asked =
                    device.device().companion().ask("ovos.api.info", BusMessage.JSON.createObjectNode(), TIMEOUT);

            assertProblem(asked, "companion-missing", 502).hasMessageContaining("skill-rest-api.smartgic");
            assertThat(device.meters().get("ovos.bus.waits").gauge().value())
                    .as("nobody joins a question that was given up")
                    .isZero();
        }
    }

    @Nested
    class WithAnotherKey {

        @RegisterExtension
        final TestDevice wrong = new TestDevice(bus, "another key");

        @Test
        void saysThatTheKeyIsRefusedEvenThoughTheDataFollow() {
            Future<BusMessage> asked =
                    wrong.device().companion().ask("ovos.api.info", BusMessage.JSON.createObjectNode(), TIMEOUT);

            assertProblem(asked, "companion-refused", 502)
                    .hasMessageContaining("API_KEY")
                    .hasMessageNotContaining("another key");
        }
    }

    @Nested
    class WithoutKey {

        @RegisterExtension
        final TestDevice none = new TestDevice(bus, "");

        @Test
        void saysWhichKeyToSetAndAsksNothing() {
            Future<BusMessage> asked =
                    none.device().companion().ask("ovos.api.info", BusMessage.JSON.createObjectNode(), TIMEOUT);

            assertProblem(asked, "companion-key-missing", 502).hasMessageContaining("API_KEY");
            assertThat(bus.frames("ovos.api.info")).isEmpty();
        }
    }
}
