// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
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
     * @param tls whether a reverse proxy in front of the bus speaks TLS
     * @param apiKey key of the companion skill, {@code api_key} in its settings; empty when there is none
     * @param companionSkill id of the companion skill
     * @param answerTimeout how long to wait for an answer
     * @param companionTimeout how long to wait for an answer of the companion skill
     * @param connectTimeout how long a connection may take to be made
     * @param pingInterval how often a silent link is tried
     * @param reconnectDelay wait before the second attempt to connect; doubles up to maxReconnectDelay
     * @param maxReconnectDelay longest wait between attempts to connect
     * @param maxWaiting how many messages may be under way at once; more are refused
     * @param maxMessageSize largest message that is read, 64 KB to 25 MB; a larger one is passed by
     */
    record Bus(
            @NotBlank @DefaultValue("127.0.0.1") String host,
            @Min(1) @Max(65535) @DefaultValue("8181") int port,

            @Pattern(regexp = "/[A-Za-z0-9._~/%-]*", message = "must be like /core") @DefaultValue("/core")
            String path,

            boolean tls,
            @DefaultValue("") String apiKey,

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
            @NotNull @DefaultValue("4MB") DataSize maxMessageSize) {

        private static final DataSize SMALLEST_LIMIT = DataSize.ofBytes(FrameSplitter.LARGE);

        /** What the bus itself takes: {@code websocket.max_msg_size} in mycroft.conf. */
        private static final DataSize LARGEST_LIMIT = DataSize.ofMegabytes(25);

        Bus {
            if (maxMessageSize.compareTo(SMALLEST_LIMIT) < 0 || maxMessageSize.compareTo(LARGEST_LIMIT) > 0) {
                throw new IllegalArgumentException(
                        "max-message-size of a device is %d bytes; it must be from 64KB to 25MB, such as 4MB"
                                .formatted(maxMessageSize.toBytes()));
            }
        }

        @Override
        public String toString() {
            return (tls ? "wss://" : "ws://") + new HostName(host).inUrl() + ":" + port + path;
        }
    }
}
