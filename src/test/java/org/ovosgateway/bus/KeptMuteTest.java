// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.Message;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.ovosgateway.bus.TestDevice.byId;
import static org.ovosgateway.bus.TestDevice.data;
import static org.ovosgateway.bus.TestDevice.get;

class KeptMuteTest {

    @RegisterExtension
    final FakeBus bus = new FakeBus();

    @RegisterExtension
    final TestDevice test = new TestDevice(bus);

    private final List<Incident> incidents = new CopyOnWriteArrayList<>();

    @BeforeEach
    void listen() {
        test.device().onIncident(incidents::add);
    }

    @Test
    void mutesAgainWhatWasMuted() throws Throwable {
        bus.whenAsked("mycroft.mic.get_status").reply("mycroft.mic.get_status.response", Map.of("muted", true));

        stop();

        bus.awaitFrame("mycroft.mic.mute");
        assertThat(incidents).isEmpty();
    }

    @Test
    void mutesAgainWhenTheListenerAnswersLate() throws Throwable {
        stop();
        Message question = bus.awaitFrame("mycroft.mic.get_status");
        // somebody else's question times out meanwhile
        test.device()
                .ask(byId("ask", "said"))
                .toCompletionStage()
                .toCompletableFuture()
                .handle((a, b) -> 0)
                .get();

        bus.sendRaw(question.reply("mycroft.mic.get_status.response", data("muted", true))
                .frame());

        bus.awaitFrame("mycroft.mic.mute");
        assertThat(incidents).isEmpty();
    }

    @Test
    void saysWhenItIsNotKnownWhetherTheMicrophoneWasMuted() throws Throwable {
        bus.whenAsked("mycroft.mic.get_status").reply("mycroft.mic.get_status.response", Map.of("muted", "maybe"));

        stop();
        await().atMost(Duration.ofSeconds(30)).until(() -> !incidents.isEmpty());
        stop();

        assertThat(incidents.get(0).type()).isEqualTo("microphone-open");
        assertThat(test.meters()
                        .get("ovos.bus.incidents")
                        .tag("type", "microphone-open")
                        .counter()
                        .count())
                .isPositive();
        assertThat(bus.frames("mycroft.mic.mute")).isEmpty();
    }

    @Test
    void saysWhenTheListenerIsSilent() throws Throwable {
        stop();

        await().atMost(Duration.ofSeconds(30)).until(() -> !incidents.isEmpty());
        assertThat(incidents.get(0).detail()).contains("may be open").contains("Nobody answered");
    }

    private void stop() throws Throwable {
        get(new KeptMute(test.device()).tell("mycroft.stop", data("a", 1)));
    }
}
