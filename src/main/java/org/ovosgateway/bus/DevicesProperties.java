// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.ovosgateway.HostName;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/** The assistants behind this gateway, by name; {@code default} is the one meant when none is named. */
@Validated
@ConfigurationProperties("ovos")
record DevicesProperties(@NotEmpty @Valid Map<@Pattern(regexp = "[a-z0-9][a-z0-9_-]{0,31}") String, Bus> devices) {

    /**
     * One assistant.
     *
     * @param host name or address of its message bus
     * @param port port of its message bus
     * @param path route of its message bus, {@code websocket.route} in mycroft.conf
     * @param tls whether the bus speaks TLS, and how it proves who it is
     * @param siteId room or other group that the device belongs to, {@code site_id} of its session; empty: none is named
     * @param apiKey key of the companion skill, {@code api_key} in its settings; empty when there is none
     * @param keyInClear whether a companion skill that does not prove the key, but wants the key itself, is sent it; null:
     *     until the gateway's own has proved it
     * @param companionSkill id of the companion skill
     * @param answerTimeout how long to wait for an answer
     * @param companionTimeout how long to wait for an answer of the companion skill
     * @param connectTimeout how long a connection may take to be made
     * @param pingInterval how often a silent link is tried
     * @param reconnectDelay wait before the second attempt to connect; doubles up to maxReconnectDelay
     * @param maxReconnectDelay longest wait between attempts to connect
     * @param maxWaiting how many messages may be under way at once; more are refused
     * @param maxMessageSize largest message that is read, 64 KB to 25 MB; a larger one is passed by
     * @param maxSentSize largest message that is sent; the bus drops who sends a larger one than it takes
     */
    record Bus(
            @NotBlank @DefaultValue("127.0.0.1") String host,
            @Min(1) @Max(65535) @DefaultValue("8181") int port,

            @Pattern(regexp = "/[A-Za-z0-9._~/%-]*", message = "must be like /core") @DefaultValue("/core")
            String path,

            @DefaultValue Tls tls,

            @Pattern(regexp = "[^\\p{Cntrl}]{0,100}", message = "must be at most 100 characters") @DefaultValue("")
            String siteId,

            @DefaultValue("") String apiKey,
            Boolean keyInClear,

            @NotBlank @DefaultValue("skill-rest-api.smartgic")
            String companionSkill,

            @DurationMin(millis = 1) @DurationMax(hours = 1) @DefaultValue("3s")
            Duration answerTimeout,

            @DurationMin(millis = 1) @DurationMax(hours = 1) @DefaultValue("5s")
            Duration companionTimeout,

            @DurationMin(millis = 1) @DurationMax(hours = 1) @DefaultValue("5s")
            Duration connectTimeout,

            @DurationMin(millis = 1) @DurationMax(hours = 1) @DefaultValue("20s")
            Duration pingInterval,

            @DurationMin(millis = 1) @DurationMax(hours = 1) @DefaultValue("500ms")
            Duration reconnectDelay,

            @DurationMin(millis = 1) @DurationMax(hours = 1) @DefaultValue("15s")
            Duration maxReconnectDelay,

            @Min(1) @DefaultValue("10000") int maxWaiting,
            @NotNull @DefaultValue("4MB") DataSize maxMessageSize,
            @NotNull @DefaultValue("25MB") DataSize maxSentSize) {

        private static final DataSize SMALLEST_LIMIT = DataSize.ofBytes(FrameSplitter.LARGE);

        /** What the bus itself takes: {@code websocket.max_msg_size} in mycroft.conf. */
        private static final DataSize LARGEST_LIMIT = DataSize.ofMegabytes(25);

        private static final DataSize LARGEST_SENT = DataSize.ofMegabytes(100);

        Bus {
            if (maxMessageSize.compareTo(SMALLEST_LIMIT) < 0 || maxMessageSize.compareTo(LARGEST_LIMIT) > 0) {
                throw new IllegalArgumentException(
                        "max-message-size of a device is %d bytes; it must be from 64KB to 25MB, such as 4MB"
                                .formatted(maxMessageSize.toBytes()));
            }
            if (maxSentSize.compareTo(SMALLEST_LIMIT) < 0 || maxSentSize.compareTo(LARGEST_SENT) > 0) {
                throw new IllegalArgumentException(
                        "max-sent-size of a device is %d bytes; it must be from 64KB to 100MB, such as 25MB"
                                .formatted(maxSentSize.toBytes()));
            }
        }

        @Override
        public String toString() {
            return (tls.isOn() ? "wss://" : "ws://") + new HostName(host).inUrl() + ":" + port + path;
        }
    }

    /**
     * TLS to a bus; {@code true} and {@code false} stand for all of it.
     *
     * @param enabled whether there is TLS; also when pin or ca is set
     * @param pin fingerprint of the one certificate that is trusted, {@code sha256:} and 64 hexadecimal digits; empty: none
     * @param ca PEM file of who signed the certificate; empty: who this Java trusts
     */
    record Tls(
            boolean enabled,
            @DefaultValue("") String pin,
            @DefaultValue("") String ca) {

        private static final String SHA256 = "sha256:";

        Tls {
            if (!pin.isBlank()) {
                String digits = pin.toLowerCase(Locale.ROOT)
                        .replaceFirst("^" + SHA256, "")
                        .replace(":", "");
                if (!pin.toLowerCase(Locale.ROOT).startsWith(SHA256) || !digits.matches("[0-9a-f]{64}")) {
                    throw new IllegalArgumentException(
                            "tls.pin of a device must be sha256: and the 64 hexadecimal digits of the fingerprint of a"
                                    + " certificate, with or without colons between them");
                }
                if (!ca.isBlank()) {
                    throw new IllegalArgumentException(
                            "tls of a device has a pin and a ca: the pin trusts one certificate, whoever signed it, so remove"
                                    + " one of them");
                }
                pin = SHA256 + digits;
            }
        }

        /** What {@code tls: true} means, and {@code tls: false}; Spring calls it. */
        public static Tls valueOf(String text) {
            return switch (text.trim().toLowerCase(Locale.ROOT)) {
                case "true" -> new Tls(true, "", "");
                case "false", "" -> new Tls(false, "", "");
                default ->
                    throw new IllegalArgumentException("tls of a device is true, false, or has pin or ca below it");
            };
        }

        boolean isOn() {
            return enabled || !pin.isBlank() || !ca.isBlank();
        }
    }
}
