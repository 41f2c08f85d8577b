// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.awaitility.Awaitility;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Mosquitto;
import org.ovosgateway.testing.MqttProbe;

import static org.assertj.core.api.Assertions.assertThat;

/** The shipped templates of buttons, through a real broker to the bus. */
class ButtonsIT {

    /** Where a template has a topic by default. */
    private static final Map<String, String> KNOWN_TOPICS = Map.of(
            "shelly-gen1", "shellies/[^/]+/input_event/[^/]+",
            "shelly-rpc", "[^/]+/events/rpc",
            "shelly-blu-script", "[^/]+/events/rpc",
            "tasmota", "stat/[^/]+/RESULT",
            "theengs", "home/[^/]+/BTtoMQTT/[^/]+",
            "radio433", "home/[^/]+/433toMQTT",
            "aws", "iotbutton/[^/]+");

    /** A source that repeats its last press is heard once before one counts. */
    private static final String NEVER_PRESSED = "{\"event\":\"\",\"event_cnt\":0}";

    private static final Map<String, Map<String, String>> MORE = Map.of(
            "json", Map.of("path", "event.type", "values", "click: single"),
            "radio433", Map.of("button", "5393"));

    @RegisterExtension
    @Order(1)
    static final Mosquitto broker = new Mosquitto();

    @RegisterExtension
    @Order(2)
    static final FakeBus bus =
            new FakeBus(SimulatedAssistant.builder().apiKey(Gateway.API_KEY).oneConnection());

    @RegisterExtension
    @Order(3)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.mqtt.host", "127.0.0.1")
            .with("ovos.mqtt.port", broker::port)
            // a busy machine may take a while to take over an edit
            .with("ovos.mqtt.guard.max-age", "60s")
            .routes("my-buttons.camel.yaml", entries())
            .routes("examples.camel.yaml", examples());

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private MqttProbe probe;
    private int count = 100;

    @BeforeEach
    void connect() throws Exception {
        gateway.awaitBus();
        probe = MqttProbe.connect(broker.port()).subscribe("ovos/#");
        probe.await("ovos/bridge/state", state -> state.contains("online"));
    }

    @AfterEach
    void leave() throws Exception {
        probe.close();
    }

