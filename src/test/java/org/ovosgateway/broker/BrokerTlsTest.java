// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Map;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.http.CannotListenException;
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
            assertThatThrownBy(() -> MqttProbe.connect(broker.port())).isInstanceOf(MqttException.class);
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
                .isInstanceOf(CannotListenException.class)
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
}
