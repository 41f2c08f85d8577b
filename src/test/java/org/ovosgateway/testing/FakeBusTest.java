// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.Message;
import org.ovosgateway.demo.SimulatedAssistant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What tests of other packages build on. */
class FakeBusTest {

    @RegisterExtension
    static final FakeBus BUS = new FakeBus();

    private BusClient client;

    @BeforeEach
    void connect() throws Exception {
        client = new BusClient(BUS.vertx(), BUS.uri());
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    @Test
    void recordsWhatClientsSend() {
        client.send(question());
        assertThat(BUS.awaitFrame("question")).isEqualTo(question());
        client.send("no message");
        await().atMost(Duration.ofSeconds(30)).until(() -> BUS.rawFrames().contains("no message"));
        assertThat(BUS.frames()).hasSize(1);
    }

    @Test
    void forgetsWhatEarlierTestsSaw() {
        assertThat(BUS.rawFrames()).isEmpty();
        client.send(question());
        BUS.awaitFrame("question");
    }

    @Test
    void answersAfterTheQuestionInItsContextTurnedAround() {
        BUS.whenAsked("question").reply("answer", Map.of("n", 1));
        client.send(question());
        Message answer = client.await("answer");
        assertThat(answer.data().get("n").asInt()).isEqualTo(1);
        assertThat(answer.context().get("source").asText()).isEqualTo("you");
        assertThat(answer.context().get("destination").asText()).isEqualTo("me");
        assertThat(answer.context().get("gw_request_id").asText()).isEqualTo("7");
        assertThat(client.received())
                .extracting(frame -> Message.parse(frame).orElseThrow().type())
                .containsExactly("connected", "question", "answer");
    }

    @Test
    void answersTwiceOrWithoutContextOrWithGarbage() {
        BUS.whenAsked("question")
                .replyTwice("answer", Map.of())
                .replyWithoutContext("bare", Map.of())
                .sendRaw("garbage");
        client.send(question());
        await().atMost(Duration.ofSeconds(30)).until(() -> client.received().contains("garbage"));
        assertThat(client.received("answer")).hasSize(2);
        assertThat(client.received("bare").get(0).context().has("gw_request_id"))
                .isFalse();
    }

    @Test
    void staysSilentInPlaceOfAnEarlierScript() {
        BUS.whenAsked("question").reply("answer", Map.of());
        BUS.whenAsked("question").staySilent();
        BUS.whenAsked("other").reply("last", Map.of());
        client.send(question());
        client.send(Message.bare("other", Message.object()));
        client.await("last");
        assertThat(client.received("answer")).isEmpty();
    }

    @Test
    void answersInPlaceOfTheAssistant() throws Exception {
        try (FakeBus manned = new FakeBus(SimulatedAssistant.builder());
                BusClient asker = new BusClient(manned.vertx(), manned.uri())) {
            manned.whenAsked("mycroft.mic.get_status").reply("mycroft.mic.get_status.response", Map.of("muted", "?"));
            asker.send(Message.bare("mycroft.mic.get_status", Message.object()));
            asker.send(Message.bare("mycroft.voice.is_alive", Message.object()));
            asker.await("mycroft.voice.is_alive.response");
            assertThat(asker.received("mycroft.mic.get_status.response"))
                    .extracting(answer -> answer.data().get("muted").asText())
                    .containsExactly("?");
        }
    }

    @Test
    void sendsWhatItIsTold() {
        BUS.send("event", Map.of("n", 1), Map.of("gw_request_id", "other"));
        assertThat(client.await("event").context().get("gw_request_id").asText())
                .isEqualTo("other");
        assertThat(BUS.frames()).as("only what clients send is recorded").isEmpty();
    }

    @Test
    void isLeftDeadForTheNextTest() {
        BUS.kill();
        await().atMost(Duration.ofSeconds(30)).until(client::isLost);
    }

    private static Message question() {
        return new Message(
                "question",
                Message.object(),
                Message.object()
                        .put("source", "me")
                        .put("destination", "you")
                        .put("gw_request_id", "7")
                        .set("session", Message.object().put("session_id", "s")));
    }
}