    static Set<String> samples() {
        return Samples.names();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aSampleOfEveryFamilyReachesTheBus(String name) throws Exception {
        Sample sample = Samples.get(name).orElseThrow();
        // as if it had been let go before; and another count than in the test before
        if (sample.family().equals("esphome-binary")) {
            probe.publish(sample.topic(), "OFF");
        } else if (sample.family().equals("shelly-gen1")) {
            probe.publish(sample.topic(), NEVER_PRESSED);
        }

        probe.publish(sample.topic(), sample.payload());

        assertThat(bus.awaitFrame("speak").data().get("utterance").toString())
                .isEqualTo("\"%s: %s & more (100 %%)\"".formatted(entryOf(sample), gesture(name)));
    }

    @Test
    void namesWithSpacesAndKeysOfRemotesWork() throws Exception {
        probe.publish("zigbee2mqtt/Living Room Remote", "{\"action\":\"3_single\"}");
        probe.publish("zigbee2mqtt/Living Room Remote", "{\"action\":\"shake\"}");

        assertThat(bus.awaitFrames("speak", 2))
                .extracting(frame -> frame.data().get("utterance").asText())
                .containsExactly("key three", "shaken");
    }

    @Test
    void theExamplesInTheFileWork() throws Exception {
        assertThat(gateway.gauge("ovos.routes.failed")).isZero();
        probe.publish("zigbee2mqtt/bedside", "{\"action\":\"triple\",\"battery\":97}");
        probe.publish("shellies/shellybutton1-A4CF12F454E3/input_event/0", NEVER_PRESSED);
        probe.publish("shellies/shellybutton1-A4CF12F454E3/input_event/0", "{\"event\":\"S\",\"event_cnt\":77}");
        probe.publish("zigbee2mqtt/sofa", "{\"action\":\"3_single\"}");
        probe.publish("workshop/button", "held");

        assertThat(bus.awaitFrame("recognizer_loop:utterance").data().toString())
                .contains("what time is it");
        assertThat(bus.awaitFrame("mycroft.mic.listen")).isNotNull();
        assertThat(bus.awaitFrame("mycroft.volume.increase")).isNotNull();
        assertThat(bus.awaitFrame("mycroft.mic.mute.toggle")).isNotNull();
    }

    @Test
    void whatIsToldAgainActsOnce() throws Exception {
        probe.publish("shellies/i3/input_event/0", NEVER_PRESSED);
        for (int count : new int[] {11, 11, 12}) {
            // another length each time, so that it is not the guard's duplicate
            probe.publish(
                    "shellies/i3/input_event/0",
                    "{\"event\":\"S\",\"event_cnt\":%d%s}".formatted(count, " ".repeat(count)));
            probe.publish("shellies/i3/input_event/0", "{\"event\":\"S\",\"event_cnt\":%d}".formatted(count));
        }
        probe.publish("shellies/i3/input_event/0", "{\"event\":\"SS\",\"event_cnt\":13}");

        assertThat(bus.awaitFrames("speak", 3))
                .extracting(frame -> frame.data().get("utterance").asText())
                .satisfiesExactly(
                        one -> assertThat(one).contains("single"),
                        two -> assertThat(two).contains("single"),
                        three -> assertThat(three).contains("double"));
    }

    @Test
    void aReportOfAnOldPressDoesNothingAfterARestart() throws Exception {
        probe.publish("shellies/hall/input_event/0", NEVER_PRESSED);
        probe.publish("shellies/hall/input_event/0", "{\"event\":\"S\",\"event_cnt\":7}");
        bus.awaitFrame("speak");
        gateway.restart();
        gateway.awaitBus();
        gateway.awaitBroker();
        bus.clear();
        probe.publish("shellies/hall/input_event/0", "{\"event\":\"S\",\"event_cnt\":7}");
        probe.publish("shellies/hall/input_event/0", "{\"event\":\"SS\",\"event_cnt\":8}");

        assertThat(bus.awaitFrame("speak").data().get("utterance").toString()).contains("double");
        assertThat(bus.frames("speak")).hasSize(1);
    }

    @Test
    void unreadablePayloadIsTold() throws Exception {
        probe.publish("zigbee2mqtt/bedside", "{\"action\":");

        probe.await(
                "ovos/bridge/event",
                event -> event.contains("\"unreadable\"") && event.contains("zigbee2mqtt/bedside"));
    }

    @Test
    void aButtonMayNotDoEverything() throws Exception {
        probe.publish("zigbee2mqtt/nosy", "{\"action\":\"single\"}");

        probe.await(
                "ovos/bridge/event", event -> event.contains("\"forbidden\"") && event.contains("zigbee2mqtt/nosy"));
    }

    @Test
    void anEntryComesChangesAndGoesWhileOthersArePressed() throws Exception {
        Path file = gateway.folder().resolve("routes/live.camel.yaml");
        String shelly = entry("shelly-gen1", "steady", "steady", Map.of("topic", "shellies/steady/input_event/0"));
        Files.writeString(file, shelly);
        pressUntil("steady: single");
        awaitPressesBefore("steady: double");
        int known = spoken("steady: single").size();
        int since = count;
        for (String version : new String[] {"one", "two"}) {
            String entry = entry("shelly-gen1", "other", version, Map.of("topic", "shellies/other/input_event/0"));
            Files.writeString(file, shelly + entry);
            pressUntil(version + ": single");
        }
        Files.writeString(file, shelly + entry("text", "last", "last", Map.of("topic", "last")));
        pressUntil("last: single");
        int others = spoken("two: single").size();
        pressAll();
        awaitPressesBefore("steady: double");

        assertThat(spoken("steady: single")).hasSize(known + count - since);
        assertThat(spoken("two: single")).hasSize(others);
    }

    @Test
    void whatWaitsForARouteThatIsEditedIsHandledOnce() throws Exception {
        Path file = gateway.folder().resolve("routes/slow.camel.yaml");
        Files.writeString(file, slow("before", "ovos:hold?reply=held&match=type&timeout=60s"));
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> {
            probe.publish("slow", "item " + ++count);
            return !bus.frames("hold").isEmpty();
        });
        double heard = gateway.count("ovos.mqtt.received");
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            sent.add("item " + ++count);
            probe.publish("slow", "item " + count);
        }
        Awaitility.await().atMost(PATIENCE).until(() -> gateway.count("ovos.mqtt.received") >= heard + sent.size());
        Files.writeString(file, slow("after", "log:slow?level=DEBUG"));
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> !spoken("after item " + count).isEmpty());
        bus.send("held", Map.of());
        Awaitility.await().atMost(PATIENCE).until(() -> !spoken("before item").isEmpty());

        assertThat(spoken("after item"))
                .extracting(said -> said.replaceAll("^\"after |\"$", ""))
                .containsSubsequence(sent)
                .doesNotHaveDuplicates();
        assertThat(spoken("before item")).hasSize(1);
        Files.delete(file);
    }

    private static String slow(String says, String step) {
        return """
                - route:
                    id: slow
                    from:
                      uri: paho-mqtt5:slow
                      steps:
                        - convertBodyTo:
                            type: String
                        - setProperty:
                            name: item
                            simple: ${body}
                        - to: %s
                        - to: ovos:speak?data.utterance=%s ${exchangeProperty.item}
                """.formatted(step, says);
    }

    private void pressUntil(String said) {
        // well below the rate that the guard lets pass
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(300)).until(() -> {
            pressAll();
            return !spoken(said).isEmpty();
        });
    }

    /** Messages of a topic are taken in order, so what comes after them tells that they were. */
    private void awaitPressesBefore(String said) throws MqttException {
        int known = spoken(said).size();
        probe.publish("shellies/steady/input_event/0", "{\"event\":\"SS\",\"event_cnt\":-" + count + "}");
        Awaitility.await().atMost(PATIENCE).until(() -> spoken(said).size() > known);
    }

    private void pressAll() throws MqttException {
        count++;
        for (String device : new String[] {"steady", "other"}) {
            probe.publish("shellies/" + device + "/input_event/0", "{\"event\":\"S\",\"event_cnt\":" + count + "}");
        }
        probe.publish("last", count % 2 == 0 ? "1" : "ON");
    }

    private static String gesture(String sample) {
        return Fixture.all()
                .filter(fixture -> sample.equals(fixture.sample()))
                .map(fixture -> (String) fixture.presses().get(0).get("gesture"))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> spoken(String part) {
        return bus.frames("speak").stream()
                .map(frame -> frame.data().get("utterance").toString())
                .filter(utterance -> utterance.contains(part))
                .toList();
    }

    /** An entry for each family, and for each topic of a sample where the template does not know it. */
    private static String entries() {
        Map<String, String> entries = new LinkedHashMap<>();
        for (String name : Samples.names()) {
            Sample sample = Samples.get(name).orElseThrow();
            Map<String, String> parameters = new LinkedHashMap<>(MORE.getOrDefault(sample.family(), Map.of()));
            if (name.equals("radio433-rtl433")) {
                parameters.put("button", "11");
            }
            if (!entryOf(sample).equals(sample.family())) {
                parameters.put("topic", sample.topic());
            }
            entries.putIfAbsent(entryOf(sample), entry(sample.family(), name, entryOf(sample), parameters));
        }
        return String.join("", entries.values())
                + entry(
                        "zigbee2mqtt",
                        "remote",
                        "remote",
                        Map.of(
                                "topic", "zigbee2mqtt/Living Room Remote",
                                "others", "3_single: {speak: key three}, shake: {speak: shaken}"))
                + entry(
                        "zigbee2mqtt",
                        "nosy",
                        "nosy",
                        Map.of("topic", "zigbee2mqtt/nosy", "single", "deactivate_skill: a.b"));
    }

    /** What stands at the end of the shipped file, without the # in front. */
    private static String examples() {
        try {
            String file = Files.readString(Path.of("routes/buttons.camel.yaml"));
            return file.substring(file.indexOf("# Examples"))
                    .lines()
                    .filter(line -> line.matches("# (- |  ).*"))
                    // there is no kitchen here
                    .map(line -> line.substring(2).replace("device, value: kitchen", "device, value: default"))
                    .collect(Collectors.joining("\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The family, where its template knows the topic; else with the topic. */
    private static String entryOf(Sample sample) {
        return sample.topic().matches(KNOWN_TOPICS.getOrDefault(sample.family(), "none"))
                ? sample.family()
                : sample.family() + " at " + sample.topic();
    }

    private static String entry(String family, String id, String says, Map<String, String> more) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String name : Samples.names()) {
            if (Samples.get(name).orElseThrow().family().equals(family)) {
                parameters.put(gesture(name), "speak: %s: %s & more (100 %%)".formatted(says, gesture(name)));
            }
        }
        parameters.putAll(more);
        StringBuilder yaml = new StringBuilder("""
                - templatedRoute:
                    routeTemplateRef: %s-button
                    routeId: %s
                    parameters:
                """.formatted(family, id));
        parameters.forEach((name, value) -> yaml.append("      - {name: %s, value: \"%s\"}\n".formatted(name, value)));
        return yaml.toString();
    }
}
