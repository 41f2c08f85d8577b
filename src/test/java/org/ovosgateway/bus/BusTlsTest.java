// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.HostName;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.bus.DevicesProperties.Tls;
import org.ovosgateway.testing.PemFiles;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.ssl.pem.PemContent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** A bus that speaks TLS with a certificate that nobody signed, as ovos-messagebus does with {@code websocket.ssl}. */
class BusTlsTest {

    private static final String OTHER = "sha256:" + "0".repeat(64);

    @TempDir
    static Path folder;

    private static PemFiles files;
    private static String fingerprint;

    private final Vertx vertx = Vertx.vertx();
    private HttpServer bus;
    private Devices devices;

    @BeforeAll
    static void makeCertificate() throws Exception {
        HostName.askTheSystem();
        files = PemFiles.in(folder, "ovos-messagebus", "RSA");
        fingerprint = BusTrust.fingerprint(
                PemContent.load(files.certificate()).getCertificates().get(0));
    }

    @BeforeEach
    void serve() throws Exception {
        bus = vertx.createHttpServer(new HttpServerOptions()
                        .setSsl(true)
                        .setKeyCertOptions(new PemKeyCertOptions()
                                .addCertPath(files.certificate().toString())
                                .addKeyPath(files.key().toString())))
                .webSocketHandler(client -> client.textMessageHandler(client::writeTextMessage))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
    }

    @AfterEach
    void close() throws Exception {
        if (devices != null) {
            devices.stop();
        }
        vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private BusConnection connect(String host, int port, Tls tls) {
        var settings = TestDevice.settings(host, port, tls, "", Duration.ofSeconds(20));
        devices = new Devices(
                vertx,
                new DevicesProperties(Map.of("default", settings)),
                TestDevice.noneProven(),
                new SimpleMeterRegistry());
        devices.start();
        return devices.get("default").connection();
    }

    private static void awaitUp(BusConnection connection) {
        await().atMost(Duration.ofSeconds(30)).until(connection::isUp);
    }

    private static String awaitRefusal(BusConnection connection) {
        return await().atMost(Duration.ofSeconds(30))
                .until(connection::lastError, error -> !error.equals("not tried yet"));
    }

    @Test
    void connectsToThePinnedCertificateWhateverHostItNames() throws Throwable {
        awaitUp(connect("localhost", bus.actualPort(), new Tls(false, fingerprint, "")));

        TestDevice.get(devices.get("default").tell("speak", BusMessage.JSON.createObjectNode()));
    }

    @Test
    void saysWhichCertificateItSawInPlaceOfThePinnedOne() {
        assertThat(awaitRefusal(connect("127.0.0.1", bus.actualPort(), new Tls(false, OTHER, ""))))
                .isEqualTo("its certificate is not the pinned one. Its fingerprint is " + fingerprint
                        + ": if the device shows the same, set ovos.devices.default.tls.pin to it");
    }

    @Test
    void saysWhichCertificateItSawWhenNobodyItKnowsSignedIt() {
        assertThat(awaitRefusal(connect("127.0.0.1", bus.actualPort(), Tls.valueOf("true"))))
                .startsWith("its certificate is not trusted (")
                .contains("Its fingerprint is " + fingerprint);
    }

    @Test
    void connectsToACertificateOfTheFile() {
        awaitUp(connect(
                "127.0.0.1",
                bus.actualPort(),
                new Tls(false, "", files.certificate().toString())));
    }

    @Test
    void refusesACertificateOfTheFileThatNamesAnotherHost() {
        assertThat(awaitRefusal(connect(
                        "localhost",
                        bus.actualPort(),
                        new Tls(false, "", files.certificate().toString()))))
                .contains("localhost")
                .contains("Its fingerprint is " + fingerprint);
    }

    @Test
    void saysThatABusDoesNotSpeakTls() throws Exception {
        HttpServer plain = vertx.createHttpServer()
                .requestHandler(request -> request.response().end())
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);

        assertThat(awaitRefusal(connect("127.0.0.1", plain.actualPort(), new Tls(false, fingerprint, ""))))
                .isEqualTo("it does not speak TLS");
    }

    @Test
    void refusesToStartWithAFileThatHoldsNoCertificate() throws Exception {
        Path empty = Files.writeString(folder.resolve("empty.crt"), "nothing");

        for (String file :
                new String[] {empty.toString(), folder.resolve("missing.crt").toString()}) {
            assertThatThrownBy(() -> connect("127.0.0.1", 1, new Tls(false, "", file)))
                    .isInstanceOfSatisfying(
                            InvalidConfigurationException.class,
                            refused -> assertThat(refused.remedy()).contains("ovos.devices.default.tls.ca"))
                    .hasMessageContaining(file);
        }
    }

    @Test
    void theSettingIsTrueOrFalseOrHasAPinOrAFile() {
        assertThat(bind(Map.of("tls", "true")).isOn()).isTrue();
        assertThat(bind(Map.of("tls", "false")).isOn()).isFalse();
        assertThat(bind(Map.of("host", "a")).isOn()).isFalse();
        assertThat(bind(Map.of("tls.ca", "a.pem")).isOn()).isTrue();
        assertThat(bind(Map.of("tls.pin", "SHA256:" + "AB:".repeat(31) + "AB")))
                .isEqualTo(new Tls(false, "sha256:" + "ab".repeat(32), ""));
        for (Map<String, String> wrong : List.of(
                Map.of("tls", "maybe"),
                Map.of("tls.pin", "sha256:12"),
                Map.of("tls.pin", "0".repeat(64)),
                Map.of("tls.pin", OTHER, "tls.ca", "a.pem"))) {
            assertThatThrownBy(() -> bind(wrong)).isInstanceOf(BindException.class);
        }
    }

    private static Tls bind(Map<String, String> settings) {
        var source = new MapConfigurationPropertySource();
        settings.forEach((key, value) -> source.put("ovos.devices.default." + key, value));
        return new Binder(source)
                .bind("ovos", DevicesProperties.class)
                .get()
                .devices()
                .get("default")
                .tls();
    }
}
