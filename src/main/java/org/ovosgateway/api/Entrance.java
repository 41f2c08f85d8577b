// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.net.URISyntaxException;
import java.util.Map;

import org.apache.camel.util.URISupport;
import org.springframework.util.unit.DataSize;

/**
 * What a {@code platform-http} endpoint says about its callers and their bodies, beside what Camel knows.
 *
 * @param access {@code public}, or the scope that a caller needs; null where any user may call
 * @param streaming whether the route gets the body while it arrives
 * @param maxBody bytes of a body; 0 is {@code ovos.http.max-body}
 * @param api the folder of its API; null for the gateway's own
 */
record Entrance(String access, boolean streaming, long maxBody, String api) {

    static final String ACCESS = "access";
    static final String STREAMING = "useStreaming";
    static final String MAX_BODY = "maxBody";

    private static final String PUBLIC = "public";
    private static final String ACCESS_FORM = PUBLIC + "|[a-z][a-z0-9_-]*:[a-z][a-z0-9_-]*";

    /** @throws IllegalArgumentException where an option is not written as it must be */
    static Entrance of(String endpointUri) {
        try {
            Map<String, Object> options = URISupport.parseQuery(URISupport.extractQuery(endpointUri));
            return of(
                    options.get(ACCESS), options.get(STREAMING), options.get(MAX_BODY), options.get(HttpComponent.API));
        } catch (URISyntaxException e) {
            throw new IllegalStateException("Camel made an endpoint that is no URI", e);
        }
    }

    static Entrance of(Object access, Object streaming, Object maxBody, Object api) {
        if (access != null && !access.toString().matches(ACCESS_FORM)) {
            throw new IllegalArgumentException(
                    "access is 'public' or a scope such as voice:speak, not '" + access + "'");
        }
        if (streaming != null && !streaming.toString().matches("true|false")) {
            throw new IllegalArgumentException("useStreaming is true or false, not '" + streaming + "'");
        }
        return new Entrance(
                access == null ? null : access.toString(),
                streaming != null && Boolean.parseBoolean(streaming.toString()),
                maxBody == null ? 0 : size(maxBody.toString()),
                api == null ? null : api.toString());
    }

    private static long size(String text) {
        try {
            long bytes = DataSize.parse(text).toBytes();
            if (bytes > 0) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new IllegalArgumentException("maxBody is a size such as 10MB, not '" + text + "'");
    }

    boolean isPublic() {
        return PUBLIC.equals(access);
    }

    /** @throws IllegalArgumentException where so large a body cannot be in memory */
    Entrance within(DataSize maxBodies) {
        if (!streaming && maxBody > maxBodies.toBytes()) {
            throw new IllegalArgumentException(
                    "maxBody is %d bytes, but all bodies in memory together may have %d; set ovos.http.max-bodies, or useStreaming=true"
                            .formatted(maxBody, maxBodies.toBytes()));
        }
        return this;
    }
}
