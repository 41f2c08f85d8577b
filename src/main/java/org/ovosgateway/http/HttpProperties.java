// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Limits on what one caller may ask of the HTTP server.
 *
 * @param workers threads for work that blocks, shared by all routes
 * @param eventLoops threads that serve connections; 0 is one per core, two at most
 * @param maxBody a larger request body is answered with 413
 * @param maxBodies all request bodies in memory together; one more is answered with 503
 * @param maxUploads all uploaded files on disk together, while their requests are served; a request whose length does not fit
 *     is answered with 503
 * @param maxMessage a WebSocket that sends a larger message is closed (1009)
 * @param maxUnsent all answers in memory together that their callers have not taken yet; for one more, the slowest reader
 *     is cut off
 * @param maxHeaders larger request headers, all together, are answered with 431
 * @param maxRequestLine a longer request line is answered with 414
 * @param maxConnections open at a time; for one more, the one that has been idle for longest is closed
 * @param maxStreams event streams and WebSockets open at a time; one more is answered with 503
 * @param maxStreamsPerCaller those of one user, or of one address where the user is not known; one more is answered with 429
 * @param idleTimeout a connection without a request for this long is closed
 * @param readTimeout a caller that takes longer to send its first headers, or a body, is cut off
 * @param writeTimeout a caller that takes nothing of an answer for this long is cut off
 * @param heartbeat a stream or WebSocket on which nothing was sent for this long is sent a sign of life
 * @param shutdownTimeout time for requests in flight to finish when the gateway stops
 * @param compression whether answers are compressed for callers that accept it
 * @param accessLog whether each request is logged, through the logger {@code access}
 * @param hsts how long a browser that has been here once uses TLS only for this host, all ports (RFC 6797); 0 says nothing
 * @param trustedProxies addresses and networks of the reverse proxies whose {@code X-Forwarded-For} is believed
 * @param cors which web pages of other origins may call
 */
@Validated
@ConfigurationProperties("ovos.http")
public record HttpProperties(
        @DefaultValue("20") @Min(1) @Max(1000) int workers,
        @DefaultValue("0") @Min(0) @Max(64) int eventLoops,
        @DefaultValue("1MB") @NotNull DataSize maxBody,
        @DefaultValue("4MB") @NotNull DataSize maxBodies,
        @DefaultValue("100MB") @NotNull DataSize maxUploads,
        @DefaultValue("64KB") @NotNull DataSize maxMessage,
        @DefaultValue("8MB") @NotNull DataSize maxUnsent,
        @DefaultValue("8KB") @NotNull DataSize maxHeaders,
        @DefaultValue("8KB") @NotNull DataSize maxRequestLine,
        @DefaultValue("1000") @Min(1) @Max(1_000_000) int maxConnections,
        @DefaultValue("200") @Min(0) @Max(1_000_000) int maxStreams,
        @DefaultValue("20") @Min(0) @Max(1_000_000) int maxStreamsPerCaller,
        @DefaultValue("60s") @DurationMin(seconds = 1) Duration idleTimeout,
        @DefaultValue("30s") @DurationMin(seconds = 1) Duration readTimeout,
        @DefaultValue("60s") @DurationMin(seconds = 1) Duration writeTimeout,
        @DefaultValue("15s") @DurationMin(seconds = 1) Duration heartbeat,
        @DefaultValue("10s") @DurationMin(seconds = 0) Duration shutdownTimeout,
        @DefaultValue("false") boolean compression,
        @DefaultValue("true") boolean accessLog,
        @DefaultValue("0s") @DurationMin(seconds = 0) Duration hsts,
        @DefaultValue List<String> trustedProxies,
        @DefaultValue @Valid Cors cors) {

    public HttpProperties {
        requireBetween("ovos.http.max-body", maxBody, DataSize.ofBytes(1), DataSize.ofGigabytes(1));
        requireBetween("ovos.http.max-bodies", maxBodies, maxBody, DataSize.ofGigabytes(1));
        requireBetween("ovos.http.max-uploads", maxUploads, DataSize.ofBytes(0), DataSize.ofTerabytes(1));
        requireBetween("ovos.http.max-message", maxMessage, DataSize.ofBytes(125), DataSize.ofMegabytes(16));
        requireBetween("ovos.http.max-unsent", maxUnsent, DataSize.ofKilobytes(256), DataSize.ofGigabytes(1));
        requireBetween("ovos.http.max-headers", maxHeaders, DataSize.ofKilobytes(1), DataSize.ofMegabytes(1));
        requireBetween("ovos.http.max-request-line", maxRequestLine, DataSize.ofBytes(256), DataSize.ofMegabytes(1));
        TrustedProxies.of(trustedProxies);
    }

    /** Event loops to serve with: as set, or by the cores of this machine. */
    int effectiveEventLoops() {
        return eventLoops > 0 ? eventLoops : Math.min(2, Runtime.getRuntime().availableProcessors());
    }

    private static void requireBetween(String key, DataSize size, DataSize min, DataSize max) {
        if (size != null && (size.compareTo(min) < 0 || size.compareTo(max) > 0)) {
            throw new IllegalArgumentException("%s is %d bytes; it must be from %d to %d bytes, such as 1MB or 16KB"
                    .formatted(key, size.toBytes(), min.toBytes(), max.toBytes()));
        }
    }

    /**
     * Cross-origin requests, off without origins.
     *
     * @param origins scheme, host and port of each, or {@code *} for all
     * @param methods which may be used
     * @param headers which may be sent
     * @param maxAge how long a browser may remember the answer to its preflight
     */
    public record Cors(
            @DefaultValue
            List<@Pattern(regexp = ORIGIN, message = "must be like https://panel.example:8443, or *") String> origins,

            @DefaultValue({"GET", "POST", "PUT", "PATCH", "DELETE"})
            Set<@Pattern(regexp = "[A-Z]{3,10}") String> methods,

            @DefaultValue({"Authorization", "Content-Type", "X-Request-Id"})
            Set<@Pattern(regexp = "[A-Za-z0-9-]{1,64}") String> headers,

            @DefaultValue("1h") @DurationMin(seconds = 0) Duration maxAge) {

        private static final String ORIGIN = "\\*|https?://[A-Za-z0-9.\\[\\]:-]+";

        boolean enabled() {
            return !origins.isEmpty();
        }

        /**
         * For a list of origins that was not read as a setting.
         *
         * @throws IllegalArgumentException when one is none
         */
        public void requireValid() {
            origins.stream()
                    .filter(origin -> !origin.matches(ORIGIN))
                    .findFirst()
                    .ifPresent(origin -> {
                        throw new IllegalArgumentException(
                                "the origin '" + origin + "' must be like https://panel.example:8443, or *");
                    });
        }

        /** Holds requests of web pages to these rules. */
        public Handler<RoutingContext> handler() {
            return new CrossOrigin(this);
        }
    }
}
