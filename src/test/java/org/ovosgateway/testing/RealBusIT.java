// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

/** What the gateway and the fake bus take for granted of the real one. */
class RealBusIT {

    @RegisterExtension
    static final RealBus bus = new RealBus();

    @Test
    void greetsEachClientAlone() throws IOException {
        try (BusProbe first = greeted();
                BusProbe second = BusProbe.connect(bus.port())) {
            assertThat(new ObjectMapper().readTree(second.next())).isEqualTo(new ObjectMapper().readTree("""
                                            {"type":"connected","data":{},"context":{"session":{"session_id":"default"}}}
                                            """));
            assertThat(first.waiting()).isZero();
        }
    }

    @Test
    void relaysEveryFrameVerbatimToAllAndTheSenderInOneOrder() throws IOException {
        try (BusProbe first = greeted();
                BusProbe second = greeted();
                BusProbe third = greeted()) {
            List<String> sent = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                String frame = "{\"type\":\"test.order\",  \"data\":{\"i\":" + i + "}}";
                sent.add(frame);
                (i % 2 == 0 ? first : second).send(frame);
            }
            List<String> seen = take(sent.size(), first);
            assertThat(seen).containsExactlyInAnyOrderElementsOf(sent);
            assertThat(take(sent.size(), second)).isEqualTo(seen);
            assertThat(take(sent.size(), third)).isEqualTo(seen);
        }
    }

    @Test
    void dropsItsClientsWhenKilledAndComesBackOnTheSamePort() throws IOException {
        try (BusProbe before = greeted()) {
            bus.kill();
            await().atMost(Duration.ofSeconds(30)).until(before::closed);
        }
        assertThatIOException().isThrownBy(() -> BusProbe.connect(bus.port()));

        bus.restart();

        try (BusProbe after = greeted()) {
            after.send("{\"type\":\"test.back\"}");
            assertThat(after.next()).isEqualTo("{\"type\":\"test.back\"}");
        }
    }

    @Test
    void keepsConnectionsOpenAndSilentWhileFrozen() throws IOException {
        try (BusProbe probe = greeted()) {
            bus.freeze();
            try {
                probe.send("{\"type\":\"test.frozen\"}");
                assertThatIOException().isThrownBy(() -> probe.next(Duration.ofSeconds(1)));
                assertThat(probe.closed()).isFalse();
            } finally {
                bus.thaw();
            }
            assertThat(probe.next()).isEqualTo("{\"type\":\"test.frozen\"}");
        }
    }

    private static BusProbe greeted() throws IOException {
        BusProbe probe = BusProbe.connect(bus.port());
        probe.next();
        return probe;
    }

    private static List<String> take(int count, BusProbe probe) throws IOException {
        List<String> frames = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            frames.add(probe.next());
        }
        return frames;
    }
}
