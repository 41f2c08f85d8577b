// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.List;

import io.vertx.core.Vertx;
import org.ovosgateway.Inspected;
import org.ovosgateway.InvalidConfigurationException;
import org.springframework.stereotype.Component;

/** Looks at the files of TLS before the server begins to listen. */
@Component
class CertificateInspection implements Inspected {

    private final Vertx vertx;
    private final ServerProperties at;

    CertificateInspection(Vertx vertx, ServerProperties at) {
        this.vertx = vertx;
        this.at = at;
    }

    @Override
    public String subject() {
        return "certificate";
    }

    @Override
    public List<String> problems() {
        try {
            if (at.tls()) {
                new Certificate(vertx, at.ssl()).read();
            }
            return List.of();
        } catch (InvalidConfigurationException e) {
            return List.of(e.getMessage() + " " + e.remedy());
        }
    }
}
