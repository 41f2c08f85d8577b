// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.net.InetAddress;
import java.util.List;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;

/**
 * The reverse proxies whose {@code X-Forwarded-For} is believed.
 *
 * <p>{@code Forwarded} (RFC 7239) is not read: a proxy passes on the header that it does not write, as the caller sent it.
 */
final class TrustedProxies {

    private static final CharSequence FORWARDED_FOR = HttpHeaders.createOptimized("X-Forwarded-For");

    private final Networks proxies;

    private TrustedProxies(Networks proxies) {
        this.proxies = proxies;
    }

    /** @throws IllegalArgumentException if one is neither an address nor a network such as {@code 10.0.0.0/8} */
    static TrustedProxies of(List<String> networks) {
        return new TrustedProxies(Networks.of("ovos.http.trusted-proxies", networks));
    }

    /** The address of the one who calls; null when the connection is closed and nobody has asked before. */
    String client(HttpServerRequest request) {
        String peer = peer(request);
        return proxies.isEmpty() ? peer : client(peer, request.headers().getAll(FORWARDED_FOR));
    }

    /** The address of the other end of the connection, be it a proxy; null as above. */
    static String peer(HttpServerRequest request) {
        // of the connection: the request would look for headers of proxies first
        SocketAddress peer = request.connection().remoteAddress();
        return peer == null ? null : peer.hostAddress();
    }

    /** The last address that none of the proxies has; each of them has added the one who called it. */
    String client(String peer, List<String> forwardedFor) {
        String client = peer;
        String[] hops = String.join(",", forwardedFor).split(",", -1);
        for (int i = hops.length - 1; i >= 0 && proxies.contain(client); i--) {
            InetAddress hop = Networks.address(withoutPort(hops[i].strip()));
            if (hop == null) {
                break;
            }
            client = hop.getHostAddress();
        }
        return client;
    }

    private static String withoutPort(String hop) {
        if (hop.startsWith("[")) {
            return hop.replaceFirst("^\\[([^]]*)](:\\d{1,5})?$", "$1");
        }
        return hop.replaceFirst("^([^:]*):\\d{1,5}$", "$1");
    }
}
