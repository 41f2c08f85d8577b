// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;

import io.netty.util.NetUtil;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.ovosgateway.InvalidConfigurationException;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The broker and what may come from it.
 *
 * @param host name or address of the broker; empty: MQTT is off, unless the embedded broker is on
 * @param port TCP port; 0: the usual one, 1883, or 8883 with TLS; of WebSocket 80 or 443
 * @param user user name; empty: none is sent
 * @param password goes with it
 * @param transport {@code tcp} or {@code websocket}
 * @param path of the WebSocket
 * @param tls TLS to the broker
 * @param base first level of the gateway's own topics
 * @param clientId empty: one is made and kept in the state directory
 * @param sessionExpiry how long the broker keeps commands for a gateway that is away
 * @param keepAlive a broker that was not heard for this long is lost; less, if the broker says so
 * @param connectTimeout how long it may take to make the connection
 * @param reconnectDelay wait after the first failed attempt; doubles up to maxReconnectDelay
 * @param maxReconnectDelay longest wait between attempts to connect
 * @param maxPacket the broker is told not to send larger ones
 * @param maxWaiting memory of the messages that wait for the routes; as much for those that wait for the broker, and for
 *     those that the broker is to keep
 * @param guard what a message must be to act
 * @param discovery what {@code homeassistant} reads too
 * @param conversation whether what was said may be published: last_utterance, last_answer, the text of events
 * @param healthInterval how often {@code <base>/bridge/health} is published
 * @param allow who may do what: the first entry whose topic fits counts; none: nothing is allowed
 */
