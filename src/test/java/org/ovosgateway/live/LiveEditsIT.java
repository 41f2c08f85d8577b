// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.apache.camel.Processor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ovosgateway.live.LiveFolder.answering;
import static org.ovosgateway.live.LiveFolder.contract;
import static org.ovosgateway.live.LiveFolder.mine;
import static org.ovosgateway.live.LiveFolder.ticking;

/** Many edits, and edits under load. */
@SuppressWarnings("try") // callers only call until they are closed
class LiveEditsIT {

    @TempDir
    Path folder;

    private LiveFolder live;

    @BeforeEach
    void prepare() {
        live = new LiveFolder(folder);
    }

    @AfterEach
    void stop() {
        live.close();
    }

    @Test
    void fiftyEditsLeaveNothingBehind() throws Exception {
        live.context.getRegistry().bind("count", (Processor) exchange -> {});
        live.write("a.camel.yaml", answering("a", "v0") + ticking("v0", "1000")).start();
        live.write("a.camel.yaml", answering("a", "v1") + ticking("v1", "1000"));
        live.awaitAnswer("a", "v1");
        int endpoints = live.context.getEndpointRegistry().size();
        int threads = Thread.activeCount();

        for (int i = 2; i <= 50; i++) {
            live.write("a.camel.yaml", answering("a", "v" + i) + ticking("v" + i, "1000"));
            live.awaitAnswer("a", "v" + i);
        }

        live.soon().until(() -> live.context.getRouteDefinitions().size() == 2);
        assertThat(live.context.getRoutes()).hasSize(2);
        assertThat(live.context.getRoutesSize()).isEqualTo(2);
        assertThat(live.context.getEndpointRegistry()).hasSizeLessThanOrEqualTo(endpoints);
        assertThat(live.context.getCamelContextExtension().getRouteStartupOrder())
                .hasSize(2);
        assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 2);
    }

    @Test
    void noCallFailsWhileRoutesAreEdited() throws Exception {
        live.write("a.camel.yaml", answering("a", "v0"))
                .write("b.camel.yaml", """
                        - route:
                            id: b
                            from:
                              uri: direct:b
                              steps:
                                - to: direct:a
                        """)
                .start();
        var unexpected = new AtomicInteger();
        var calls = new AtomicInteger();

        try (var callers = Callers.of(List.of("b", "b", "b", "b"), route -> {
            if (!live.ask(route).matches("v\\d+")) {
                unexpected.incrementAndGet();
            }
            calls.incrementAndGet();
        })) {
            for (int i = 1; i <= 20; i++) {
                live.write("a.camel.yaml", answering("a", "v" + i));
                live.awaitAnswer("b", "v" + i);
            }
            live.soon().until(() -> live.context.getRouteDefinitions().size() == 2);
        }

        assertThat(unexpected).hasValue(0);
        assertThat(calls.get()).isGreaterThan(100);
    }

    @Test
    void noRequestFailsWhileContractAndRoutesAreEdited() throws Exception {
        live.withHttp()
                .write("openapi.yaml", contract("/a", "getA"))
                .write("a.camel.yaml", answering("getA", "v0"))
                .write("mine.camel.yaml", mine("v0"))
                .start();
        Map<String, AtomicInteger> answers = new ConcurrentHashMap<>();

        try (var callers = Callers.of(List.of("/v1/a", "/v1/mine", "/v1/a", "/v1/mine"), path -> {
            var response = live.get(path);
            String answer = response.statusCode() + " " + response.body().replaceAll("\\d+", "");
            answers.computeIfAbsent(answer, key -> new AtomicInteger()).incrementAndGet();
        })) {
            for (int i = 1; i <= 10; i++) {
                String version = "v" + i;
                live.write("a.camel.yaml", answering("getA", version));
                live.write("mine.camel.yaml", mine(version));
                live.write("openapi.yaml", contract("/a", "getA") + "# " + i + "\n");
                live.soon().until(() -> live.get("/v1/a").body(), version::equals);
                live.soon().until(() -> live.get("/v1/mine").body(), version::equals);
            }
            live.soon().until(() -> live.context.getRouteDefinitions().size() == 3);
        }

        assertThat(answers).containsOnlyKeys("200 v");
        assertThat(live.doors("/v1")).isEqualTo(1);
    }

    @Test
    void noRequestFailsWhileManyPathsBesideTheContractAreEdited() throws Exception {
        live.withHttp()
                .write("openapi.yaml", contract("/a", "getA"))
                .write("a.camel.yaml", answering("getA", "v0"))
                .write("mine.camel.yaml", manyOfMine("v0"))
                .start();
        var statuses = new ConcurrentHashMap<Integer, AtomicInteger>();

        try (var callers = Callers.of(
                List.of("/v1/mine/0", "/v1/mine/1", "/v1/mine/2", "/v1/a"),
                path -> statuses.computeIfAbsent(live.get(path).statusCode(), key -> new AtomicInteger())
                        .incrementAndGet())) {
            for (int i = 1; i <= 10; i++) {
                String version = "v" + i;
                live.write("mine.camel.yaml", manyOfMine(version));
                live.soon().until(() -> live.get("/v1/mine/0").body(), version::equals);
            }
        }

        assertThat(statuses).containsOnlyKeys(200);
    }

    private static String manyOfMine(String answer) {
        return IntStream.range(0, 100).mapToObj(i -> """
                        - route:
                            id: mine-%1$d
                            from:
                              uri: platform-http:/v1/mine/%1$d
                              steps:
                                - setBody: { constant: %2$s }
                        """.formatted(i, answer)).collect(Collectors.joining());
    }

    /** Each calls again and again until closed. */
    private record Callers(AtomicBoolean done, List<CompletableFuture<Void>> calling) implements AutoCloseable {

        static Callers of(List<String> targets, Consumer<String> call) {
            var done = new AtomicBoolean();
            return new Callers(
                    done,
                    targets.stream()
                            .map(target -> CompletableFuture.runAsync(() -> {
                                while (!done.get()) {
                                    call.accept(target);
                                }
                            }))
                            .toList());
        }

        @Override
        public void close() {
            done.set(true);
            calling.forEach(CompletableFuture::join);
        }
    }
}
