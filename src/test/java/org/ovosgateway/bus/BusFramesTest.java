// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.problem.Problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.ovosgateway.bus.TestDevice.byId;
import static org.ovosgateway.bus.TestDevice.get;

/** Whatever bytes a bus sends: the link goes on, or is lost and made again. */
class BusFramesTest {

    private static final int LIMIT = 4 << 20;

    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final RawBus bus = new RawBus();
    private final List<BusMessage> heard = new CopyOnWriteArrayList<>();
    private final List<Incident> incidents = new CopyOnWriteArrayList<>();
    private Devices devices;

    @BeforeEach
    void connect() throws Exception {
        var settings = TestDevice.settings(bus.port(), "", Duration.ofSeconds(20));
        devices =
                new Devices(vertx, new DevicesProperties(Map.of("default", settings)), TestDevice.noneProven(), meters);
        device().subscribe(name -> name.old().startsWith("said"), heard::add);
        device().onIncident(incidents::add);
        devices.start();
        bus.awaitClient();
        await().atMost(Duration.ofSeconds(30)).until(() -> device().connection().isUp());
    }

    @AfterEach
    void close() throws Exception {
        devices.stop();
        bus.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @Test
    void hearsAMessageInManySmallFragments() throws Exception {
        bus.sendInFragments(message("said", LIMIT - 100), 100);

        awaitHeard(1);
        assertThat(heard.get(0).data().get("audio").textValue()).hasSize(LIMIT - 100);
    }

    @ParameterizedTest
    @ValueSource(ints = {125, 126, 65_400, 65_535, 65_536, 65_600, 131_070, 131_071, 3_000_000})
    void hearsMessagesOfAnySizeBetweenOthers(int size) throws Exception {
        bus.send(concat(
                text(message("said.before", 10)), text(message("said", size)), text(message("said.after", size / 2))));

        awaitHeard(3);
        assertThat(heard)
                .extracting(message -> message.data().get("audio").textValue().length())
                .containsExactly(10, size, size / 2);
    }

    @Test
    void hearsInOrderWhenLargeOnesComeBetweenSmallOnes() throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 40; i++) {
            all.writeBytes(text(message("said." + i, i % 4 == 0 ? 200_000 : 10)));
        }
        bus.send(all.toByteArray());

