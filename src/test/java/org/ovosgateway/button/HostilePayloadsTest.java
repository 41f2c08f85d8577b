// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;

/** Whatever comes: presses, none, or a clear error. */
class HostilePayloadsTest {

    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "[]",
            "{}",
            "[[[]]]",
            "\"\"",
            "\"x\"",
            "-1",
            "1e999",
            "-1e999",
            "1.5",
            "99999999999999999999",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"" + "A".repeat(5000) + "\"",
            "[null]",
            "{\"a\":{}}",
            "\"single\\nrm\"",
            "0.1e-999");
    private static final List<String> TOPICS = List.of(
            "",
            "/",
            "a",
            "//",
            "a/b/c/d/e",
            "shellies/x/input_event/0",
            "a/events/rpc",
            "cmnd/x/POWER",
            "a/action",
            "x".repeat(60_000),
            "a\nb/action",
            "a/BUTTON\u0000",
            "zigbee2mqtt/\ud83d\ude00");

    @ParameterizedTest
    @EnumSource
    void noValueOfAnyMemberDoesHarm(Family family) {
        for (Fixture fixture : Fixture.all().filter(f -> f.family() == family).toList()) {
            String payload = fixture.payload();
            // each scalar of the message replaced by each odd value
            var scalars = Pattern.compile("(?<=:)(\"[^\"]*\"|[0-9.eE+-]+|true|false|null)(?=[,}])");
            var matcher = scalars.matcher(payload);
            while (matcher.find()) {
                for (String value : VALUES) {
                    check(
                            fixture.decoder(),
                            fixture.topic(),
                            (payload.substring(0, matcher.start()) + value + payload.substring(matcher.end()))
                                    .getBytes(StandardCharsets.UTF_8));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void noBrokenPayloadDoesHarm(Family family) {
        Random random = new Random(7);
        List<Fixture> fixtures =
                Fixture.all().filter(fixture -> fixture.family() == family).toList();
        for (int i = 0; i < 3000; i++) {
            Fixture fixture = fixtures.get(random.nextInt(fixtures.size()));
            byte[] payload = fixture.payload().getBytes(StandardCharsets.UTF_8);
            if (random.nextBoolean()) {
                payload = Arrays.copyOf(payload, random.nextInt(payload.length + 2));
            }
            for (int flips = random.nextInt(4); flips > 0 && payload.length > 0; flips--) {
                payload[random.nextInt(payload.length)] = (byte) random.nextInt(256);
            }
            check(fixture.decoder(), fixture.topic(), payload);
        }
    }

    @ParameterizedTest
    @EnumSource
    void noTopicDoesHarm(Family family) {
        List<String> payloads = new ArrayList<>(VALUES);
        payloads.add("[".repeat(60_000));
        payloads.add("{\"a\":".repeat(9_000));
        payloads.add("{\"action\":\"single\",\"action\":\"double\"}");
        payloads.add("single double");
        payloads.add("_".repeat(100) + "_press");
        payloads.add("on_".repeat(30) + "press");
        Fixture.all()
                .filter(fixture -> fixture.family() == family)
                .map(Fixture::payload)
                .limit(20)
                .forEach(payloads::add);
        Decoder decoder = family.decoder("a.b", "x: single");
        for (String topic : TOPICS) {
            for (String payload : payloads) {
                check(decoder, topic, payload.getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private static void check(Decoder decoder, String topic, byte[] payload) {
        List<Press> presses;
        try {
            presses = decoder.presses(new Received(topic, payload, Fixture.NOW));
        } catch (ProblemException e) {
            assertThat(e.problem().type()).isEqualTo("unreadable");
            assertThat(e.problem().detail()).hasSizeLessThan(400).doesNotContain("Exception", "com.fasterxml");
            return;
        }
        assertThat(presses).hasSizeLessThanOrEqualTo(32);
        for (Press press : presses) {
            assertThat(press.gesture().word()).isNotBlank().hasSizeLessThanOrEqualTo(100);
            assertThat(press.source()).doesNotContain("\n");
            assertThat(press.at()).isNotNull();
        }
    }
}