@Validated
@ConfigurationProperties("ovos.mqtt")
record MqttProperties(
        @DefaultValue("") String host,
        @DefaultValue("0") @Min(0) @Max(65535) int port,
        @DefaultValue("") String user,
        @DefaultValue("") String password,
        @DefaultValue("tcp") Transport transport,

        @Pattern(regexp = "/\\S*", message = "must start with a slash") @DefaultValue("/mqtt")
        String path,

        @Valid @DefaultValue Tls tls,

        @Pattern(
                regexp = "[A-Za-z0-9_-]{1,64}(/[A-Za-z0-9_-]{1,64}){0,3}",
                message = "must be one to four levels of letters, digits, _ and -")
        @DefaultValue("ovos")
        String base,

        @Pattern(regexp = "[A-Za-z0-9_-]{0,64}", message = "must be letters, digits, _ and -, 64 at most")
        @DefaultValue("")
        String clientId,

        @DurationMin(seconds = 0) @DurationMax(days = 30) @DefaultValue("1h")
        Duration sessionExpiry,

        @DurationMin(seconds = 5) @DurationMax(hours = 1) @DefaultValue("30s")
        Duration keepAlive,

        @DurationMin(seconds = 1) @DurationMax(minutes = 5) @DefaultValue("10s")
        Duration connectTimeout,

        @DurationMin(millis = 1) @DurationMax(hours = 1) @DefaultValue("500ms")
        Duration reconnectDelay,

        @DurationMin(millis = 1) @DurationMax(hours = 1) @DefaultValue("30s")
        Duration maxReconnectDelay,

        @DefaultValue("256KB") DataSize maxPacket,
        @DefaultValue("3MB") DataSize maxWaiting,
        @Valid @DefaultValue Limits guard,
        @Valid @DefaultValue List<Grant> allow,
        @Valid @DefaultValue Discovery discovery,
        @DefaultValue("true") boolean conversation,

        @DurationMin(millis = 100) @DurationMax(hours = 1) @DefaultValue("60s")
        Duration healthInterval) {

    enum Transport {
        TCP,
        WEBSOCKET
    }

    /**
     * @param enabled whether the link is encrypted
     * @param ca PEM file of who signed the broker's certificate; empty: who this Java trusts
     * @param certificate PEM file of our certificate, for brokers that ask for one
     * @param key PEM file of its key
     */
    record Tls(
            boolean enabled,
            @DefaultValue("") String ca,
            @DefaultValue("") String certificate,
            @DefaultValue("") String key) {}

    /**
     * @param maxAge a command that waited longer than this never acts
     * @param duplicateWindow the same payload on the same topic within it acts once
     * @param maxPayload a larger payload never acts
     * @param rate messages per second and topic; twice as many at once
     */
    record Limits(
            @DurationMin(millis = 100) @DurationMax(days = 1) @DefaultValue("10s")
            Duration maxAge,

            @DurationMin(millis = 0) @DurationMax(minutes = 1) @DefaultValue("400ms")
            Duration duplicateWindow,

            @DefaultValue("8KB") DataSize maxPayload,
            @Min(1) @Max(10_000) @DefaultValue("10") int rate) {}

    /**
     * @param topic topic filter
     * @param scopes what messages on such a topic may do, as users may: {@code voice:stop}, {@code voice:*} or {@code *}
     * @param devices the assistants with which they may do it; {@code *}: all
     */
    record Grant(
            @NotBlank String topic,
            @DefaultValue Set<@NotBlank String> scopes,
            @DefaultValue("*") Set<@NotBlank String> devices) {}

    /** @param prefix first level of the discovery topics */
    record Discovery(
            @Pattern(regexp = "[A-Za-z0-9_-]{1,64}", message = "must be letters, digits, _ and -")
            @DefaultValue("homeassistant")
            String prefix) {}

    /** Without the password. */
    @Override
    public String toString() {
        return uri();
    }

    String uri() {
        boolean web = transport == Transport.WEBSOCKET;
        String scheme = web ? tls.enabled ? "wss" : "ws" : tls.enabled ? "ssl" : "tcp";
        String name = plainHost().contains(":") ? "[" + plainHost() + "]" : plainHost();
        return scheme + "://" + name + ":" + effectivePort() + (web ? path : "");
    }

    /** A name, or an address without brackets. */
    String plainHost() {
        String name = host.strip();
        return name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
    }

    int effectivePort() {
        boolean web = transport == Transport.WEBSOCKET;
        int usual = web ? tls.enabled ? 443 : 80 : tls.enabled ? 8883 : 1883;
        return port == 0 ? usual : port;
    }

    /** @throws InvalidConfigurationException when something does not go with the rest */
    void check() {
        String name = plainHost();
        boolean address = name.contains(":") && NetUtil.isValidIpV6Address(name);
        if (name.contains("/") || name.chars().anyMatch(Character::isWhitespace) || name.contains(":") && !address) {
            throw new InvalidConfigurationException(
                            "MQTT_HOST (ovos.mqtt.host) is '" + name + "', which is neither a name nor an address.",
                            "Set the name or the address alone. The port is MQTT_PORT (ovos.mqtt.port); for WebSocket and TLS"
                                    + " there are ovos.mqtt.transport, path and tls.")
                    .about("ovos.mqtt.host");
        }
        if (maxPacket.toBytes() < LEAST_PACKET.toBytes() || maxPacket.toBytes() > MOST_PACKET.toBytes()) {
            throw new InvalidConfigurationException(
                            "ovos.mqtt.max-packet is " + maxPacket + ".", "Set it to between 16KB and 4MB.")
                    .about("ovos.mqtt.max-packet");
        }
        if (maxWaiting.toBytes() < maxPacket.toBytes()) {
            throw new InvalidConfigurationException(
                            "ovos.mqtt.max-waiting is " + maxWaiting + ", less than ovos.mqtt.max-packet.",
                            "Set it to several times ovos.mqtt.max-packet; the heap has 64MB.")
                    .about("ovos.mqtt.max-waiting");
        }
    }

    private static final DataSize LEAST_PACKET = DataSize.ofKilobytes(16);
    private static final DataSize MOST_PACKET = DataSize.ofMegabytes(4);
}
