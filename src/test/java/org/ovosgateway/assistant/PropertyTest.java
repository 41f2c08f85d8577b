// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.apache.camel.CamelExecutionException;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.DryRun;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.bus.TestDevice;
import org.ovosgateway.problem.ProblemException;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What property: and event: make of a body. */
class PropertyTest {

    @RegisterExtension
    final FakeBus bus = new FakeBus();

    @RegisterExtension
    final FakeBus kitchen = new FakeBus();

    @RegisterExtension
    final TestDevice test = new TestDevice(bus).with("kitchen", kitchen);

    private Told told;
    private DefaultCamelContext camel;
    private States states;
    private Events events;

    @BeforeEach
    void start() {
        states = new States(test.devices());
        events = new Events();
        told = new Told().listenTo(states).listenTo(events);
        camel = new DefaultCamelContext();
        camel.addComponent("ovos", test.component());
        camel.addComponent(
                "property",
                new PropertyComponent(
                        states,
                        new Readings(
                                test.vertx(),
                                test.devices(),
                                states,
                                new AssistantProperties(Duration.ofSeconds(30)))));
        camel.addComponent("event", new EventComponent(test.devices(), events));
        camel.start();
    }

    @AfterEach
    void stop() {
        camel.stop();
    }

    private void send(String uri, Object body, Map<String, Object> headers) {
        camel.createProducerTemplate().sendBodyAndHeaders(uri, body, headers);
    }

    private void send(String uri, Object body) {
        send(uri, body, Map.of());
    }

    @Test
    void isTheBodyOrMadeOfWhatOptionsName() {
        send("property:lamp", true);
        send("property:n", 0.25);
        send("property:track", Map.of("title", "One \"two\"\n"));
        send("property:track?data.title=${body}", "three");

        assertThat(told.lines())
                .containsExactly(
                        "default/lamp true",
                        "default/n 0.25",
                        "default/track {\"title\":\"One \\\"two\\\"\\n\"}",
                        "default/track {\"title\":\"three\"}");
    }

    @Test
    void nothingMakesItUnknown() {
        send("property:volume", 1);
        send("property:volume", 2);
        assertThat(states.names("default")).containsExactly("volume");
        send("property:volume", null);
        send("property:volume", null);

        assertThat(told.of("default/volume")).containsExactly("1", "2", "unknown");
        assertThat(states.names("default")).isEmpty();
        assertThat(states.of("default", "volume")).isNull();
    }

    @Test
    void thatNothingIsKnownIsToldOnce() {
        send("property:volume", null);
        send("property:volume", "");
        send("property:lamp", true);
        send("property:lamp", true);

        assertThat(told.lines()).containsExactly("default/volume unknown", "default/lamp true");
    }

    @Test
    void eachDeviceHasItsOwn() {
        send("property:volume", 1);
        send("property:volume", 2, Map.of(OvosConstants.DEVICE, "kitchen"));

        assertThat(told.lines()).containsExactly("default/volume 1", "kitchen/volume 2");
        assertThat(states.of("kitchen", "volume")).isEqualTo(2);
        assertThat(states.of(null, "volume")).isEqualTo(1);
    }

    @Test
    void anUnknownDeviceIsAProblem() {
        Map<String, Object> nowhere = Map.of(OvosConstants.DEVICE, "../x");
        for (String uri : List.of("property:volume", "property:volume?readAfter=1ms", "event:ring")) {
            assertThatThrownBy(() -> send(uri, Map.of(), nowhere))
                    .isInstanceOf(CamelExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            e -> assertThat(e.problem().type()).isEqualTo("unknown-device"));
        }
        assertThat(told.lines()).isEmpty();
    }

    @Test
    void longTextsAreCutBetweenCharacters() {
        send("property:last_answer?data.text=${body}", "x" + "\u20ac".repeat(5_000));

        String text = (String) ((Map<?, ?>) states.of("default", "last_answer")).get("text");
        assertThat(text).startsWith("x\u20ac").endsWith("\u20ac\u2026").doesNotContain("\ufffd");
        assertThat(text.getBytes(StandardCharsets.UTF_8).length).isBetween(4090, 4096);
        assertThat(told.of("default/last_answer")).containsExactly("{\"text\":\"" + text + "\"}");
    }

    @Test
    void refusesWhatCannotBeTold() {
        assertThatThrownBy(() -> send("property:x", new Object())).hasStackTraceContaining("convert the body first");
        assertThatThrownBy(() -> send("property:x", Double.NaN)).hasStackTraceContaining("NaN is no number");
        assertThatThrownBy(() -> send(
                        "property:x",
                        List.of(
                                "y".repeat(4_000),
                                "y".repeat(4_000),
                                "y".repeat(4_000),
                                "y".repeat(4_000),
                                "y".repeat(4_000))))
                .hasStackTraceContaining("longer than 16384");
        assertThat(told.lines()).isEmpty();
    }

    @Test
    void boundsTheNumberOfProperties() {
        assertThatThrownBy(() -> {
                    for (int i = 0; i <= 100; i++) {
                        states.set("default", "p" + i, i);
                    }
                })
                .hasMessageContaining("100 properties already");
        assertThat(states.names("default")).hasSize(100);
        states.set("default", "p1", "changed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"property:Volume", "property:a/b", "property:availability", "property:set", "event:a-b"})
    void refusesNamesThatAreNoTopics(String uri) {
        assertThatThrownBy(() -> send(uri, "x")).hasStackTraceContaining("is named with a-z");
    }

    @Test
    void ofABodyAnEventTakesOnlyWhatIsForEverybody() {
        send("event:ring", Map.of("text", "hi", "lang", 7, "session", Map.of("location", "here"), "app_key", "x"));
        send("event:ring?data.room=${body}", "hall");
        send("event:ring", "text");

        assertThat(told.lines())
                .containsExactly(
                        "default/event {\"event_type\":\"ring\",\"text\":\"hi\"}",
                        "default/event {\"event_type\":\"ring\",\"room\":\"hall\"}",
                        "default/event {\"event_type\":\"ring\"}");
    }

    @Test
    void whoListensNoLongerIsToldNothing() {
        List<String> heard = new ArrayList<>();
        Runnable endStates = states.onChange((device, property, value) -> heard.add(property + " " + value));
        Runnable endEvents = events.onEvent(event -> heard.add(event.type()));
        send("property:volume", 1);
        send("event:ring", null);
        endStates.run();
        endEvents.run();
        send("property:volume", 2);
        send("event:ring", null);

        assertThat(heard).containsExactly("volume 1", "ring");
    }

    @Test
    void aDryRunTellsNothing() {
        DryRun dryRun = new DryRun();
        for (String uri : List.of("property:volume", "property:volume?readAfter=1ms", "event:ring")) {
            camel.createProducerTemplate().send(uri, exchange -> {
                dryRun.join(exchange);
                exchange.getMessage().setBody(7);
            });
        }

        assertThat(dryRun.notes())
                .containsExactly(
                        Map.of("property", "volume", "value", 7, "device", "default"),
                        Map.of("event", Map.of("event_type", "ring"), "device", "default"));
        assertThat(told.lines()).isEmpty();
        assertThat(states.names("default")).isEmpty();
    }
}
