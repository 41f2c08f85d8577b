// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Gateway.Call;
import org.ovosgateway.testing.GatewayTraffic;
import org.ovosgateway.testing.RealBus;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** All of the API on the original ovos-messagebus, also while that dies, returns and hangs. */
class RealBusApiIT implements EveryOperation {

    private static final int CALLERS = 6;
    private static final int RESTARTS = 10;

    @RegisterExtension
    @Order(1)
    static final RealBus bus = new RealBus();

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.devices.default.connect-timeout", "1s")
            .with("ovos.devices.default.ping-interval", "1s")
            // what is wrong with the link is what is tested
            .with("logging.level.org.ovosgateway.bus", "error");

    private static Vertx vertx;
    private static SimulatedAssistant assistant;
    private GatewayTraffic traffic;

    @BeforeAll
    static void connectTheAssistant() throws Exception {
        vertx = Vertx.vertx();
        assistant = SimulatedAssistant.builder()
                .apiKey(Gateway.API_KEY)
                .oneConnection()
                .start(vertx, uri());
        assistant.connected().toCompletionStage().toCompletableFuture().get(30, SECONDS);
    }

    @AfterAll
    static void disconnectTheAssistant() throws Exception {
        assistant
                .close()
                .transform(left -> vertx.close())
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, SECONDS);
    }

    @BeforeEach
    void listen() throws Exception {
        traffic = new GatewayTraffic(vertx, uri());
    }

    @Override
    public Gateway gateway() {
        return gateway;
    }

    @Override
    public SimulatedAssistant assistant() {
        return assistant;
    }

    @Override
    public GatewayTraffic traffic() {
        return traffic;
    }

    @Test
    void bearsADyingBusUnderLoad() throws Exception {
        List<Supplier<Call>> calls = List.of(
                () -> gateway.call("GET", "/v1/voice/microphone"),
                () -> gateway.call("GET", "/v1/system/info"),
                () -> gateway.call("PUT", "/v1/voice/listen"),
                () -> gateway.call("GET", "/v1/skills/" + WEATHER + "/settings"),
                () -> gateway.call("DELETE", "/v1/voice/speech"),
                () -> gateway.call("POST", "/v1/voice/speech").json("{\"utterance\": \"still here\"}"),
                () -> gateway.call("GET", "/v1/network/websocket"),
                () -> gateway.call("GET", "/v1/network/ping"));
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger succeeded = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        Queue<String> unclean = new ConcurrentLinkedQueue<>();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            int first = i;
            running.add(callers.submit(() -> {
                for (int next = first; !over.get(); next++) {
                    var answer = calls.get(next % calls.size()).get().send();
                    if (answer.statusCode() < 300) {
                        succeeded.incrementAndGet();
                    } else if (answer.statusCode() == 503 || answer.statusCode() == 504) {
                        refused.incrementAndGet();
                    } else {
                        unclean.add(answer.request().uri() + " " + answer.body());
                    }
                }
            }));
        }
        int threads = 0;
        try {
            for (int i = 0; i < RESTARTS; i++) {
                int before = succeeded.get();
                await().atMost(30, SECONDS).until(() -> succeeded.get() > before + 50);
                threads = i == 1 ? vertxThreads() : threads;
                int refusedBefore = refused.get();
                bus.kill();
                await().atMost(30, SECONDS).until(() -> refused.get() > refusedBefore);
                bus.restart();
                gateway.awaitBus();
            }
            int before = succeeded.get();
            await().atMost(30, SECONDS).until(() -> succeeded.get() > before + 50);
        } finally {
            over.set(true);
            callers.shutdown();
        }
        for (Future<?> caller : running) {
            caller.get(30, SECONDS);
        }

        assertThat(unclean).isEmpty();
        await().atMost(30, SECONDS).until(() -> gateway.gauge("ovos.bus.waits") == 0);
        assertThat(vertxThreads()).isLessThanOrEqualTo(threads + 2);
        // the gateway's and the assistant's; the one that overheard the start of this test was lost with it
        await().atMost(30, SECONDS).until(() -> connections() == 2);
        traffic = new GatewayTraffic(vertx, uri());
    }

    @Test
    void bearsABusThatHangsAndGoesOnWhenItDoes() throws Exception {
        gateway.call("GET", "/v1/voice/microphone").answers(200);
        traffic.close();
        bus.freeze();
        try {
            List<Integer> statuses = new ArrayList<>();
            for (Call call : List.of(
                    gateway.call("PUT", "/v1/voice/listen"),
                    gateway.call("GET", "/v1/system/info"),
                    gateway.call("POST", "/v1/voice/speech").json("{\"utterance\": \"too late\"}"))) {
                statuses.add(call.send().statusCode());
            }
            assertThat(statuses).isSubsetOf(503, 504);
            gateway.call("GET", "/v1/network/ping").anonymous().answers(200);
            gateway.call("GET", "/v1/network/websocket").answers(200, "{\"listening\": false}");
            gateway.awaitNoBus();
        } finally {
            bus.thaw();
        }

        gateway.awaitBus();
        traffic = new GatewayTraffic(vertx, uri());
        gateway.call("GET", "/v1/voice/microphone").answers(200, "{\"muted\": false}");
        await().atMost(30, SECONDS).until(() -> gateway.gauge("ovos.bus.waits") == 0);
    }

    @Test
    void noticesALinkThatDiedWithoutAWord() throws Exception {
        traffic.close();
        bus.freeze();
        try {
            // nobody calls: only its own pings can tell
            gateway.awaitNoBus();
            gateway.call("PUT", "/v1/voice/listen").isRefused(503, "bus-unavailable");
        } finally {
            bus.thaw();
        }

        gateway.awaitBus();
        traffic = new GatewayTraffic(vertx, uri());
        gateway.call("PUT", "/v1/voice/listen").answers(204);
    }

    private static URI uri() {
        return URI.create("ws://127.0.0.1:" + bus.port() + "/core");
    }

    private static int vertxThreads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("vert.x"))
                .count();
    }

    /** How many connections of this process to the bus are open. */
    private static long connections() throws IOException {
        String toTheBus = ":%04X 01 ".formatted(bus.port());
        long open = 0;
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            try (Stream<String> lines = Files.lines(Path.of(table))) {
                open += lines.filter(line -> line.contains(toTheBus)).count();
            }
        }
        return open;
    }
}
