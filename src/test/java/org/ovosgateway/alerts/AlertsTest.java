// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.alerts;

import java.net.http.HttpResponse;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.EmbeddedBroker;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.MqttProbe;

import static org.assertj.core.api.Assertions.assertThat;

/** Timers, alarms and reminders, by REST and MQTT, on a simulated assistant with ovos-skill-alerts. */
class AlertsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SKILL = "ovos-skill-alerts.openvoiceos";
    private static final String EVENTS = "ovos/default/event/voice";
    private static final String NEXT = "ovos/default/next_alert";

    @RegisterExtension
    @Order(1)
    static final EmbeddedBroker broker = new EmbeddedBroker();

    @RegisterExtension
    @Order(2)
    static final FakeBus bus = new FakeBus(
            SimulatedAssistant.builder().apiKey(Gateway.API_KEY).oneConnection().alerts());

    @RegisterExtension
    @Order(3)
    static final Gateway gateway = Gateway.on(bus::port).broker(broker::port);

    private MqttProbe probe;

    @BeforeEach
    void connect() throws Exception {
        gateway.awaitBus();
        probe = MqttProbe.connect(broker.port()).subscribe("ovos/default/#");
        for (JsonNode alert : list()) {
            delete(alert.path("id").asText());
        }
        probe.await(NEXT, next -> next.contains("\"count\":0"));
        probe.forget();
    }

    @AfterEach
    void leave() throws Exception {
        probe.close();
    }

    private static JsonNode list() throws Exception {
        HttpResponse<String> answer = gateway.call("GET", "/v1/alerts").send();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).path("results");
    }

    private static JsonNode set(String alert) throws Exception {
        HttpResponse<String> answer =
                gateway.call("POST", "/v1/alerts").json(alert).send();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return JSON.readTree(answer.body());
    }

    private static void delete(String id) {
        HttpResponse<String> answer = gateway.call("DELETE", "/v1/alerts/" + id).send();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
    }

    private void awaitRinging(String name) {
        awaitEvent("alert_ringing", name);
    }

    private void awaitEvent(String type, String name) {
        probe.await(
                EVENTS,
                event -> event.contains("\"event_type\":\"" + type + "\"")
                        && event.contains("\"name\":\"" + name + "\""));
    }

    @Test
    void setsATimer() throws Exception {
        JsonNode timer = set("{\"kind\":\"timer\",\"seconds\":600,\"name\":\"pasta\"}");

        assertThat(timer.path("kind").asText()).isEqualTo("timer");
        assertThat(timer.path("name").asText()).isEqualTo("pasta");
        assertThat(timer.path("seconds_left").asInt()).isBetween(500, 600);
        assertThat(timer.path("ringing").asBoolean()).isFalse();
        assertThat(list()).hasSize(1);
        awaitEvent("alert_set", "pasta");
        probe.await(NEXT, next -> next.contains("\"name\":\"pasta\"") && next.contains("\"count\":1"));
    }

    @Test
    void setsAnAlarmForATimeInAnyZone() throws Exception {
        OffsetDateTime time = OffsetDateTime.parse("2026-01-01T07:30:00+05:30")
                .plusSeconds(OffsetDateTime.parse("2026-01-01T07:30:00+05:30")
                        .until(OffsetDateTime.now(), ChronoUnit.SECONDS))
                .plusHours(30);

        JsonNode alarm = set("{\"kind\":\"alarm\",\"time\":\"" + time + "\",\"days\":[\"fri\",\"mon\"]}");

        OffsetDateTime set = OffsetDateTime.parse(alarm.path("time").asText());
        assertThat(Math.abs(time.until(set, ChronoUnit.SECONDS))).isLessThan(10);
        assertThat(alarm.at("/repeats/days")).hasSize(2);
        assertThat(alarm.at("/repeats/days/0").asText()).isEqualTo("mon");
    }

    @Test
    void listsTheNextOneFirst() throws Exception {
        set("{\"kind\":\"timer\",\"seconds\":900}");
        set("{\"kind\":\"reminder\",\"seconds\":300,\"name\":\"call my mum\"}");

        assertThat(list()).extracting(alert -> alert.path("kind").asText()).containsExactly("reminder", "timer");
    }

    @Test
    void sendsWhatIsSetInASessionOfItsOwn() throws Exception {
        set("{\"kind\":\"timer\",\"seconds\":600}");

        assertThat(bus.frames(SKILL + ":CreateTimer")
                        .get(0)
                        .context()
                        .at("/session/session_id")
                        .asText())
                .startsWith("ovos-gateway-");
        // newer skills let it ring where it was set
        assertThat(bus.frames(SKILL + ":create_timer.intent")
                        .get(0)
                        .context()
                        .at("/session/session_id")
                        .asText())
                .isEqualTo("default");
        assertThat(bus.assistant().spoken()).doesNotContain("Your timer is set.");
    }

    @Test
    void tellsWhatRingsAndEndsIt() throws Exception {
        String id = set("{\"kind\":\"timer\",\"seconds\":1,\"name\":\"egg\"}")
                .path("id")
                .asText();
        awaitRinging("egg");

        assertThat(list().get(0).path("ringing").asBoolean()).isTrue();
        assertThat(list().get(0).path("seconds_left").asInt()).isZero();
        delete(id);

        assertThat(list()).isEmpty();
        awaitEvent("alert_stopped", "egg");
    }

    @Test
    void putsOffWhatRings() throws Exception {
        String id = set("{\"kind\":\"alarm\",\"seconds\":1,\"name\":\"nap\"}")
                .path("id")
                .asText();
        awaitRinging("nap");

        HttpResponse<String> answer =
                gateway.call("PUT", "/v1/alerts/" + id + "/snooze").send();

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode snoozed = JSON.readTree(answer.body());
        assertThat(snoozed.path("id").asText()).isEqualTo("snoozed_" + id);
        assertThat(snoozed.path("seconds_left").asInt()).isBetween(800, 900);
        awaitEvent("alert_stopped", "nap");
    }

    @Test
    void aSinglePressEndsWhatRings() throws Exception {
        set("{\"kind\":\"alarm\",\"seconds\":1,\"name\":\"sunrise\"}");
        awaitRinging("sunrise");

        probe.publish("ovos/default/toggle/set", "PRESS");

        awaitEvent("alert_stopped", "sunrise");
        assertThat(bus.frames("mycroft.mic.listen")).isEmpty();
        assertThat(list()).isEmpty();
    }

    @Test
    void putsOffWhateverRings() throws Exception {
        set("{\"kind\":\"timer\",\"seconds\":1,\"name\":\"soup\"}");
        awaitRinging("soup");

        probe.publish("ovos/default/snooze/set", "PRESS");

        awaitEvent("alert_stopped", "soup");
        assertThat(list())
                .extracting(alert -> alert.path("ringing").asBoolean())
                .containsExactly(false);
    }

    @Test
    void takesThemByMqtt() throws Exception {
        probe.publish("ovos/default/set_alert/set", "{\"kind\":\"timer\",\"seconds\":600,\"name\":\"rice\"}");
        awaitEvent("alert_set", "rice");
        probe.publish("ovos/default/request/alerts", "");

        assertThat(probe.await("ovos/default/response/alerts").text()).contains("\"rice\"");
        probe.publish(
                "ovos/default/delete_alert/set",
                "{\"alert_id\":\"" + list().get(0).path("id").asText() + "\"}");
        probe.await(NEXT, next -> next.contains("\"count\":0"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"kind\":\"timer\"}|seconds",
                "{\"kind\":\"timer\",\"seconds\":5,\"time\":\"2099-01-01T00:00:00Z\"}|seconds",
                "{\"kind\":\"timer\",\"seconds\":0}|seconds",
                "{\"kind\":\"timer\",\"seconds\":60,\"days\":[\"mon\"]}|days",
                "{\"kind\":\"alarm\",\"time\":\"2020-01-01T00:00:00Z\"}|time",
                "{\"kind\":\"alarm\",\"time\":\"2099-01-01T00:00:00Z\"}|time",
                "{\"kind\":\"alarm\",\"time\":\"2099-13-41T00:00:00Z\"}|time",
                "{\"kind\":\"reminder\",\"seconds\":60}|name",
                "{\"kind\":\"party\",\"seconds\":60}|kind",
            })
    void refusesWhatIsNoAlert(String alert, String field) throws Exception {
        HttpResponse<String> answer =
                gateway.call("POST", "/v1/alerts").json(alert).send();

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
        assertThat(JSON.readTree(answer.body()).at("/errors/0/field").asText()).isEqualTo(field);
        assertThat(bus.frames(SKILL + ":CreateTimer")).isEmpty();
    }

    @Test
    void putsOffNothingThatDoesNotRing() throws Exception {
        String id = set("{\"kind\":\"timer\",\"seconds\":600}").path("id").asText();

        assertThat(gateway.call("PUT", "/v1/alerts/" + id + "/snooze").send().statusCode())
                .isEqualTo(409);
    }

    @ParameterizedTest
    @CsvSource({"DELETE, /v1/alerts/nope", "PUT, /v1/alerts/nope/snooze"})
    void knowsNoOther(String method, String path) {
        assertThat(gateway.call(method, path).send().statusCode()).isEqualTo(404);
    }

    @Test
    void tellsWhatTheSkillMadeOfItInstead() throws Exception {
        bus.whenAsked(SKILL + ":CreateTimer")
                .answer(intent -> intent.forward(
                        "speak", org.ovosgateway.demo.Message.object().put("utterance", "What timer?")));

        HttpResponse<String> answer = gateway.call("POST", "/v1/alerts")
                .json("{\"kind\":\"timer\",\"seconds\":600}")
                .send();

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(502);
        assertThat(answer.body()).contains("not-done").contains("What timer?");
    }

    @Test
    void saysWhatIsMissingWithoutTheSkill() throws Exception {
        bus.send("skillmanager.deactivate", java.util.Map.of("skill", SKILL));
        bus.awaitFrame("skillmanager.deactivate.response");
        try {
            HttpResponse<String> answer = gateway.call("GET", "/v1/alerts").send();

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(501);
            assertThat(answer.body()).contains("no-alerts").contains(SKILL);
        } finally {
            bus.send("skillmanager.activate", java.util.Map.of("skill", SKILL));
            bus.awaitFrame("skillmanager.activate.response");
        }
    }
}
