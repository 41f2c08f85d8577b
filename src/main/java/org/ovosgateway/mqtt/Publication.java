// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.ovosgateway.Json;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * A message of the broker, or one for it.
 *
 * @param payload as it is on the wire
 * @param retained of one heard: it was kept by the broker, so it is history; of one sent: the broker is to keep it
 * @param late it waited at the broker while the gateway was away
 * @param properties of MQTT 5: message expiry, response topic, correlation data and so on
 */
public record Publication(
        String topic, byte[] payload, int qos, boolean retained, boolean late, MqttProperties properties) {

    private static final int DEPTH = 10;

    private static final JsonMapper JSON = Json.strict(StreamReadConstraints.builder()
            .maxNestingDepth(DEPTH)
            .maxNumberLength(100)
            .build());

    private static final int OBJECT = 200;
    private static final int USER_PROPERTY = 150;

    /** A payload in UTF-8, sent at QoS 1. */
    public Publication(String topic, String payload, boolean retained) {
        this(topic, payload.getBytes(StandardCharsets.UTF_8), 1, retained, false, new MqttProperties());
    }

    Publication asLate(boolean late) {
        return late == this.late ? this : new Publication(topic, payload, qos, retained, late, properties);
    }

    /** Bytes of memory that it takes, about. */
    long size() {
        long size = OBJECT + payload.length + length(topic);
        byte[] correlation = properties.getCorrelationData();
        size += correlation == null ? 0 : correlation.length;
        size += length(properties.getContentType()) + length(properties.getResponseTopic());
        for (UserProperty property : properties.getUserProperties()) {
            size += USER_PROPERTY + length(property.getKey()) + length(property.getValue());
        }
        return size;
    }

    private static int length(String text) {
        return text == null ? 0 : 2 * text.length();
    }

    /**
     * The payload as text.
     *
     * @throws ProblemException {@code unreadable} when it is not UTF-8
     */
    public String text() {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(payload))
                    .toString();
        } catch (CharacterCodingException e) {
            throw unreadable("it is not UTF-8");
        }
    }

    /** A failure that tells why a payload cannot be read. */
    public static ProblemException unreadable(String why) {
        return new ProblemException(new Problem(
                "unreadable", "The payload cannot be read", 400, "The payload cannot be read: " + why + "."));
    }

    /**
     * The JSON of a payload.
     *
     * @return map, list, string, number, boolean or null
     * @throws ProblemException {@code unreadable} when it is not JSON, or deeper than 10
     */
    public static Object readJson(String text) {
        try {
            return JSON.readValue(text, Object.class);
        } catch (JsonProcessingException e) {
            throw unreadable("it is not JSON, or nested deeper than " + DEPTH);
        }
    }

    /** An object, or a failure as of {@link #readJson}. */
    @SuppressWarnings("unchecked")
    public static Map<String, Object> readObject(String text) {
        if (readJson(text) instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw unreadable("it is not a JSON object");
    }
}
