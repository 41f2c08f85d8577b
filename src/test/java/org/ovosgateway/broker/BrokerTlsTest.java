// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Map;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.testing.MqttProbe;
import org.ovosgateway.testing.PemFiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BrokerTlsTest {

    @TempDir
    private Path folder;

    @Test
    void speaksNothingButTlsToClientsAndPlainlyToTheGatewayItself() throws Exception {
        PemFiles pem = PemFiles.in(folder, "broker", "EC");
        try (TestBroker broker = start(pem.certificate(), pem.key())) {
            MqttProbe.connect("ssl://127.0.0.1:" + broker.port(), options -> options.setSocketFactory(trusting(pem)))
                    .close();
            assertThat(answerToPlainConnect(broker.port())).doesNotStartWith(" ");
            assertThat(broker.broker().port()).isNotEqualTo(broker.port());
            assertThat(broker.broker().host()).isEqualTo("127.0.0.1");
            MqttProbe.connect(broker.broker().port()).close();
        }
    }

    @Test
    void namesFilesThatItCannotUseAndNothingOfThem() throws Exception {
        PemFiles pem = PemFiles.in(folder, "broker", "EC");
        Path garbage = Files.writeString(folder.resolve("garbage.key"), "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n");
        assertThatThrownBy(() -> start(pem.certificate(), garbage))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("garbage.key")
                .hasMessageNotContaining("c2VjcmV0");
    }

    private static TestBroker start(Path certificate, Path key) {
        return TestBroker.start(
                Map.of(
                        "ovos.mqtt.broker.port", 0,
                        "ovos.mqtt.broker.ssl.certificate", certificate,
                        "ovos.mqtt.broker.ssl.certificate-private-key", key),
                (user, password, address) -> TestBroker.welcome());
    }

    private static SocketFactory trusting(PemFiles files) {
        try (var in = Files.newInputStream(files.certificate())) {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    "it", CertificateFactory.getInstance("X.509").generateCertificate(in));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the port answers to a CONNECT without TLS until it closes; a CONNACK begins with 0x20, which is a blank. */
    private static String answerToPlainConnect(int port) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(new byte[] {0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 60, 0, 0, 0});
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
