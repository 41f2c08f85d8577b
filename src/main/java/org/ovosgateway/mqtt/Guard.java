// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Optional;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;

/** Decides whether a message may act; declared once, in front of every command topic and every button. */
final class Guard {

    /** Topics and payloads remembered: a flood of new ones forgets old ones, never the memory. */
    private static final int REMEMBERED = 10_000;

    private final MqttProperties.Limits limits;
    private final Ticker ticker;
    private final Cache<Digest, Boolean> recent;
    private final Cache<Digest, Bucket> buckets;

    Guard(MqttProperties.Limits limits) {
        this(limits, Ticker.systemTicker());
    }

    Guard(MqttProperties.Limits limits, Ticker ticker) {
        this.limits = limits;
        this.ticker = ticker;
        this.recent = Caffeine.newBuilder()
                .maximumSize(REMEMBERED)
                .expireAfterWrite(limits.duplicateWindow())
                .ticker(ticker)
                .build();
        this.buckets = Caffeine.newBuilder()
                .maximumSize(REMEMBERED)
                .expireAfterAccess(Duration.ofMinutes(1))
                .ticker(ticker)
                .build();
    }

    /** Stands for something of any length in 32 bytes. */
    private record Digest(ByteBuffer sha256) {

        static Digest of(byte[]... parts) {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                for (byte[] part : parts) {
                    int length = part == null ? -1 : part.length;
                    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, length));
                    if (part != null) {
                        digest.update(part);
                    }
                }
                return new Digest(ByteBuffer.wrap(digest.digest()));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("Every Java has SHA-256", e);
            }
        }
    }

    /** Fills up with the rate, and holds twice as much. */
    private final class Bucket {
        private double tokens = 2.0 * limits.rate();
        private long at = ticker.read();

        synchronized boolean take() {
            long now = ticker.read();
            tokens = Math.min(2.0 * limits.rate(), tokens + (now - at) / 1e9 * limits.rate());
            at = now;
            if (tokens < 1) {
                return false;
            }
            tokens--;
            return true;
        }
    }

    /**
     * @param away for how long the gateway was not there, when the message waited for it; null when that is not known
     * @return why it may not act; nothing when it may
     */
    Optional<Refusal> judge(Publication message, Duration away) {
        if (message.retained()) {
            return refuse("retained", "It was kept by the broker, so it is history; publish commands without retain.");
        }
        if (!bucket(message).take()) {
            return refuse("too-many", "More than %d messages a second came on this topic.".formatted(limits.rate()));
        }
        if (message.payload().length > limits.maxPayload().toBytes()) {
            return refuse(
                    "too-large",
                    "The payload has %d bytes; %d are allowed."
                            .formatted(
                                    message.payload().length,
                                    limits.maxPayload().toBytes()));
        }
        boolean judgedBySender = message.properties().getMessageExpiryInterval() != null;
        if (message.late() && !judgedBySender && (away == null || away.compareTo(limits.maxAge()) > 0)) {
            return refuse(
                    "expired",
                    "It waited at the broker for up to %s; commands older than %s do not act. Send it with an expiry to decide that yourself."
                            .formatted(
                                    away == null ? "an unknown time" : away.toSeconds() + " s", text(limits.maxAge())));
        }
        if (!firstOfItsKind(message)) {
            return refuse("duplicate", "The same came within %s before.".formatted(text(limits.duplicateWindow())));
        }
        return Optional.empty();
    }

    private Bucket bucket(Publication message) {
        return buckets.get(Digest.of(topic(message)), key -> new Bucket());
    }

    private static byte[] topic(Publication message) {
        return message.topic().getBytes(StandardCharsets.UTF_8);
    }

    private boolean firstOfItsKind(Publication message) {
        if (limits.duplicateWindow().isZero()) {
            return true;
        }
        Digest sent = Digest.of(
                topic(message), message.payload(), message.properties().getCorrelationData());
        return recent.asMap().putIfAbsent(sent, true) == null;
    }

    /**
     * Looks at a message again when its turn has come.
     *
     * @param waited for how long it waited in the gateway
     * @return why it may not act any more; nothing when it may
     */
    Optional<Refusal> outdated(Publication message, Duration waited) {
        Long expiry = message.properties().getMessageExpiryInterval();
        Duration longest = expiry == null ? limits.maxAge() : Duration.ofSeconds(expiry);
        return waited.compareTo(longest) > 0
                ? refuse(
                        "expired",
                        "It waited for %d s until those before it were done; it was good for %s."
                                .formatted(waited.toSeconds(), text(longest)))
                : Optional.empty();
    }

    private static String text(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }

    private static Optional<Refusal> refuse(String reason, String detail) {
        return Optional.of(new Refusal(reason, detail));
    }
}
