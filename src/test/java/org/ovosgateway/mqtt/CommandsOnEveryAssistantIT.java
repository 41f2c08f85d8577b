// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.time.Duration;
import java.util.regex.Pattern;

import org.awaitility.core.ConditionFactory;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.ovosgateway.testing.Assistant;
import org.ovosgateway.testing.BusClient;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.MqttProbe;
import org.ovosgateway.testing.OnEveryAssistant;
import org.ovosgateway.testing.Recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Each command of MQTT does what it says, and the topics tell what has become of it. None comes twice: the second would be taken
 * for a copy of the first.
 */
class CommandsOnEveryAssistantIT {

    private static final ConditionFactory PATIENTLY = await().atMost(Duration.ofSeconds(30));
    private static final Pattern RECORDING =
            Pattern.compile("\"(recognizer_loop:record_begin|ovos.listener.record.started)\"");
    private static final Pattern UNDERSTANDING = Pattern.compile(
            "\"(recognizer_loop:(utterance|speech.recognition.unknown)|ovos.(utterance.handle|listener.recognition.failed))\"");
    private static final String LONG =
            "This is another long sentence, so that somebody can stop it long before its end,"
                    + " which is far away, since there are many words in it, and then some more, and still more of them.";

    @OnEveryAssistant
    void speaksAndStops(Assistant assistant, Gateway gateway, MqttProbe probe) throws MqttException {
        Recording loudspeaker = assistant.loudspeaker();
        Duration start = loudspeaker.length();
        for (String stop : new String[] {"stop", "stop_speech", "toggle"}) {
            Duration before = loudspeaker.length();
            probe.forget();
            command(probe, "speak/set", LONG);
            loudspeaker.awaitSoundSince(before);
            probe.await("ovos/default/state", "speaking"::equals);
            probe.forget();

            command(probe, stop + "/set", "");

            loudspeaker.awaitSilence();
            probe.await("ovos/default/state", "idle"::equals);
        }
        // each takes about nine seconds
        assertThat(loudspeaker.soundSince(start)).isLessThan(Duration.ofSeconds(15));
    }

    @OnEveryAssistant
    void listensUntilItIsCancelled(Assistant assistant, Gateway gateway, MqttProbe probe) throws MqttException {
        probe.await("ovos/default/state", "idle"::equals);
        for (String[] step : new String[][] {{"listen/set", "cancel/set"}, {"toggle/set", "request/toggle"}}) {
            try (BusClient bus = assistant.overhear()) {
                probe.forget();
                command(probe, step[0], "");
                probe.await("ovos/default/state", "listening"::equals);
                PATIENTLY.until(() -> bus.received().stream().anyMatch(RECORDING.asPredicate()));
                probe.forget();

                command(probe, step[1], "");

                probe.await("ovos/default/state", "idle"::equals);
                PATIENTLY.until(() -> assistant.volume() == 50);
                assertThat(gateway.call("GET", "/v1/voice/state")
                                .answers(200)
                                .path("state")
                                .asText())
                        .isEqualTo("idle");
                assertThat(bus.received()).noneMatch(UNDERSTANDING.asPredicate());
            }
        }
    }

    @OnEveryAssistant
    void mutesTheMicrophone(Assistant assistant, Gateway gateway, MqttProbe probe) throws MqttException {
        probe.await("ovos/default/mic_mute", "OFF"::equals);
        for (String[] step : new String[][] {
            {"mic_mute", "ON", "ON"}, {"mic_mute", "OFF", "OFF"}, {"mic_mute", "TOGGLE", "ON"}, {"mute", "", "OFF"}
        }) {
            probe.forget();
            command(probe, step[0] + "/set", step[1]);
            probe.await("ovos/default/mic_mute", step[2]::equals);
            gateway.call("GET", "/v1/voice/microphone").answers(200, "{\"muted\": %s}".formatted(step[2].equals("ON")));
        }
    }

    @OnEveryAssistant
    void setsTheVolume(Assistant assistant, Gateway gateway, MqttProbe probe) throws MqttException {
        probe.await("ovos/default/volume", "50"::equals);
        for (String[] step :
                new String[][] {{"volume", "30", "30"}, {"volume_up", "", "40"}, {"volume_down", "", "30"}}) {
            probe.forget();
            command(probe, step[0] + "/set", step[1]);
            probe.await("ovos/default/volume", step[2]::equals);
            PATIENTLY.until(() -> assistant.volume() == Integer.parseInt(step[2]));
        }
        for (String[] step : new String[][] {{"ON", "true"}, {"OFF", "false"}, {"TOGGLE", "true"}}) {
            command(probe, "volume_mute/set", step[0]);
            PATIENTLY.until(() -> assistant.isVolumeMuted() == Boolean.parseBoolean(step[1]));
        }
    }

    @OnEveryAssistant
    void sleepsAndWakesUp(Assistant assistant, Gateway gateway, MqttProbe probe) throws MqttException {
        probe.await("ovos/default/sleep", "OFF"::equals);
        for (String[] step : new String[][] {{"ON", "ON"}, {"OFF", "OFF"}, {"TOGGLE", "ON"}}) {
            probe.forget();
            command(probe, "sleep/set", step[0]);
            probe.await("ovos/default/sleep", step[1]::equals);
            probe.await("ovos/default/state", (step[1].equals("ON") ? "sleeping" : "idle")::equals);
            gateway.call("GET", "/v1/system/sleep").answers(200, "{\"is_awake\": %s}".formatted(step[1].equals("OFF")));
        }
    }

    @OnEveryAssistant
    void deactivatesAndActivatesASkill(Assistant assistant, Gateway gateway, MqttProbe probe) throws MqttException {
        for (boolean active : new boolean[] {false, true}) {
            command(probe, active ? "activate_skill/set" : "deactivate_skill/set", assistant.skill());
            PATIENTLY.until(() -> gateway.call("GET", "/v1/skills")
                            .answers(200)
                            .at("/results/" + assistant.skill() + "/active")
                            .asBoolean()
                    == active);
        }
    }

    @OnEveryAssistant
    void answersRequests(Assistant assistant, Gateway gateway, MqttProbe probe) throws MqttException {
        probe.publish("ovos/default/request/skills", "");
        probe.await("ovos/default/response/skills", answer -> answer.contains(assistant.skill()));
        probe.publish("ovos/default/request/internet", "");
        probe.await("ovos/default/response/internet", answer -> answer.contains("connected"));
        probe.publish("ovos/default/request/ping", "");
        probe.await("ovos/default/response/ping", answer -> answer.contains("ok"));
        probe.publish("ovos/default/request/utterance", "what time is it");
        probe.await("ovos/default/response/utterance", answer -> answer.contains("ok"));
        // the property may be what it was before
        probe.await(
                "ovos/default/event/voice", event -> event.contains("\"spoken\"") && event.contains(assistant.skill()));
        probe.await("ovos/default/last_answer", answer -> answer.contains(assistant.skill()));
    }

    private static void command(MqttProbe probe, String topic, String payload) throws MqttException {
        probe.publish("ovos/default/" + topic, payload);
    }
}
