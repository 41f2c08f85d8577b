// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Messages of the bus while the routes that hear them are edited. */
class HearsWhileEditedTest {

    private static final String ROUTE = """
            - route:
                id: answers
                from:
                  uri: ovos:tick
                  steps:
                    - to:
                        uri: ovos:tock
                        parameters:
                          data.n: ${body[n]}
                          data.version: %s
            """;

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus();

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port).routes("ticks.camel.yaml", ROUTE.formatted("v0"));

    @Test
    void areHandledOnceEach() throws Exception {
        gateway.awaitBus();
        AtomicInteger sent = new AtomicInteger();
        ScheduledExecutorService sender = Executors.newSingleThreadScheduledExecutor();
        try {
            sender.scheduleWithFixedDelay(
                    () -> bus.send("tick", Map.of("n", sent.getAndIncrement())), 0, 2, TimeUnit.MILLISECONDS);
            for (int i = 1; i <= 5; i++) {
                edit("v" + i);
            }
        } finally {
            sender.shutdown();
            assertThat(sender.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }

        await().atMost(Duration.ofSeconds(30)).until(() -> answered().size() >= sent.get());
        assertThat(answered())
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, sent.get()).boxed().toList());
    }

    private static void edit(String version) throws Exception {
        Path folder = Path.of(gateway.property("ovos.routes.folder", String.class));
        Path draft = Files.writeString(folder.resolve(".ticks.swp"), ROUTE.formatted(version));
        Files.move(draft, folder.resolve("ticks.camel.yaml"), StandardCopyOption.ATOMIC_MOVE);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> bus.frames("tock").stream()
                        .anyMatch(tock -> tock.data().path("version").asText().equals(version)));
    }

    private static List<Integer> answered() {
        return bus.frames("tock").stream()
                .map(tock -> tock.data().path("n").asInt())
                .toList();
    }
}
