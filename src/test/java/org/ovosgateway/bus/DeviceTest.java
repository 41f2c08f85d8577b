// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import io.vertx.core.Future;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.demo.Message;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.ovosgateway.bus.TestDevice.byId;
import static org.ovosgateway.bus.TestDevice.data;
import static org.ovosgateway.bus.TestDevice.get;

class DeviceTest {

    @RegisterExtension
    final FakeBus bus = new FakeBus();

    @RegisterExtension
    final TestDevice test = new TestDevice(bus);

    @Test
    void tellsTheDeviceInItsOwnSessionWithoutSourceAndDestination() throws Throwable {
        get(test.device().tell("speak", data("utterance", "say \"hi\"\n\u00e9")));

        Message sent = bus.awaitFrame("speak");
        assertThat(sent.data()).isEqualTo(data("utterance", "say \"hi\"\n\u00e9"));
        assertThat(sent.context().at("/session/session_id").asText()).isEqualTo("default");
        assertThat(sent.context().has("source") || sent.context().has("destination"))
                .isFalse();
        assertThat(sent.context().path("gw_request_id").asText()).isNotEmpty();
    }

    @Test
    void namesTheRoomOfTheDeviceInItsSession() throws Throwable {
        get(test.device().tell("speak", data("utterance", "hi")));

        assertThat(bus.awaitFrame("speak").context().at("/session/site_id").asText())
                .isEqualTo("attic");
    }

    @Test
    void asksUnderANameOfItsOwnUnlessTheAssistantMayAskBack() throws Throwable {
        bus.whenAsked("ask").reply("said", Map.of());
        bus.whenAsked("recognizer_loop:utterance").reply("ovos.utterance.handled", Map.of());

        get(test.device().ask(byId("ask", "said")));
        get(test.device().ask(byId("recognizer_loop:utterance", "ovos.utterance.handled")));

        assertThat(bus.awaitFrame("ask").context().path("source").asText()).matches("ovos-gateway-[0-9a-f]+");
        assertThat(bus.awaitFrame("ask").context().has("destination")).isFalse();
        assertThat(bus.awaitFrame("recognizer_loop:utterance").context().has("source"))
                .isFalse();
    }

    @Test
    void everyMessageHasAnIdOfItsOwn() throws Throwable {
        List<Future<BusMessage>> told = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            told.add(test.device().tell("speak", data("n", i)));
        }
        for (Future<BusMessage> one : told) {
            get(one);
        }

        assertThat(bus.frames("speak").stream()
                        .map(m -> m.context().path("gw_request_id").asText()))
                .doesNotHaveDuplicates();
        assertThat(bus.frames("speak").stream().map(m -> m.data().path("n").asInt()))
                .as("in the order in which they were told")
                .isSorted();
    }

    @Test
    void failsAtOnceWhileTheBusIsDown() {
        bus.kill();
        test.awaitDisconnected();

        assertThatThrownBy(() -> get(test.device().tell("speak", data("utterance", "hi"))))
                .isInstanceOf(BusUnavailableException.class)
                .hasMessageContaining("ws://127.0.0.1:" + bus.port() + "/core");
    }

    @Test
    void comesBackWhenTheBusDoes() throws Throwable {
        for (int i = 0; i < 5; i++) {
            bus.kill();
            test.awaitDisconnected();
            bus.restart();
            test.awaitConnected();
            get(test.device().tell("speak", data("n", i)));
        }

        assertThat(bus.clients()).as("one connection, not one per attempt").isEqualTo(1);
        assertThat(test.meters().get("ovos.bus.connects").counter().count()).isGreaterThanOrEqualTo(6);
    }

    @Test
    void whoWaitsIsToldWhenTheBusIsLost() {
        Future<BusMessage> asked = test.device().ask(byId("ask", "said"));
        bus.awaitFrame("ask");

        bus.cut();

        assertThatThrownBy(() -> get(asked)).isInstanceOf(BusUnavailableException.class);
        assertThat(test.meters().get("ovos.bus.waits").gauge().value()).isZero();
    }

    @Test
    void staysConnectedBeyondTheTimeThatAConnectionMayTakeToBeMade() throws Throwable {
        // the answer comes after 2 s, and a connection may take 1 s
        assertThatThrownBy(() -> get(test.device().ask(byId("ask", "said")))).isInstanceOf(NoAnswerException.class);

        assertThat(test.meters().get("ovos.bus.connects").counter().count()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not json",
                "[]",
                "1",
                "null",
                "{}",
                "{\"type\": 1}",
                "{\"type\": \"\"}",
                "{\"type\": \"said\", \"data\": 1}",
                "{\"type\": \"said\", \"data\": null, \"context\": []}",
                "{\"type\": \"said\", \"context\": {\"session\": 4}}",
                "{\"data\": {\"type\": \"said\"}",
                "{\"type\":\"said\"",
            })
    void garbageOfOthersChangesNothing(String garbage) throws Throwable {
        Future<BusMessage> asked = test.device().ask(byId("ask", "said"));
        Message question = bus.awaitFrame("ask");

        bus.sendRaw(garbage);
        bus.sendRaw(question.reply("said", data("ok", true)).frame());

        assertThat(get(asked).data()).isEqualTo(data("ok", true));
    }

    @Test
    void aLargeMessageBetweenOthersDoesNotCutUsOff() throws Throwable {
        bus.sendRaw("{\"type\":\"huge\",\"data\":{\"audio\":\"" + "a".repeat(20_000_000) + "\"}}");

        get(test.device().tell("speak", data("utterance", "still here")));

        assertThat(test.meters().get("ovos.bus.connects").counter().count()).isEqualTo(1);
    }

    @Test
    void hearsMessagesInBusOrder() {
        List<Integer> heard = new CopyOnWriteArrayList<>();
        test.device()
                .subscribe(
                        name -> name.old().equals("speak"),
                        message -> heard.add(message.data().path("n").asInt()));

        for (int i = 0; i < 500; i++) {
            bus.sendRaw("{\"type\":\"speak\",\"data\":{\"n\":" + i + "}}");
        }

        await().atMost(Duration.ofSeconds(30)).until(() -> heard.size() == 500);
        assertThat(heard).isSorted();
    }

    @Test
    void settingsNeverShowTheKey() {
        assertThat(TestDevice.settings(1, "the key", Duration.ofSeconds(20)).toString())
                .isEqualTo("ws://127.0.0.1:1/core");
    }

    @Nested
    class WhereASilentLinkIsTriedOften {

        static final Duration PING_INTERVAL = Duration.ofMillis(300);

        @RegisterExtension
        final TestDevice test = new TestDevice(bus).pingingEvery(PING_INTERVAL);

        @Test
        void noticesALinkThatIsHalfOpenAndIdle() {
            bus.freeze();

            test.awaitDisconnected();
            bus.thaw();
            test.awaitConnected();
        }

        @Test
        void noticesABusThatTakesMessagesAndRelaysNone() {
            bus.freeze();

            assertThatThrownBy(() -> get(test.device().tell("speak", data("utterance", "hi"))))
                    .isInstanceOf(BusUnavailableException.class);
        }

        @Test
        void doesNotTakeAPauseOfItsOwnForADeadLink() throws Throwable {
            test.device()
                    .subscribe(
                            name -> name.old().equals("pause"),
                            message -> await().pollDelay(PING_INTERVAL.multipliedBy(5))
                                    .until(() -> true));
            bus.sendRaw("{\"type\":\"pause\"}");

            get(test.device().tell("speak", data("utterance", "still here")));

            assertThat(test.meters().get("ovos.bus.connects").counter().count()).isEqualTo(1);
        }
    }
}
