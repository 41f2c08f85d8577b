// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.Base64;
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
            connect(broker, pem).close();
            assertThat(answerToPlainConnect(broker.port())).doesNotStartWith(" ");
            assertThat(broker.broker().port()).isNotEqualTo(broker.port());
            assertThat(broker.broker().host()).isEqualTo("127.0.0.1");
            MqttProbe.connect(broker.broker().port()).close();
        }
    }

    @Test
    void usesReplacedCertificateForNewClientsAndNeverABrokenOne() throws Exception {
        PemFiles pem = PemFiles.in(folder, "first", "EC");
        PemFiles next = PemFiles.in(folder, "second", "RSA");
        Path certificate = Files.copy(pem.certificate(), folder.resolve("used.crt"));
        Path key = Files.copy(pem.key(), folder.resolve("used.key"));
        try (TestBroker broker = start(certificate, key);
                MqttProbe early = connect(broker, pem)) {
            early.subscribe("kept");

            Files.copy(next.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
            broker.broker().clientTls().renew();
            connect(broker, pem).close();

            Files.copy(next.key(), key, StandardCopyOption.REPLACE_EXISTING);
            broker.broker().clientTls().renew();
            assertThatThrownBy(() -> connect(broker, pem)).hasRootCauseInstanceOf(CertPathBuilderException.class);
            try (MqttProbe late = connect(broker, next)) {
                late.publish("kept", "1");
            }
            assertThat(early.await("kept").text()).isEqualTo("1");
        }
    }

    @Test
    void takesAKeyInPkcs1Form() throws Exception {
        PemFiles pem = PemFiles.in(folder, "broker", "RSA");
        try (TestBroker broker = start(pem.certificate(), pkcs1(pem.key()))) {
            connect(broker, pem).close();
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

    private static MqttProbe connect(TestBroker broker, PemFiles trusted) throws Exception {
        return MqttProbe.connect(
                "ssl://127.0.0.1:" + broker.port(), options -> options.setSocketFactory(trusting(trusted)));
    }

    /** The same RSA key without the 26 bytes by which PKCS#8 names its algorithm. */
    private Path pkcs1(Path pkcs8) throws IOException {
        String base64 = Files.readString(pkcs8).replaceAll("-----[A-Z ]+-----|\\s", "");
        byte[] wrapped = Base64.getDecoder().decode(base64);
        String key = Base64.getMimeEncoder().encodeToString(Arrays.copyOfRange(wrapped, 26, wrapped.length));
        return Files.writeString(
                folder.resolve("pkcs1.key"),
                "-----BEGIN RSA PRIVATE KEY-----\n" + key + "\n-----END RSA PRIVATE KEY-----\n");
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
