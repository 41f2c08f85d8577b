// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.SocketFactory;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.testing.BrokerProxy;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Mosquitto;
import org.ovosgateway.testing.MqttProbe;
import org.ovosgateway.testing.PemFiles;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Other ways to a real broker than plain TCP: TLS, with certificates on both sides, and WebSocket. */
@ExtendWith(OutputCaptureExtension.class)
class BrokerTransportIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    @Order(1)
    static final Certificates CERTIFICATES = new Certificates();

    @RegisterExtension
    @Order(2)
    static final Mosquitto MOSQUITTO = new Mosquitto();

    @RegisterExtension
    @Order(2)
    static final Mosquitto ENCRYPTED = new Mosquitto()
            .with("cafile " + CERTIFICATES.file("client.crt"))
            .with("certfile " + CERTIFICATES.file("broker.crt"))
            .with("keyfile " + CERTIFICATES.file("broker.key"))
            .with("require_certificate true");

    @RegisterExtension
    @Order(3)
    static final BrokerProxy web = BrokerProxy.webSocket(MOSQUITTO::port);

    @RegisterExtension
    @Order(3)
    static final FakeBus bus = new FakeBus();

    @RegisterExtension
    @Order(4)
    static final Gateway gateway = Gateway.on(bus::port).broker(MOSQUITTO::port);

    @BeforeEach
    void reset() {
        gateway.with("ovos.mqtt.transport", "tcp")
                .with("ovos.mqtt.tls.enabled", true)
                .with("ovos.mqtt.tls.ca", CERTIFICATES.file("broker.crt"))
                .with("ovos.mqtt.tls.certificate", CERTIFICATES.file("client.crt"))
                .with("ovos.mqtt.tls.key", CERTIFICATES.file("client.key"))
                .with("ovos.mqtt.port", ENCRYPTED::port);
    }

    @AfterEach
    void noSecrets(CapturedOutput log) {
        assertThat(log.getAll()).doesNotContain("PRIVATE KEY").doesNotContain("\tat ");
    }

    @Test
    void speaksTlsWithACertificateOfItsOwn() throws Exception {
        gateway.restart();
        gateway.awaitBus();
        gateway.awaitBroker();
        try (MqttProbe probe = MqttProbe.connect("ssl://127.0.0.1:" + ENCRYPTED.port(), options -> {
            options.setSocketFactory(CERTIFICATES.ofClient());
        })) {
            probe.publish("ovos/default/speak/set", "over TLS");
        }
        awaitSpoken("over TLS");
    }

    @Test
    void doesNotTrustAStranger(CapturedOutput log) {
        gateway.with("ovos.mqtt.tls.ca", CERTIFICATES.file("client.crt"));
        gateway.restart();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(log.getAll()).contains("is not connected"));
        assertThat(gateway.gauge("ovos.mqtt.connected")).isZero();
        gateway.call("GET", "/v1/network/ping").answers(200);
    }

    @Test
    void speaksWebSocket() throws Exception {
        gateway.with("ovos.mqtt.transport", "websocket")
                .with("ovos.mqtt.tls.enabled", false)
                .with("ovos.mqtt.port", web::port);
        gateway.restart();
        gateway.awaitBus();
        gateway.awaitBroker();
        try (MqttProbe probe = MqttProbe.connect(MOSQUITTO.port())) {
            probe.publish("ovos/default/speak/set", "over WebSocket");
            awaitSpoken("over WebSocket");
            web.shut();
            gateway.awaitNoBroker();
            web.open();
            gateway.awaitBroker();
            probe.publish("ovos/default/speak/set", "and again");
            awaitSpoken("and again");
        }
    }

    private static void awaitSpoken(String text) {
        await(text)
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(bus.frames("speak"))
                        .extracting(frame -> frame.data().path("utterance").asText())
                        .contains(text));
    }

    /** Of the broker and of the gateway, each trusting the other's. */
    private static final class Certificates implements BeforeAllCallback, AfterAllCallback {

        private final Path folder;

        Certificates() {
            try {
                folder = Files.createTempDirectory("certificates");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void beforeAll(ExtensionContext context) throws Exception {
            PemFiles.in(folder, "broker", "RSA");
            PemFiles.in(folder, "client", "RSA");
        }

        @Override
        public void afterAll(ExtensionContext context) throws IOException {
            FileSystemUtils.deleteRecursively(folder);
        }

        String file(String name) {
            return folder.resolve(name).toString();
        }

        SocketFactory ofClient() {
            var own = PemSslStoreDetails.forCertificate("file:" + file("client.crt"))
                    .withPrivateKey("file:" + file("client.key"));
            var trusted = PemSslStoreDetails.forCertificate("file:" + file("broker.crt"));
            return SslBundle.of(new PemSslStoreBundle(own, trusted))
                    .createSslContext()
                    .getSocketFactory();
        }
    }
}
