// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.nio.charset.StandardCharsets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Mosquitto;
import org.ovosgateway.testing.MqttProbe;

import static org.assertj.core.api.Assertions.assertThat;

/** The shipped commands, through a real broker. */
class CommandsIT {

    @RegisterExtension
    @Order(1)
    static final Mosquitto broker = new Mosquitto().user("gateway", "secret").user("probe", "secret");

    @RegisterExtension
    @Order(2)
    static final FakeBus bus =
            new FakeBus(SimulatedAssistant.builder().apiKey(Gateway.API_KEY).oneConnection());

    @RegisterExtension
    @Order(3)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.mqtt.host", "127.0.0.1")
            .with("ovos.mqtt.port", broker::port)
            .with("ovos.mqtt.user", "gateway")
            .with("ovos.mqtt.password", "secret");

    private static final ObjectMapper JSON = new ObjectMapper();
    private MqttProbe probe;

    @BeforeEach
    void connect() throws Exception {
        gateway.awaitBus();
        assertThat(gateway.gauge("ovos.routes.failed")).isZero();
        probe = MqttProbe.connect(broker.port(), "probe", "secret").subscribe("#");
        probe.await("ovos/bridge/state", state -> state.contains("online"));
    }

    @AfterEach
    void leave() throws Exception {
        probe.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "listen|PRESS|mycroft.mic.listen",
                "stop||mycroft.stop",
                "stop|{\"scope\":\"speech\"}|mycroft.audio.speech.stop",
                "stop_speech|PRESS|mycroft.audio.speech.stop",
                "speak|Dinner is ready|speak",
                "speak|{\"utterance\":\"Dinner is ready\"}|speak",
                "mic_mute|ON|mycroft.mic.mute",
                "mic_mute|OFF|mycroft.mic.unmute",
                "mute|PRESS|mycroft.mic.mute.toggle",
                "cancel|PRESS|recognizer_loop:state.set",
                "sleep|ON|recognizer_loop:sleep",
                "sleep|OFF|recognizer_loop:wake_up",
                "utterance|what time is it|recognizer_loop:utterance",
                "volume|40|mycroft.volume.set",
                "volume|{\"volume\":41}|mycroft.volume.set",
                "volume|42.0|mycroft.volume.set",
                "volume|{\"volume\":43.0}|mycroft.volume.set",
                "volume|\"44\"|mycroft.volume.set",
                "toggle|PRESS|mycroft.mic.listen",
            })
    void sendsTheMessageOfTheCommand(String command, String payload, String type) throws Exception {
        probe.publish("ovos/default/" + command + "/set", payload == null ? "" : payload);

        assertThat(bus.awaitFrame(type)).isNotNull();
    }

    @Test
    void answersARequestWithTheCallersTransaction() throws Exception {
        probe.publish("ovos/default/request/skills", "{\"transaction\":\"abc-1\"}");

        JsonNode answer =
                JSON.readTree(probe.await("ovos/default/response/skills").text());

        assertThat(answer.get("status").asText()).isEqualTo("ok");
        assertThat(answer.get("transaction").asText()).isEqualTo("abc-1");
        assertThat(answer.at("/data/count").asInt()).isPositive();
    }

    @Test
    void answersOnTheResponseTopicWithTheCorrelationData() throws Exception {
        byte[] correlation = "7".getBytes(StandardCharsets.UTF_8);
        probe.publish("ovos/default/request/ping", "", message -> {
            MqttProperties properties = new MqttProperties();
            properties.setResponseTopic("my/answers");
            properties.setCorrelationData(correlation);
            message.setProperties(properties);
        });

        MqttProbe.Heard answer = probe.await("my/answers");

        assertThat(answer.text()).contains("\"status\":\"ok\"").contains("pong");
        assertThat(answer.properties().getCorrelationData()).isEqualTo(correlation);
    }

    @ParameterizedTest
    @CsvSource({
        "ovos/default/state, ovos/default/request/ping",
        "homeassistant/button/evil/config, ovos/default/request/ping",
        "ovos/default/stop/set, ovos/default/request/ping",
        "ovos/kitchen/response/ping, ovos/default/request/ping",
    })
    void doesNotAnswerWhereTheCallerMayNotWrite(String responseTopic, String request) throws Exception {
        probe.publish(request, "{\"transaction\":\"" + responseTopic + "\"}", message -> {
            MqttProperties properties = new MqttProperties();
            properties.setResponseTopic(responseTopic);
            message.setProperties(properties);
        });

        probe.await("ovos/bridge/event", event -> event.contains("invalid"));
        assertThat(probe.texts(responseTopic)).noneMatch(text -> text.contains("pong"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "request/nothing|{}|unknown-command",
                "request/speak|{\"utterance\":1}|validation",
                "request/speak|{\"utterance\":\"a\",\"loud\":true}|validation",
                "request/speak||validation",
                "request/listen|now|validation",
                "request/listen|{\"device\":\"kitchen\"}|validation",
                "request/volume|1e2|validation",
                "request/volume|55.5|validation",
                "request/volume|NaN|validation",
                "request/mic_mute|maybe|validation",
                "request/speak|{\"utterance\"|unreadable",
                "request/activate_skill|no-such-skill|unknown-skill",
            })
    void tellsWhatIsWrong(String below, String payload, String type) throws Exception {
        probe.publish("ovos/default/" + below, payload == null ? "" : payload);

        JsonNode answer = JSON.readTree(probe.await("ovos/default/" + below.replace("request", "response"))
                .text());

        assertThat(answer.get("status").asText()).isEqualTo("error");
        assertThat(answer.get("type").asText()).contains(type);
        assertThat(answer.get("error").asText()).isNotBlank();
        probe.await(
                "ovos/bridge/event",
                event -> event.contains("\"reason\":\"" + answer.get("type").asText() + "\""));
    }

    @Test
    void refusesADeviceThatIsNotThere() throws Exception {
        probe.publish("ovos/attic/request/ping", "");

        assertThat(probe.await("ovos/attic/response/ping").text()).contains("unknown-device");
    }

    @Test
    void doesNotActOnWhatIsRetained() throws Exception {
        probe.retain("ovos/default/listen/set", "PRESS");
        gateway.restart();
        gateway.awaitBus();
        gateway.awaitBroker();
        probe.publish("ovos/default/stop/set", "");
        bus.awaitFrame("mycroft.stop");

        assertThat(bus.frames("mycroft.mic.listen")).hasSizeLessThan(2);
        probe.retain("ovos/default/listen/set", "");
    }

    @Test
    void actsOnceOnADuplicate() throws Exception {
        for (int i = 0; i < 5; i++) {
            probe.send("ovos/default/speak/set", "once".getBytes(StandardCharsets.UTF_8), message -> {});
        }
        probe.publish("ovos/default/stop/set", "");
        bus.awaitFrame("mycroft.stop");

        assertThat(bus.frames("speak")).hasSize(1);
        probe.await("ovos/bridge/event", event -> event.contains("duplicate"));
    }
}
