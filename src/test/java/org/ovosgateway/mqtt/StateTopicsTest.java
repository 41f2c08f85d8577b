// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.assistant.Events.Event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What of the assistants goes to the broker, and how it is written. */
class StateTopicsTest {

    private static final Set<String> DEVICES = Set.of("default");

    private final FakePublisher broker = new FakePublisher();
    private final StateTopics topics = new StateTopics(broker, DEVICES, true);

    @Test
    void booleansAreOnAndOff() {
        topics.changed("default", "lamp", true);
        topics.changed("default", "lamp", false);

        assertThat(broker.published())
                .containsExactly("retained ovos/default/lamp ON", "retained ovos/default/lamp OFF");
    }

    @Test
    void numbersAndTextsAreBareAndMapsAreJson() {
        topics.changed("default", "n", 50);
        topics.changed("default", "n", 50.0);
        topics.changed("default", "n", 0.25);
        topics.changed("default", "n", new BigDecimal("1E+3"));
        topics.changed("default", "n", "a \"text\"");
        topics.changed("default", "n", Map.of("title", "One \"two\"\n"));

        assertThat(broker.on("ovos/default/n"))
                .as("each once: 50.0 is 50")
                .containsExactly("50", "0.25", "1000", "a \"text\"", "{\"title\":\"One \\\"two\\\"\\n\"}");
    }

    @Test
    void whatIsUnknownIsCleared() {
        topics.changed("default", "volume", null);
        topics.changed("default", "volume", 1);
        topics.changed("default", "volume", null);

        assertThat(broker.published())
                .as("the first time too, since a gateway before this one may have published it")
                .containsExactly(
                        "retained ovos/default/volume ",
                        "retained ovos/default/volume 1",
                        "retained ovos/default/volume ");
    }

    @Test
    void whatWasClearedWhileTheBrokerWasAwayIsClearedWhenItIsBack() {
        topics.changed("default", "volume", 1);
        topics.changed("default", "volume", null);
        topics.changed("default", "lamp", true);
        broker.clear();

        broker.connected();

        assertThat(broker.published()).containsExactly("retained ovos/default/volume ");
    }

    @Test
    void availabilityIsRetainedAndEventsAreNot() {
        topics.changed("default", true);
        topics.changed("default", false);
        topics.happened(new Event("default", "ring", Map.of("text", "hi", "event_type", "other")));

        assertThat(broker.published())
                .containsExactly(
                        "retained ovos/default/availability {\"state\":\"online\"}",
                        "retained ovos/default/availability {\"state\":\"offline\"}",
                        "ovos/default/event/voice {\"event_type\":\"ring\",\"text\":\"hi\"}");
    }

    @Test
    void withoutConversationNoTextLeavesAndWhatDidIsCleared() {
        broker.clear();
        StateTopics silent = new StateTopics(broker, DEVICES, false);
        silent.changed("default", "last_answer", Map.of("text", "Hello human"));
        silent.changed("default", "state", "speaking");
        silent.happened(new Event("default", "utterance", Map.of("text", "hello", "lang", "en-US")));

        assertThat(silent.isPublic("last_utterance")).isFalse();
        assertThat(silent.isPublic("state")).isTrue();
        assertThat(broker.published())
                .containsExactlyInAnyOrder(
                        "retained ovos/default/last_utterance ",
                        "retained ovos/default/last_answer ",
                        "retained ovos/default/state speaking",
                        "ovos/default/event/voice {\"event_type\":\"utterance\",\"lang\":\"en-US\"}");
    }

    @Test
    void refusesADeviceThatIsNamedAsTheGatewayIs() {
        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> new StateTopics(broker, Set.of("default", "bridge"), true))
                .withMessageContaining("bridge");
    }
}
