// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** What messages of a broker would do, told by REST while the broker is away. */
class SimulateMqttTest {

    private static final Path OUT = folder();

    @RegisterExtension
    @Order(1)
    static final FakeBus bus =
            new FakeBus(SimulatedAssistant.builder().apiKey(Gateway.API_KEY).oneConnection());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.mqtt.host", "127.0.0.1")
            .with("ovos.mqtt.port", SimulateMqttTest::portOfNobody)
            .with("logging.level.org.ovosgateway.mqtt", "error")
            .routes("bell.camel.yaml", """
                    - route:
                        id: bell
                        description: Listens when somebody rings
                        from:
                          uri: paho-mqtt5:shellies/+/input_event/+
                          steps:
                            - to: ovos:mycroft.mic.listen
                    """)
            .routes("deeds.camel.yaml", """
                    - route:
                        id: deeds
                        description: Does all kinds of things
                        from:
                          uri: paho-mqtt5:deeds
                          steps:
                            - setHeader:
                                name: CamelFileName
                                constant: done.txt
                            - to: file:@OUT@/to
                            - toD: file:@OUT@/toD
                            - wireTap:
                                uri: file:@OUT@/wireTap
                            - wireTap:
                                uri: direct:deed
                            - recipientList:
                                constant: file:@OUT@/recipients,direct:deed
                            - enrich:
                                constant: file:@OUT@/enrich
                            - pollEnrich:
                                constant: file:@OUT@/inbox
                            - multicast:
                                steps:
                                  - to: file:@OUT@/multicast
                            - to: seda:deed
                            - bean:
                                beanType: java.lang.System
                                method: gc
                            - setBody:
                                simple: ${bean:type:java.lang.System?method=gc}
                            - to: direct:deed
                            - throwException:
                                exceptionType: java.lang.IllegalStateException
                                message: provoked
                    - route:
                        id: nested-deed
                        description: Does one more
                        from:
                          uri: direct:deed
                          steps:
                            - to: file:@OUT@/nested
                            - to: ovos:mycroft.stop
                    - route:
                        id: queued-deed
                        description: Does one more, later
                        from:
                          uri: seda:deed
                          steps:
                            - to: file:@OUT@/queued
                    """.replace("@OUT@", OUT.toString()))
            .routes("dead.camel.yaml", """
                    - route:
                        id: dead
                        description: Fails, which something is done about
                        errorHandler:
                          deadLetterChannel:
                            deadLetterUri: file:@OUT@/dead
                        from:
                          uri: paho-mqtt5:dead
                          steps:
                            - throwException:
                                exceptionType: java.lang.IllegalStateException
                                message: provoked
                    """.replace("@OUT@", OUT.toString()))
            .routes("caught.camel.yaml", """
                    - onException:
                        exception: [ java.lang.IllegalStateException ]
                        handled:
                          constant: "true"
                        steps:
                          - to: file:@OUT@/caught
                    - route:
                        id: caught
                        description: Fails, which something is done about
                        from:
                          uri: paho-mqtt5:caught
                          steps:
                            - throwException:
                                exceptionType: java.lang.IllegalStateException
                                message: provoked
                    """.replace("@OUT@", OUT.toString()));

