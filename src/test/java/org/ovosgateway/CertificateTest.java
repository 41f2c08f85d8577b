// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.testing.PemFiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CertificateTest {

    @TempDir
    private Path folder;

    @Test
    void isReadAgainWhenTheContentIsAnotherOneAndRefusedOnceForEachChange() throws Exception {
        PemFiles pem = PemFiles.in(folder, "it", "EC");
        var certificate = new Certificate("TLS", pem.certificate(), "some.certificate", pem.key(), "some.key");
        certificate.read();
        assertThat(certificate.readIfChanged()).isEmpty();

        Files.setLastModifiedTime(pem.key(), FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));
        assertThat(certificate.readIfChanged()).isEmpty();

        Path away = Files.move(pem.key(), folder.resolve("away.key"));
        assertThatThrownBy(certificate::readIfChanged)
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessage("TLS cannot be set up: there is no file %s.", pem.key());
        assertThat(certificate.readIfChanged()).isEmpty();
        assertThat(certificate.problems()).singleElement().asString().contains("some.certificate", "some.key");

        Files.move(away, pem.key());
        assertThat(certificate.readIfChanged()).isPresent();
        assertThat(certificate.problems()).isEmpty();
    }

    @Test
    void refusesAuthoritiesWithoutCertificates() throws Exception {
        for (String content :
                new String[] {"", "none", "-----BEGIN CERTIFICATE-----\nc2VjcmV0\n-----END CERTIFICATE-----"}) {
            Path file = Files.writeString(folder.resolve("ca.crt"), content);
            assertThatThrownBy(() -> Certificate.authorities("TLS", file, "some.ca"))
                    .isInstanceOf(InvalidConfigurationException.class)
                    .hasMessage("TLS cannot be set up: %s holds no usable certificate.", file);
        }
    }
}
