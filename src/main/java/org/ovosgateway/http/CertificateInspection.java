// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.List;

import org.ovosgateway.Inspected;
import org.springframework.stereotype.Component;

/** Looks at the files of TLS before the server begins to listen. */
@Component
class CertificateInspection implements Inspected {

    private final ServerProperties at;

    CertificateInspection(ServerProperties at) {
        this.at = at;
    }

    @Override
    public String subject() {
        return "certificate";
    }

    @Override
    public List<String> problems() {
        return at.tls() ? at.certificate().problems() : List.of();
    }
}
