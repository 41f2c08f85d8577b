// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.nio.file.Path;
import java.time.Duration;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The embedded MQTT broker, with {@code ovos.mqtt.broker.enabled}.
 *
 * @param address an address of this machine; the default is reachable from this machine only
 * @param port TCP port; 0 takes a free one
 * @param ssl certificate and key, both or none; with them the broker speaks TLS only
 * @param limits what it bears
 */
@Validated
@ConditionalOnBooleanProperty("ovos.mqtt.broker.enabled")
@ConfigurationProperties("ovos.mqtt.broker")
record BrokerProperties(
        @DefaultValue("127.0.0.1") @NotBlank String address,
        @DefaultValue("1883") @Min(0) @Max(65535) int port,
        @DefaultValue Ssl ssl,
        @Valid @DefaultValue Limits limits) {

    boolean tls() {
        return ssl.certificate() != null;
    }

    /**
     * PEM files, read when the broker starts.
     *
     * @param certificate the broker's certificate and those between it and its root
     * @param certificatePrivateKey its key, not encrypted, PKCS#8
     */
    record Ssl(Path certificate, Path certificatePrivateKey) {

        Ssl {
            if ((certificate == null) != (certificatePrivateKey == null)) {
                throw new IllegalArgumentException("TLS needs both ovos.mqtt.broker.ssl.certificate and"
                        + " ovos.mqtt.broker.ssl.certificate-private-key; only one is set");
            }
        }
    }

    /**
     * What the broker bears, so that its share of the memory is known.
     *
     * @param connections open at a time; what comes on top is closed at once
     * @param sessions kept at a time, of clients that are there or away; the one away for longest makes room
     * @param sessionExpiry how long a session is kept for a client that is away, at most
     * @param subscriptions of a session
     * @param packet size of a packet, at most; a larger one ends the connection
     * @param queue messages that wait for a client; the oldest make room
     * @param waiting memory of all messages that wait for clients; those of who has most make room
     * @param retained number of retained messages; more are refused
     * @param retainedMemory memory of all retained messages; more are refused
     * @param connectTimeout until who connects has sent all of its first packet
     */
    record Limits(
            @DefaultValue("64") @Min(1) @Max(10_000) int connections,
            @DefaultValue("128") @Min(1) @Max(10_000) int sessions,

            @DefaultValue("1d") @DurationMin(seconds = 0) @DurationMax(days = 30)
            Duration sessionExpiry,

            @DefaultValue("100") @Min(1) @Max(10_000) int subscriptions,
            @DefaultValue("256KB") DataSize packet,
            @DefaultValue("1000") @Min(1) @Max(100_000) int queue,
            @DefaultValue("6MB") DataSize waiting,
            @DefaultValue("2000") @Min(1) @Max(100_000) int retained,
            @DefaultValue("4MB") DataSize retainedMemory,

            @DefaultValue("10s") @DurationMin(millis = 100) @DurationMax(minutes = 5)
            Duration connectTimeout) {

        Limits {
            if (packet.toBytes() < 1024 || packet.toBytes() > 16 * 1024 * 1024) {
                throw new IllegalArgumentException("ovos.mqtt.broker.limits.packet must be between 1KB and 16MB");
            }
        }
    }
}
