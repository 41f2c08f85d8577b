// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.ovosgateway.Budget;
import org.ovosgateway.HostName;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Where the bus may be: whatever the system resolves, at each attempt. */
class BusNamesTest {

    private final Vertx vertx = Vertx.vertx();
    private final WorkerExecutor workers = vertx.createSharedWorkerExecutor("names-of-the-test", 2);
    private Device device;

    @BeforeAll
    static void askTheSystem() {
        HostName.askTheSystem();
    }

    @AfterEach
    void close() throws Exception {
        if (device != null) {
            device.stop();
        }
        vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    static Stream<String> hosts() throws Exception {
        return Stream.concat(
                Stream.of(
                        "localhost",
                        "127.0.0.1",
                        "::1",
                        "[::1]",
                        "0:0:0:0:0:0:0:1",
                        InetAddress.getLocalHost().getHostName()),
                NetworkInterface.networkInterfaces()
                        .flatMap(NetworkInterface::inetAddresses)
                        .filter(InetAddress::isLinkLocalAddress)
                        .map(InetAddress::getHostAddress)
                        .flatMap(address -> Stream.of(address, "[" + address + "]")));
    }

    @ParameterizedTest
    @MethodSource("hosts")
    void connectsToWhatTheSystemKnows(String host) throws Exception {
        InetAddress address = InetAddress.getByName(host);
        try (RawBus bus = new RawBus(address)) {
            connect(bus.port(), host, name -> workers.executeBlocking(name::resolve, false));
            awaitConnected();

            assertThat(bus.handshakes().get(0))
                    .containsIgnoringCase("host: " + new HostName(host).inUrl() + ":" + bus.port() + "\r\n")
                    .doesNotContainIgnoringCase("origin:");
        }
    }

    @Test
    void connectsWhenTheNameBecomesKnownLater() throws Exception {
        Queue<Future<List<HostName>>> attempts = new ArrayDeque<>(List.of(
                Future.failedFuture(new UnknownHostException("ovos_kitchen.local: Name or service not known")),
                Future.failedFuture(new UnknownHostException("ovos_kitchen.local: Name or service not known")),
                Future.succeededFuture(List.of(new HostName("127.0.0.1")))));
        try (RawBus bus = new RawBus()) {
            connect(bus.port(), "ovos_kitchen.local", name -> attempts.remove());
            awaitConnected();

            assertThat(bus.handshakes().get(0)).containsIgnoringCase("host: ovos_kitchen.local:" + bus.port());
        }
    }

    @Test
    void saysThatTheNameIsNotKnown() {
        connect(1, "ovos-kitchen.local", name -> Future.failedFuture(new UnknownHostException("ovos-kitchen.local")));

        await().atMost(Duration.ofSeconds(30))
                .until(() -> device.connection()
                        .lastError()
                        .equals("its name is not known to this machine (ovos-kitchen.local)"));
    }

    @Test
    void triesEachAddressOfAName() throws Exception {
        try (RawBus bus = new RawBus(InetAddress.getByName("127.0.0.1"))) {
            connect(
                    bus.port(),
                    "two-addresses",
                    name -> Future.succeededFuture(List.of(new HostName("127.0.0.2"), new HostName("127.0.0.1"))));

            awaitConnected();
        }
    }

    @Test
    void refusesAtOnceWhileANameServerIsSilent() throws Exception {
        Promise<List<HostName>> never = Promise.promise();
        connect(1, "silence", name -> never.future());

        var told = device.tell("speak", BusMessage.JSON.createObjectNode());

        assertThat(told.toCompletionStage()
                        .toCompletableFuture()
                        .handle((echo, failure) -> failure)
                        .get(30, TimeUnit.SECONDS))
                .isInstanceOf(BusUnavailableException.class);
    }

    private void connect(int port, String host, BusConnection.Resolver resolver) {
        Duration second = Duration.ofSeconds(1);
        Duration moment = Duration.ofMillis(20);
        var bus = new DevicesProperties.Bus(
                host,
                port,
                "/core",
                DevicesProperties.Tls.valueOf("false"),
                "",
                "",
                true,
                "skill",
                second,
                second,
                second.multipliedBy(10),
                second.multipliedBy(20),
                moment,
                moment,
                10,
                DataSize.ofMegabytes(1),
                DataSize.ofMegabytes(25));
        device = new Device(
                vertx,
                "default",
                bus,
                resolver,
                workers,
                new Budget(1 << 20),
                TestDevice.noneProven(),
                new SimpleMeterRegistry());
        device.start();
    }

    private void awaitConnected() {
        await().atMost(Duration.ofSeconds(30)).until(() -> device.connection().isUp());
    }
}
