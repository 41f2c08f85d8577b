// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.AssistantPart;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What is asked for happens and lasts, with an assistant that takes its time. */
class DeedsTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder()
            .oneConnection()
            .synthesis(Duration.ofMillis(500))
            .speech(LONG)
            .listening(LONG));

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port).routes("by-path.camel.yaml", """
            - route:
                id: by-path
                from:
                  uri: platform-http:/command/{name}?access=public
                  steps:
                    - setBody:
                        simple: ${null}
                    - toD: command:${header.name}
            """);

    @BeforeEach
    void connect() {
        gateway.awaitBus();
        gateway.token(Gateway.USER);
    }

    @AfterEach
    void leaveTheAssistantAsItWas() {
        bus.assistant().switchOn(AssistantPart.LISTENER);
        bus.send("recognizer_loop:record_stop", Map.of());
        bus.send("recognizer_loop:wake_up", Map.of());
        eventually(() -> {
            bus.send("mycroft.audio.speech.stop", Map.of());
            return !bus.assistant().isSpeaking() && !bus.assistant().isAsleep();
        });
        await().atMost(30, SECONDS).until(() -> gateway.gauge("ovos.bus.waits") == 0);
    }

    @Test
    void aStopStopsWhatIsStillBeingMadeIntoSound() {
        speak("never to be heard to its end");

        gateway.call("DELETE", "/v1/voice/speech").answers(204);

        eventually(() -> bus.assistant().spoken().contains("never to be heard to its end"));
        eventually(() -> !bus.assistant().isSpeaking());
    }

    @Test
    void aStopLeavesAloneWhatIsToldAfterIt() {
        speak("one");
        gateway.call("DELETE", "/v1/voice/speech?scope=speech").answers(204);
        speak("two");

        eventually(() -> bus.assistant().spoken().contains("two"));

        assertThat(bus.assistant().isSpeaking()).isTrue();
    }

    @Test
    void aSpeechThatIsStoppedIsNotSpokenToItsEnd() throws Exception {
        var answer = gateway.call("POST", "/v1/voice/speech?done=spoken")
                .json("{\"utterance\": \"long\"}")
                .sendAsync();
        eventually(bus.assistant()::isSpeaking);

        gateway.call("DELETE", "/v1/voice/speech").answers(204);

        assertThat(answer.get(30, SECONDS).body()).contains("\"spoken\":false");
    }

    @Test
    void theVolumeThatIsSetStaysWhenItHasListened() {
        volume(40);
        listen();
        bus.send("recognizer_loop:record_stop", Map.of());

        eventually(() -> bus.assistant().volume() == 0.4);
    }

    @Test
    void theVolumeIsThatOfBeforeWhenListeningIsEndedFromOutside() {
        for (String ends : new String[] {"/command/cancel", "/v1/system/sleep", "/v1/system/wakeup"}) {
            volume(40);
            listen();

            int status = gateway.call(ends.startsWith("/v1") ? "POST" : "GET", ends)
                    .send()
                    .statusCode();

            assertThat(status).as(ends).isBetween(200, 299);
            eventually(() -> bus.assistant().volume() == 0.4);
        }
    }

    @Test
    void aStepUpCountsFromWhatIsHeardAfterItHasListened() {
        volume(95);
        for (int i = 0; i < 3; i++) {
            gateway.call("GET", "/command/volume_up").send();
        }
        gateway.call("GET", "/command/volume_down").send();
        eventually(() -> bus.assistant().volume() == 0.9);
        await().atMost(30, SECONDS)
                .until(() -> bus.frames("volume.set.percent").stream()
                        .anyMatch(told -> told.data().path("percent").asDouble() == 0.9));

        listen();
        bus.send("recognizer_loop:record_stop", Map.of());

        eventually(() -> bus.assistant().volume() == 0.9);
    }

    @Test
    void aCommandSaysWhichPartIsMissing() {
        bus.assistant().switchOff(AssistantPart.LISTENER);

        for (String command : new String[] {"mute", "listen", "cancel"}) {
            assertThat(gateway.call("GET", "/command/" + command).send().statusCode())
                    .as(command)
                    .isEqualTo(504);
        }
    }

    private void speak(String text) {
        gateway.call("POST", "/v1/voice/speech")
                .json("{\"utterance\": \"%s\"}".formatted(text))
                .answers(200);
    }

    private void volume(int percent) {
        gateway.call("PUT", "/v1/voice/volume")
                .json("{\"volume\": %d}".formatted(percent))
                .answers(204);
    }

    private void listen() {
        gateway.call("PUT", "/v1/voice/listen").answers(204);
        eventually(() -> bus.assistant().volume() == 0.3);
    }

    private static void eventually(Callable<Boolean> condition) {
        await().atMost(30, SECONDS).until(condition);
    }
}
