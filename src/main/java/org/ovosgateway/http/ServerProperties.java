// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.nio.file.Path;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;

import org.ovosgateway.Certificate;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Where the API is served, under Spring's ordinary keys.
 *
 * @param address an address of this machine; the default is reachable from this machine only
 * @param port TCP port; 0 takes a free one
 * @param ssl certificate and key, both or none; with them the server speaks TLS only
 */
@Validated
@ConfigurationProperties("server")
record ServerProperties(
        @DefaultValue("127.0.0.1") @NotBlank String address,
        @DefaultValue("8000") @Min(0) @Max(65535) int port,
        @DefaultValue Ssl ssl) {

    boolean tls() {
        return ssl.certificate() != null;
    }

    /** Those of {@code ssl}, which must be set. */
    Certificate certificate() {
        return new Certificate(
                "TLS",
                ssl.certificate(),
                "server.ssl.certificate",
                ssl.certificatePrivateKey(),
                "server.ssl.certificate-private-key");
    }

    /**
     * PEM files, read again when they change.
     *
     * @param certificate the server's certificate and those between it and its root
     * @param certificatePrivateKey its key, not encrypted
     */
    record Ssl(Path certificate, Path certificatePrivateKey) {

        Ssl {
            if ((certificate == null) != (certificatePrivateKey == null)) {
                throw new IllegalArgumentException(
                        "TLS needs both server.ssl.certificate and server.ssl.certificate-private-key; only one is set");
            }
        }
    }
}
