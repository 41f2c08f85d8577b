// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.testing.PemFiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

class TlsTest {

    @TempDir
    private static Path folder;

    private static PemFiles pem;
    private static PemFiles other;

    @BeforeAll
    static void makeCertificates() throws Exception {
        pem = PemFiles.in(folder, "one", "RSA");
        other = PemFiles.in(folder, "two", "EC");
    }

    @Test
    void servesHttp2AndHttp1OverTls() throws Exception {
        try (TestServer server = start(pem.certificate(), pem.key())) {
            server.router().get("/ok").handler(ctx -> ctx.end("ok"));
            for (HttpClient.Version version : HttpClient.Version.values()) {
                HttpResponse<String> answer = get(server, version, pem);
                assertThat(answer.version()).isEqualTo(version);
                assertThat(answer.body()).isEqualTo("ok");
                // HSTS would be for the whole host, for its services that have no TLS too
                assertThat(answer.headers().firstValue("Strict-Transport-Security"))
                        .isEmpty();
            }
        }
    }

    @Test
    void tellsBrowsersToStayWithTlsWhereThatIsWished() throws Exception {
        try (TestServer server = TestServer.start(
                "server.ssl.certificate=" + pem.certificate(),
                "server.ssl.certificate-private-key=" + pem.key(),
                "ovos.http.hsts=365d")) {
            assertThat(get(server, HttpClient.Version.HTTP_2, pem).headers().firstValue("Strict-Transport-Security"))
                    .contains("max-age=31536000");
        }
    }

    @Test
    void tellsWhyAndEndsTheConnection() throws Exception {
        try (TestServer server = start(pem.certificate(), pem.key());
                SSLSocket socket =
                        (SSLSocket) trusting(pem).getSocketFactory().createSocket("127.0.0.1", server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
                            .getBytes());
            String answer = TestServer.readAll(socket.getInputStream());
            assertThat(answer).matches("(?s)HTTP/1.1 (400|501) .*").contains("application/problem+json");
            assertThat(answer.split("HTTP/1.1 ")).hasSize(2);
        }
    }

    @Test
    void saysNothingOfConnectionsInHttp2() throws Exception {
        try (TestServer server = start(pem.certificate(), pem.key())) {
            server.router().get("/ok").handler(ctx -> ctx.fail(413));
            HttpResponse<String> answer = get(server, HttpClient.Version.HTTP_2, pem);
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(answer.statusCode()).isEqualTo(413);
            assertThat(answer.headers().firstValue("Connection")).isEmpty();
        }
    }

    @Test
    void refusesOldProtocols() throws Exception {
        try (TestServer server = start(pem.certificate(), pem.key());
                SSLSocket socket =
                        (SSLSocket) trusting(pem).getSocketFactory().createSocket("127.0.0.1", server.port())) {
            socket.setSoTimeout(10_000);
            assertThat(Arrays.asList(socket.getSupportedProtocols())).contains("TLSv1.1");
            socket.setEnabledProtocols(new String[] {"TLSv1.1"});
            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
        }
    }

    @Test
    void answersPlainHttpWithNothing() throws Exception {
        try (TestServer server = start(pem.certificate(), pem.key())) {
            assertThat(server.raw("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes()))
                    .doesNotContain("HTTP/1.1 2");
        }
    }

    @Test
    void usesReplacedCertificateAndNeverABrokenOne() throws Exception {
        Path certificate = Files.copy(pem.certificate(), folder.resolve("used.crt"));
        Path key = Files.copy(pem.key(), folder.resolve("used.key"));
        try (TestServer server = start(certificate, key)) {
            server.router().get("/ok").handler(ctx -> ctx.end("ok"));
            assertThat(get(server, HttpClient.Version.HTTP_1_1, pem).body()).isEqualTo("ok");

            Files.copy(other.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
            server.server().renewCertificate();
            assertThat(get(server, HttpClient.Version.HTTP_1_1, pem).body()).isEqualTo("ok");

            Files.copy(other.key(), key, StandardCopyOption.REPLACE_EXISTING);
            server.server().renewCertificate();
            await().atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .until(() -> get(server, HttpClient.Version.HTTP_1_1, other).statusCode() == 200);
        }
    }

    @Test
    void refusesKeyOfAnotherCertificate() throws Exception {
        Path ofSameKind = PemFiles.in(folder, "three", "RSA").key();
        assertThatThrownBy(() -> start(pem.certificate(), ofSameKind))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("is not that of the certificate");
        assertThatThrownBy(() -> start(pem.certificate(), other.key()))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("hold no usable certificate and key");
    }

    @Test
    void refusesMissingAndUnreadableFiles() throws Exception {
        assertThatThrownBy(() -> start(folder.resolve("none.crt"), pem.key()))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("there is no file")
                .hasMessageContaining("none.crt");
        Path garbage = Files.writeString(folder.resolve("garbage.key"), "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n");
        assertThatThrownBy(() -> start(pem.certificate(), garbage))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("garbage.key")
                .hasMessageNotContaining("c2VjcmV0");
    }

    private static TestServer start(Path certificate, Path key) {
        return TestServer.start("server.ssl.certificate=" + certificate, "server.ssl.certificate-private-key=" + key);
    }

    private static HttpResponse<String> get(TestServer server, HttpClient.Version version, PemFiles trusted)
            throws Exception {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(trusting(trusted))
                .build()
                .send(
                        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + "/ok"))
                                .timeout(Duration.ofSeconds(20))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    static SSLContext trusting(PemFiles files) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (var in = Files.newInputStream(files.certificate())) {
            trusted.setCertificateEntry(
                    "it", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
