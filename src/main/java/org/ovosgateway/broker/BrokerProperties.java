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
import org.ovosgateway.Certificate;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The embedded MQTT broker, with {@code ovos.mqtt.broker.enabled}.
 *
 * @param enabled whether there is this broker
 * @param address an address of this machine; the default is reachable from this machine only
 * @param port TCP port; 0 takes a free one
 * @param ssl certificate and key, both or none; with them the broker speaks TLS only
 * @param limits what it bears
 */
@Validated
@ConfigurationProperties("ovos.mqtt.broker")
record BrokerProperties(
        boolean enabled,
        @DefaultValue("127.0.0.1") @NotBlank String address,
        @DefaultValue("1883") @Min(0) @Max(65535) int port,
        @DefaultValue Ssl ssl,
        @Valid @DefaultValue Limits limits) {

    boolean tls() {
        return ssl.certificate() != null;
    }

    /** Those of {@code ssl}, which must be set. */
    Certificate certificate() {
        return new Certificate(
                "TLS of the MQTT broker",
                ssl.certificate(),
                "ovos.mqtt.broker.ssl.certificate",
                ssl.certificatePrivateKey(),
                "ovos.mqtt.broker.ssl.certificate-private-key");
    }

    /**
     * PEM files, read again when they change.
     *
     * @param certificate the broker's certificate and those between it and its root
     * @param certificatePrivateKey its key, not encrypted
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
     * @param connections of clients that are let in, at a time; the user with most makes room for others, else more are
     *     refused
     * @param connecting connections that are not let in yet; the one that has said nothing for longest makes room
     * @param connectPacket size of the packet with which a client connects, will and password among it, at most
     * @param connectTimeout until who connects has sent all of its first packet
     * @param stall how long a client may leave its answers unread, or a packet unfinished
     * @param memory of all that the broker holds for its clients: what waits for them or is retained, wills, filters,
     *     sessions, packets on their way in and out; who has most makes room
     * @param sessions kept at a time, of clients that are there or away; the one away for longest makes room, of the user
     *     with most
     * @param sessionExpiry how long a session is kept for a client that is away, at most
     * @param subscriptions of a session
     * @param packet size of a packet, at most; a larger one ends the connection
     * @param queue messages that wait for a client; the oldest make room
     * @param retained number of retained messages; the user with most makes room for others, else more are refused
     * @param retainedMemory their memory; the same
     */
    record Limits(
            @DefaultValue("64") @Min(1) @Max(10_000) int connections,
            @DefaultValue("16") @Min(1) @Max(10_000) int connecting,
            @DefaultValue("16KB") DataSize connectPacket,

            @DefaultValue("10s") @DurationMin(millis = 100) @DurationMax(minutes = 5)
            Duration connectTimeout,

            @DefaultValue("30s") @DurationMin(millis = 100) @DurationMax(minutes = 10)
            Duration stall,

            @DefaultValue("12MB") DataSize memory,
            @DefaultValue("128") @Min(1) @Max(10_000) int sessions,

            @DefaultValue("1d") @DurationMin(seconds = 0) @DurationMax(days = 30)
            Duration sessionExpiry,

            @DefaultValue("100") @Min(1) @Max(10_000) int subscriptions,
            @DefaultValue("256KB") DataSize packet,
            @DefaultValue("1000") @Min(1) @Max(100_000) int queue,
            @DefaultValue("2000") @Min(1) @Max(100_000) int retained,
            @DefaultValue("4MB") DataSize retainedMemory) {

        Limits {
            if (packet.toBytes() < 1024 || packet.toBytes() > 16 * 1024 * 1024) {
                throw new IllegalArgumentException("ovos.mqtt.broker.limits.packet must be between 1KB and 16MB");
            }
            if (connectPacket.toBytes() < 512 || connectPacket.toBytes() > 65_536) {
                throw new IllegalArgumentException(
                        "ovos.mqtt.broker.limits.connect-packet must be between 512B and 64KB");
            }
            if (memory.toBytes() < 2 * packet.toBytes() || memory.toBytes() < retainedMemory.toBytes()) {
                throw new IllegalArgumentException("ovos.mqtt.broker.limits.memory must be at least twice"
                        + " ovos.mqtt.broker.limits.packet, and not less than ovos.mqtt.broker.limits.retained-memory");
            }
        }
    }
}
