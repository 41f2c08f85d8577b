// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.EmbeddedBroker;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.MqttProbe;
import org.ovosgateway.testing.RenamedBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The shipped routes, on an assistant with the old names, one with the new names, and one with both. */
class RenamedAssistantTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    @Order(1)
    static final FakeBus old = new FakeBus(assistant());

    @RegisterExtension
    @Order(1)
    static final FakeBus behindTheNew = new FakeBus(assistant());

    @RegisterExtension
    @Order(1)
    static final FakeBus behindBoth = new FakeBus(assistant());

    @RegisterExtension
    @Order(2)
    static final RenamedBus now = new RenamedBus(behindTheNew, false);

    @RegisterExtension
    @Order(2)
    static final RenamedBus both = new RenamedBus(behindBoth, true);

    @RegisterExtension
    @Order(2)
    static final EmbeddedBroker broker = new EmbeddedBroker();

    @RegisterExtension
    @Order(3)
    static final Gateway gateway = Gateway.on(old::port)
            .with("ovos.devices.new.port", now::port)
            .with("ovos.devices.both.port", both::port)
            .with("ovos.mqtt.host", "127.0.0.1")
            .with("ovos.mqtt.port", broker::port)
            .with("ovos.assistant.check-interval", "500ms");

    private MqttProbe probe;

    private static SimulatedAssistant.Builder assistant() {
        return SimulatedAssistant.builder().speech(Duration.ofMillis(200)).backOff(Duration.ofMillis(20));
    }

    @BeforeEach
    void listen() throws Exception {
        probe = MqttProbe.connect(broker.port()).subscribe("ovos/#");
        for (String device : List.of("default", "new", "both")) {
            probe.await("ovos/" + device + "/state", "idle"::equals);
            probe.await("ovos/" + device + "/volume", "50"::equals);
        }
        probe.settle();
        probe.forget();
    }

    @AfterEach
    void leave() throws Exception {
        probe.close();
    }

    /** What each of the three tells while this is done to it. */
    private void assertSame(Supplier<List<String>> ofOld, Supplier<List<String>> ofNew, Supplier<List<String>> ofBoth) {
        assertThat(ofNew.get()).as("new names").isEqualTo(ofOld.get());
        assertThat(ofBoth.get()).as("both names").isEqualTo(ofOld.get());
    }

    private List<String> events(String device) {
        return probe.texts("ovos/" + device + "/event/voice");
    }

    private void awaitEvent(String device, String type) {
        await(type + " of " + device)
                .atMost(Duration.ofSeconds(30))
                .until(() -> events(device).stream().anyMatch(event -> type.equals(typeOf(event))));
    }

    private static String typeOf(String event) {
        try {
            return JSON.readTree(event).path("event_type").asText();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void tellAConversationInTheSameEventsOnceEach() {
        for (FakeBus bus : List.of(old, behindTheNew, behindBoth)) {
            bus.assistant().hear("hello");
        }
        for (String device : List.of("default", "new", "both")) {
            awaitEvent(device, "spoken");
            probe.await("ovos/" + device + "/state", "idle"::equals);
        }

        assertThat(events("default"))
                .extracting(RenamedAssistantTest::typeOf)
                .containsExactly("wakeword", "utterance", "intent", "spoken");
        assertSame(() -> events("default"), () -> events("new"), () -> events("both"));
        for (String property : List.of("state", "last_utterance", "last_answer")) {
            assertSame(
                    () -> probe.texts("ovos/default/" + property),
                    () -> probe.texts("ovos/new/" + property),
                    () -> probe.texts("ovos/both/" + property));
        }
    }

    @Test
    void tellInTheSameWayThatNothingWasUnderstood() {
        for (FakeBus bus : List.of(old, behindTheNew, behindBoth)) {
            bus.assistant().hear("gibberish");
        }
        for (String device : List.of("default", "new", "both")) {
            awaitEvent(device, "intent_failed");
            awaitEvent(device, "spoken");
            probe.await("ovos/" + device + "/state", "idle"::equals);
        }

        assertSame(() -> events("default"), () -> events("new"), () -> events("both"));
    }

    @Test
    void tellNoIntentWhereASkillIsStopped() {
        Map<String, Object> context =
                Map.of("session", Map.of("session_id", "default"), "skill_id", "ovos-skill-timer.openvoiceos");
        Map<String, Object> utterance = Map.of("utterance", "stop", "utterances", List.of("stop"));
        for (String control : List.of("stop", "converse", "fallback")) {
            behindBoth.send("ovos-skill-timer.openvoiceos:" + control, utterance, context);
        }
        behindBoth.send("recognizer_loop:wakeword", Map.of("utterance", "end"), context);

        awaitEvent("both", "wakeword");
        assertThat(events("both")).hasSize(1);
    }

    @Test
    void doWhatTheyAreTold() {
        for (String device : List.of("default", "new", "both")) {
            gateway.call("POST", "/v1/voice/speech?device=" + device)
                    .json("{\"utterance\": \"Good evening\", \"lang\": \"en-US\"}")
                    .answers(200);
            awaitEvent(device, "spoken");
            gateway.call("PUT", "/v1/voice/listen?device=" + device).answers(204);
            probe.await("ovos/" + device + "/state", "listening"::equals);
            gateway.call("DELETE", "/v1/voice/speech?device=" + device).answers(204);
        }

        for (String device : List.of("new", "both")) {
            assertThat(events(device))
                    .filteredOn(event -> "spoken".equals(typeOf(event)))
                    .hasSize(1);
        }
    }
}
