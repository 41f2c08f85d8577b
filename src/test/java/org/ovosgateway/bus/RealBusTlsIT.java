// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.HostName;
import org.ovosgateway.bus.DevicesProperties.Tls;
import org.ovosgateway.testing.PemFiles;
import org.ovosgateway.testing.RealBus;
import org.springframework.boot.ssl.pem.PemContent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The messagebus of the new line, with {@code websocket.ssl}. */
@Tag("every-assistant")
class RealBusTlsIT {

    @TempDir
    static Path folder;

    @RegisterExtension
    static final RealBus bus = RealBus.withTls(RealBusTlsIT::files);

    private static PemFiles files;

    private final Vertx vertx = Vertx.vertx();
    private Devices devices;

    private static synchronized PemFiles files() {
        try {
            files = files == null ? PemFiles.in(folder, "real-bus", "RSA") : files;
            return files;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeAll
    static void askTheSystem() {
        HostName.askTheSystem();
    }

    @AfterEach
    void close() throws Exception {
        devices.stop();
        vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private Device connect(Tls tls) {
        var settings = TestDevice.settings("localhost", bus.port(), tls, "", Duration.ofSeconds(20));
        devices = new Devices(
                vertx,
                new DevicesProperties(Map.of("default", settings)),
                TestDevice.noneProven(),
                new SimpleMeterRegistry());
        devices.start();
        return devices.get("default");
    }

    @Test
    void relaysToWhoHasPinnedItsCertificate() throws Throwable {
        String pin = BusTrust.fingerprint(
                PemContent.load(files.certificate()).getCertificates().get(0));
        Device device = connect(new Tls(false, pin, ""));
        await().atMost(Duration.ofSeconds(30)).until(() -> device.connection().isUp());

        BusMessage echo = TestDevice.get(device.tell("speak", TestDevice.data("utterance", "hi")));
        assertThat(echo.data()).isEqualTo(TestDevice.data("utterance", "hi"));

        bus.restart();
        await().atMost(Duration.ofSeconds(30)).until(() -> device.connection().isUp());
        TestDevice.get(device.tell("speak", TestDevice.data("utterance", "again")));
    }

    @Test
    void isRefusedByWhoHasPinnedAnother() {
        Device device = connect(new Tls(false, "sha256:" + "0".repeat(64), ""));

        await().atMost(Duration.ofSeconds(30))
                .until(() -> device.connection().lastError().startsWith("its certificate is not the pinned one"));
    }
}