        awaitHeard(40);
        assertThat(heard)
                .extracting(BusMessage::type)
                .containsExactlyElementsOf(Stream.iterate(0, i -> i + 1)
                        .limit(40)
                        .map(i -> "said." + i)
                        .toList());
    }

    @Test
    void aMessageThatTheBusRejectsFailsAndIsReported() throws Exception {
        var told = device().tell("speak", BusMessage.JSON.createObjectNode());
        var asked = device().ask(byId("ovos.mic.listen", "never"));
        bus.awaitText();
        bus.awaitText();
        bus.sendText(rejectionOf("speak"));
        bus.sendText(rejectionOf("mycroft.mic.listen"));
        device().tell("mycroft.stop", BusMessage.JSON.createObjectNode());
        bus.sendText(bus.awaitText());

        assertThatThrownBy(() -> get(told))
                .isInstanceOfSatisfying(
                        RejectedException.class,
                        refused -> assertThat(refused.problem())
                                .extracting(Problem::type, Problem::status)
                                .containsExactly("bus-refused", 502))
                .hasMessageContaining("malformed_carrier");
        assertThatThrownBy(() -> get(asked)).isInstanceOf(RejectedException.class);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(incidents).extracting(Incident::type).containsExactly("session-rejected"));
        assertThat(device().connection().isUp()).isTrue();
    }

    @Test
    void aMessageThatTheBusRejectsFailsWithoutAnotherAfterIt() throws Exception {
        var told = device().tell("speak", BusMessage.JSON.createObjectNode());
        bus.awaitText();
        bus.sendText(rejectionOf("speak"));

        assertThatThrownBy(() -> get(told)).isInstanceOf(RejectedException.class);
    }

    @Test
    void whatIsRejectedOfOthersFailsNothingOfOurs() throws Throwable {
        var told = device().tell("speak", BusMessage.JSON.createObjectNode());
        String ours = bus.awaitText();
        bus.sendText(rejectionOf("speak"));
        bus.sendText(ours);

        assertThat(get(told).type()).isEqualTo("speak");
        assertThat(incidents).isEmpty();
    }

    private static String rejectionOf(String type) {
        return """
                {"type": "ovos.session.rejected", "data": {"msg_type": "%s", "reason": "malformed_carrier"}, "context": {}}
                """.formatted(type);
    }

    @Test
    void passesByWhatIsTooLargeAndSaysSo() throws Exception {
        bus.sendText(message("said.large", 30_000_000));
        bus.sendInFragments(message("said.fragments", LIMIT + 1), 50_000);
        bus.sendText(message("said.after", 10));

        awaitHeard(1);
        assertThat(heard.get(0).type()).isEqualTo("said.after");
        assertThat(meters.get("ovos.bus.skipped").counter().count()).isEqualTo(2);
        assertThat(meters.get("ovos.bus.connects").counter().count()).isEqualTo(1);
        assertThat(incidents).hasSize(1);
        assertThat(incidents.get(0).type()).isEqualTo("message-skipped");
        assertThat(incidents.get(0).detail()).contains("said.large").contains("max-message-size is 4096 KB");
    }

    @Test
    void whatTheBusSaysStaysInItsLineOfTheLog() throws Exception {
        bus.sendText(message("said\\nforged", LIMIT + 1));
        var told = device().tell("speak", BusMessage.JSON.createObjectNode());
        bus.awaitText();
        bus.sendText(rejectionOf("speak").replace("malformed_carrier", "no\\nforged" + "x".repeat(10_000)));

        assertThatThrownBy(() -> get(told)).message().contains("no\\x0aforged").hasSizeLessThan(1_000);
        assertThat(incidents).extracting(Incident::detail).noneMatch(detail -> detail.contains("\n"));
    }

    @Test
    void tellsWhoWaitsThatTheAnswerIsTooLarge() throws Exception {
        Future<BusMessage> asked = device().ask(byId("ask", "answer"));
        String echo = bus.awaitText();
        bus.sendText(echo);
        bus.sendText(message("answer", LIMIT + 1));

        assertThatThrownBy(() -> get(asked))
                .isInstanceOf(InvalidAnswerException.class)
                .hasMessageContaining("max-message-size of 'default', 4096 KB");
    }

    @Test
    void takesNotANumberForNothing() throws Exception {
        bus.sendText("{\"type\":\"said\",\"data\":{\"a\":NaN,\"b\":[Infinity,-Infinity,1e999,1.5],\"c\":{\"d\":NaN}}}");

        awaitHeard(1);
        Map<String, Object> data = heard.get(0).dataMap();
        assertThat(data).containsEntry("a", null).containsEntry("c", Collections.singletonMap("d", null));
        assertThat(data.get("b")).isEqualTo(Arrays.asList(null, null, null, 1.5));
    }

    @Test
    void replacesHalfACharacter() throws Exception {
        bus.sendText("{\"type\":\"said\",\"data\":{\"key\":\"half \\ud83d, whole \\ud83d\\ude00\"}}");

        awaitHeard(1);
        assertThat(heard.get(0).dataMap()).containsExactly(Map.entry("key", "half \ufffd, whole \ud83d\ude00"));
    }

    @Test
    void mutesAgainAfterAStopWhenTheLinkIsBack() throws Exception {
        new KeptMute(device()).tell("mycroft.stop", BusMessage.JSON.createObjectNode());
        String question = bus.awaitText();
        bus.sendText(question);
        bus.sendText(bus.awaitText());
        bus.sendText(question.replace("mycroft.mic.get_status", "mycroft.mic.get_status.response")
                .replace("\"data\":{}", "\"data\":{\"muted\":true}"));
        assertThat(bus.awaitText()).contains("mycroft.mic.mute");

        bus.drop();
        bus.awaitClient();

        assertThat(bus.awaitText()).contains("mycroft.mic.mute");
        assertThat(incidents).isEmpty();
    }

    @Test
    void keepsLittleForABusThatDoesNotRead() {
        String megabyte = "a".repeat(1 << 20);
        List<Future<BusMessage>> told = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            told.add(device().tell("speak", TestDevice.data("utterance", megabyte)));
        }

        await().atMost(Duration.ofSeconds(30)).until(() -> told.stream().allMatch(Future::isComplete));
        long refused = told.stream()
                .filter(one -> one.cause().getMessage().startsWith("Too much is under way"))
                .count();
        // the rest is with the systems of both ends, but for the last
        assertThat(refused).isGreaterThan(50);
    }

    static Stream<String> oddMessages() {
        return Stream.of(
                "{\"type\":\"said.odd\",\"data\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}",
                "{\"data\":" + "{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000) + ",\"type\":\"said.odd\"}",
                "{\"type\":\"said.odd\",\"data\":{\"n\":" + "9".repeat(100_000) + "}}",
                "{\"type\":\"said.odd\",\"data\":{\"n\":1." + "9".repeat(100_000) + "}}",
                "{\"type\":\"said.odd\",\"data\":{\"" + "k".repeat(100_000) + "\":1}}",
                "{\"type\":\"other\",\"type\":\"said.odd\"}",
                "{\"type\":\"said.odd\",\"type\":\"other\"}",
                "{\"type\":\"said.odd\"} {\"type\":\"said.odd\"}",
                "{\"type\":\"said.odd\",\"data\":{\"many\":[" + "{},".repeat(500_000) + "{}]}}",
                "{\"type\":\"said.odd\",\"data\":{\"\\udc00key\":1}}",
                "\ufeff{\"type\":1}");
    }

    @ParameterizedTest
    @MethodSource("oddMessages")
    void goesOnAfterAMessageThatMakesNoSense(String odd) throws Exception {
        bus.sendText(odd);
        bus.sendText(message("said.after", 10));

        awaitHeard(1);
        assertThat(heard.get(0).type()).isEqualTo("said.after");
        assertThat(meters.get("ovos.bus.connects").counter().count()).isEqualTo(1);
    }

    static Stream<byte[]> brokenFrames() {
        return Stream.of(
                new byte[] {(byte) 0x81, (byte) 0x85, 1, 2, 3, 4, 5, 6, 7, 8, 9},
                new byte[] {(byte) 0xF1, 2, '{', '}'},
                new byte[] {(byte) 0x83, 2, '{', '}'},
                new byte[] {(byte) 0x80, 2, '{', '}'},
                new byte[] {(byte) 0x89, 126, 1, 0},
                new byte[] {(byte) 0x88, 1, 1},
                ByteBuffer.allocate(10)
                        .put((byte) 0x81)
                        .put((byte) 127)
                        .putLong(-1)
                        .array(),
                ByteBuffer.allocate(10)
                        .put((byte) 0x81)
                        .put((byte) 127)
                        .putLong(1L << 40)
                        .array(),
                RawBus.frame(0x81, new byte[] {'"', (byte) 0xff, (byte) 0xfe, '"'}),
                RawBus.frame(
                        0x81,
                        concat(
                                "{\"type\":\"said.odd\",\"data\":{\"a\":\"".getBytes(StandardCharsets.US_ASCII),
                                new byte[] {(byte) 0xc3, '"', '}', '}'})));
    }

    @ParameterizedTest
    @MethodSource("brokenFrames")
    void goesOnOrConnectsAgainAfterAFrameThatIsNone(byte[] broken) throws Exception {
        bus.send(broken);

        await().atMost(Duration.ofSeconds(30)).until(() -> {
            try {
                bus.sendText(message("said.after", 10));
            } catch (IOException closed) {
                // it has gone; the next one is taken
            }
            bus.takeNewClient();
            return heard.stream().anyMatch(message -> message.type().equals("said.after"));
        });
        assertThat(heard).allMatch(message -> message.type().equals("said.after"));
    }

    private Device device() {
        return devices.get("default");
    }

    private void awaitHeard(int number) {
        await().atMost(Duration.ofSeconds(30)).until(() -> heard.size() >= number);
    }

    private static String message(String type, int size) {
        return "{\"type\": \"" + type + "\", \"data\": {\"audio\": \"" + "a".repeat(size) + "\"}}";
    }

    private static byte[] text(String text) {
        return RawBus.frame(RawBus.FINAL | RawBus.TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
