// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.Map;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** The JSON mappers. The bus has one of its own, since it alone writes NaN. */
public final class Json {

    /** For what the gateway makes, and for what comes with it. */
    public static final JsonMapper PLAIN = new JsonMapper();

    /** For the files of the gateway, which a person may have edited. */
    public static final JsonMapper STRICT = strict(StreamReadConstraints.defaults());

    private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};

    private Json() {}

    /** Takes neither a member twice nor anything behind the value. */
    public static JsonMapper strict(StreamReadConstraints bounds) {
        return JsonMapper.builder(JsonFactory.builder()
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .streamReadConstraints(bounds)
                        .build())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
    }

    /** An object, such as an {@code ObjectNode}, as a map of maps, lists, texts, numbers, booleans and null. */
    public static Map<String, Object> map(Object object) {
        return PLAIN.convertValue(object, MAP);
    }

    /** Writes maps, lists, strings, numbers, booleans, null, and records of those. */
    public static String write(Object value) {
        try {
            return PLAIN.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not to be written as JSON", e);
        }
    }
}
