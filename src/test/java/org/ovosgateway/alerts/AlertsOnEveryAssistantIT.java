// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.alerts;

import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import org.ovosgateway.testing.Assistant;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Line;
import org.ovosgateway.testing.MqttProbe;
import org.ovosgateway.testing.OnEveryAssistant;
import org.ovosgateway.testing.OnEveryAssistant.Except;
import org.ovosgateway.testing.Recording;

import static org.assertj.core.api.Assertions.assertThat;

/** Timers and alarms of the real ovos-skill-alerts: set, listed, ringing, ended by a button or a stop, and taken back. */
class AlertsOnEveryAssistantIT {

    private static final String EVENTS = "ovos/default/event/voice";

    private static final String NO_PINS = "the pins of this line have no ovos-skill-alerts";

    @OnEveryAssistant(
            except = {
                @Except(line = Line.STABLE, because = "what is set there in silence rings in silence, too"),
                @Except(
                        line = {Line.ALPHA, Line.ALPHA_WITHOUT_TWINS},
                        because = NO_PINS)
            })
    void ringsUntilItIsEnded(Assistant assistant, Gateway gateway, MqttProbe probe) throws Exception {
        Recording loudspeaker = assistant.loudspeaker();
        JsonNode late =
                set(gateway, "{\"kind\":\"alarm\",\"seconds\":90000,\"days\":[\"mon\",\"fri\"],\"name\":\"Gym\"}");
        assertThat(late.path("name").asText()).isEqualTo("gym");
        assertThat(late.path("repeats").toString()).isEqualTo("{\"days\":[\"mon\",\"fri\"]}");
        assertThat(names(gateway)).containsExactly("gym");

        for (String end : new String[] {"toggle", "stop"}) {
            probe.forget();
            String id = set(gateway, "{\"kind\":\"timer\",\"seconds\":5,\"name\":\"egg\"}")
                    .path("id")
                    .asText();
            awaitEvent(probe, "alert_set", id);
            probe.await("ovos/default/next_alert", next -> next.contains(id));
            Duration before = loudspeaker.length();
            awaitEvent(probe, "alert_ringing", id);
            loudspeaker.awaitSoundSince(before);

            probe.publish("ovos/default/" + end + "/set", "");

            awaitEvent(probe, "alert_stopped", id);
            loudspeaker.awaitSilence();
            assertThat(names(gateway)).containsExactly("gym");
        }

        gateway.call("DELETE", "/v1/alerts/" + late.path("id").asText()).answers(204);
        assertThat(names(gateway)).isEmpty();
    }

    @OnEveryAssistant(
            except =
                    @Except(
                            line = {Line.ALPHA, Line.ALPHA_WITHOUT_TWINS},
                            because = NO_PINS))
    void isSetInSilence(Assistant assistant, Gateway gateway) {
        Recording loudspeaker = assistant.loudspeaker();
        Duration start = loudspeaker.length();

        JsonNode alarm = set(gateway, "{\"kind\":\"alarm\",\"seconds\":90000}");
        gateway.call("DELETE", "/v1/alerts/" + alarm.path("id").asText()).answers(204);

        loudspeaker.awaitSilence(Duration.ofSeconds(2));
        assertThat(loudspeaker.soundSince(start)).isZero();
    }

    private static void awaitEvent(MqttProbe probe, String type, String id) {
        probe.await(EVENTS, event -> event.contains('"' + type + '"') && event.contains(id));
    }

    private static List<String> names(Gateway gateway) {
        return StreamSupport.stream(
                        gateway.call("GET", "/v1/alerts")
                                .answers(200)
                                .path("results")
                                .spliterator(),
                        false)
                .map(alert -> alert.path("name").asText())
                .toList();
    }

    private static JsonNode set(Gateway gateway, String alert) {
        return gateway.call("POST", "/v1/alerts").json(alert).answers(201);
    }
}
