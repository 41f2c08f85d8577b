// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.apache.camel.Component;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.ovosgateway.StateDirectory;
import org.ovosgateway.bus.Question.Match;
import org.ovosgateway.bus.Question.Reading;
import org.ovosgateway.problem.ProblemException;
import org.ovosgateway.testing.FakeBus;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** A device connected to the bus of a test, with short times. */
public final class TestDevice implements BeforeEachCallback, AfterEachCallback {

    static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final FakeBus bus;
    private final String apiKey;
    private final Map<String, FakeBus> others = new HashMap<>();
    private Boolean keyInClear;
    private Path state;
    private Duration pingInterval = Duration.ofSeconds(20);
    private Vertx vertx;
    private Devices devices;
    private MeterRegistry meters;

    public TestDevice(FakeBus bus) {
        this(bus, "the key");
    }

    TestDevice(FakeBus bus, String apiKey) {
        this.bus = bus;
        this.apiKey = apiKey;
    }

    /** Adds a device on a bus of its own. */
    public TestDevice with(String name, FakeBus otherBus) {
        others.put(name, otherBus);
        return this;
    }

    /** Sends the key to nobody, or to whoever wants it. */
    TestDevice withKeyInClear(boolean setting) {
        keyInClear = setting;
        return this;
    }

    /** Tries a silent link this often. */
    TestDevice pingingEvery(Duration interval) {
        pingInterval = interval;
        return this;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        state = Files.createTempDirectory("state");
        start();
    }

    private void start() {
        vertx = Vertx.vertx();
        meters = new SimpleMeterRegistry();
        Map<String, DevicesProperties.Bus> all = new HashMap<>();
        all.put(
                "default",
                settings(
                        "127.0.0.1",
                        bus.port(),
                        DevicesProperties.Tls.valueOf("false"),
                        apiKey,
                        keyInClear,
                        pingInterval));
        others.forEach((name, other) -> all.put(name, settings(other.port(), apiKey, pingInterval)));
        devices = new Devices(
                vertx, new DevicesProperties(all), new ProvenCompanions(new StateDirectory(state.toString())), meters);
        devices.start();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> devices.all().stream()
                        .allMatch(device -> device.connection().isUp()));
    }

    static DevicesProperties.Bus settings(int port, String apiKey, Duration pingInterval) {
        return settings("127.0.0.1", port, DevicesProperties.Tls.valueOf("false"), apiKey, pingInterval);
    }

    static DevicesProperties.Bus settings(
            String host, int port, DevicesProperties.Tls tls, String apiKey, Duration pingInterval) {
        return settings(host, port, tls, apiKey, null, pingInterval);
    }

    private static DevicesProperties.Bus settings(
            String host,
            int port,
            DevicesProperties.Tls tls,
            String apiKey,
            Boolean keyInClear,
            Duration pingInterval) {
        return new DevicesProperties.Bus(
                host,
                port,
                "/core",
                tls,
                "attic",
                apiKey,
                keyInClear,
                "skill-rest-api.smartgic",
                TIMEOUT,
                TIMEOUT,
                Duration.ofSeconds(1),
                pingInterval,
                Duration.ofMillis(20),
                Duration.ofMillis(200),
                10_000,
                DataSize.ofMegabytes(4),
                DataSize.ofMegabytes(25));
    }

    public void awaitConnected() {
        await().atMost(Duration.ofSeconds(30)).until(() -> device().connection().isUp());
    }

    public void awaitDisconnected() {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !device().connection().isUp());
    }

    /** As a gateway that is stopped and started. */
    void restart() throws Exception {
        stop();
        start();
    }

    /** Where what outlives a restart is kept. */
    Path state() {
        return state;
    }

    /** For devices with no companion skill. */
    static ProvenCompanions noneProven() {
        return new ProvenCompanions(new StateDirectory("target/no-state"));
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        stop();
        FileSystemUtils.deleteRecursively(state);
    }

    private void stop() throws Exception {
        devices.stop();
        vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    Device device() {
        return devices.get("default");
    }

    public Devices devices() {
        return devices;
    }

    public Vertx vertx() {
        return vertx;
    }

    /** The component {@code ovos:} for these devices. */
    public Component component() {
        return new OvosComponent(devices);
    }

    MeterRegistry meters() {
        return meters;
    }

    static ObjectNode data(String key, Object value) {
        return BusMessage.JSON.createObjectNode().set(key, BusMessage.JSON.valueToTree(value));
    }

    static Question byId(String type, String reply) {
        return new Question(
                type, BusMessage.JSON.createObjectNode(), reply, Match.ID, TIMEOUT, "somebody", Reading.PLAIN);
    }

    static Question byType(String type, ObjectNode data) {
        return new Question(type, data, type + ".answer", Match.TYPE, TIMEOUT, "somebody", Reading.PLAIN);
    }

    /** What is asked fails with a problem of this type and status. */
    static AbstractThrowableAssert<?, ?> assertProblem(Future<?> asked, String type, int status) {
        return assertThatThrownBy(() -> get(asked)).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.problem().type()).isEqualTo(type);
            assertThat(e.problem().status()).isEqualTo(status);
        });
    }

    /** The result of a future, or its failure. */
    static <T> T get(Future<T> future) throws Throwable {
        try {
            return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            throw e.getCause();
        }
    }
}