    @Test
    void doesNothingOfAnyKindOfStep() {
        assertThat(gateway.gauge("ovos.routes.failed")).isZero();
        JsonNode match = simulate("{\"topic\": \"deeds\", \"payload\": \"now\"}")
                .answers(200)
                .at("/matches/0");

        String does = match.get("does").toString();
        for (String deed : new String[] {
            "/to\"",
            "/toD\"",
            "wireTap",
            "/recipients\"",
            "/nested\"",
            "/enrich\"",
            "pollEnrich",
            "/multicast\"",
            "seda:",
            "/queued\"",
            "\"step\":\"bean\"",
            "setBody",
            "mycroft.stop"
        }) {
            assertThat(does).as(deed).contains(deed);
        }
        assertThat(match.get("error").asText()).contains("failed");
        assertThat(OUT).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dead", "caught"})
    void doesNothingAboutAFailure(String topic) {
        JsonNode match = simulate("{\"topic\": \"%s\", \"payload\": \"now\"}".formatted(topic))
                .answers(200)
                .at("/matches/0");

        assertThat(match.get("does").toString()).contains("/" + topic);
        assertThat(OUT).isEmptyDirectory();
    }

    private static Path folder() {
        try {
            Path folder = Files.createTempDirectory("deeds");
            folder.toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int portOfNobody() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeEach
    void connect() {
        gateway.awaitBus();
        bus.clear();
    }

    @AfterEach
    void didNothing() {
        for (String type : new String[] {"mycroft.stop", "speak", "mycroft.mic.listen", "mycroft.volume.set"}) {
            assertThat(bus.frames(type)).as(type).isEmpty();
        }
    }

    private static Gateway.Call simulate(String message) {
        return gateway.call("POST", "/v1/mqtt/simulate").json(message);
    }

    @Test
    void tellsWhatACommandWouldDo() {
        simulate("""
                {"topic": "ovos/default/stop/set", "payload": "PRESS"}
                """).answers(200, """
                {"topic": "ovos/default/stop/set", "payload": "PRESS", "matches": [
                  {"route": "commands of ovos", "does": [
                    {"command": "stop", "device": "default", "payload": null, "scope": "all", "done": "heard"},
                    {"sends": "mycroft.stop", "data": {}, "device": "default"}]}]}
                """);
    }

    @Test
    void takesJsonAsTextAndAsItIs() {
        JsonNode asText = simulate("""
                {"topic": "ovos/default/speak/set", "payload": "{\\"utterance\\":\\"hello\\"}"}
                """).answers(200);
        JsonNode asItIs = simulate("""
                {"topic": "ovos/default/speak/set", "payload": {"utterance": "hello"}}
                """).answers(200);

        assertThat(asItIs).isEqualTo(asText);
        assertThat(asItIs.get("payload").asText()).isEqualTo("{\"utterance\":\"hello\"}");
        assertThat(asItIs.at("/matches/0/does/1/data/utterance").asText()).isEqualTo("hello");
    }

    @Test
    void takesNoPayloadForAnEmptyOne() {
        assertThat(simulate("{\"topic\": \"ovos/default/volume/set\", \"payload\": 30}")
                        .answers(200)
                        .at("/matches/0/does/1/data/percent")
                        .asDouble())
                .isEqualTo(0.3);
        for (String payload : new String[] {"", ", \"payload\": null", ", \"payload\": \"\""}) {
            JsonNode told = simulate("{\"topic\": \"ovos/default/listen/set\"%s}".formatted(payload))
                    .answers(200);
            assertThat(told.get("payload").asText()).isEmpty();
            assertThat(told.at("/matches/0/does/1/sends").asText()).isEqualTo("mycroft.mic.listen");
        }
    }

    @Test
    void tellsWhyACommandWouldFail() {
        JsonNode match = simulate("{\"topic\": \"ovos/default/volume/set\", \"payload\": \"loud\"}")
                .answers(200)
                .at("/matches/0");

        assertThat(match.get("error").asText()).startsWith("volume ");
        assertThat(match.get("does")).isEmpty();
    }

    @Test
    void tellsWhyAMessageWouldNotAct() {
        JsonNode retained = simulate("{\"topic\": \"ovos/default/stop/set\", \"payload\": \"\", \"retained\": true}")
                .answers(200);
        JsonNode tooLarge = simulate(
                        "{\"topic\": \"ovos/default/speak/set\", \"payload\": \"%s\"}".formatted("a".repeat(9000)))
                .answers(200);

        assertThat(retained.at("/refused/reason").asText()).isEqualTo("retained");
        assertThat(retained.get("matches")).isEmpty();
        assertThat(tooLarge.at("/refused/reason").asText()).isEqualTo("too-large");
        assertThat(tooLarge.get("matches")).isEmpty();
    }

    @Test
    void tellsThatNobodyHearsATopic() {
        simulate("{\"topic\": \"kitchen/lamp\", \"payload\": \"on\"}")
                .answers(200, "{\"topic\": \"kitchen/lamp\", \"payload\": \"on\", \"matches\": []}");
    }

    @Test
    void takesTheMessageOfAKnownButton() {
        JsonNode told = simulate("{\"sample\": \"shelly-gen1-single\"}").answers(200);

        assertThat(told.get("topic").asText()).startsWith("shellies/");
        assertThat(told.get("payload").asText()).contains("\"event\":\"S\"");
        assertThat(told.get("matches")).anySatisfy(match -> {
            assertThat(match.get("route").asText()).isEqualTo("bell");
            assertThat(match.at("/does/0/sends").asText()).isEqualTo("mycroft.mic.listen");
        });
    }

    @Test
    void namesTheKnownButtonsToWhoAsksForAnother() {
        assertThat(simulate("{\"sample\": \"shelly-gen9-single\"}")
                        .isRefused(422, "validation")
                        .get("detail")
                        .asText())
                .startsWith("sample is not one of ")
                .contains("shelly-gen1-single");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"payload\": \"PRESS\"}",
                "{\"topic\": \"\"}",
                "{\"topic\": \"ovos/+/stop/set\"}",
                "{\"topic\": \"ovos/#\"}",
                "{\"topic\": \"a\\u0000b\"}",
                "{\"topic\": 1}",
                "{\"topic\": \"a\", \"sample\": \"shelly-gen1-single\"}",
                "{\"payload\": \"a\", \"sample\": \"shelly-gen1-single\"}",
                "{\"sample\": \"../users\"}",
                "{\"topic\": \"a\", \"retained\": \"yes\"}",
                "{\"topic\": \"a\", \"qos\": 1}"
            })
    void refusesWhatIsNoMessage(String message) {
        simulate(message).isRefused(422, "validation");
    }
}
