// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** The JSON mappers. The bus has one of its own, since it alone writes NaN. */
public final class Json {

    /** For what the gateway makes, and for what comes with it. */
    public static final JsonMapper PLAIN = new JsonMapper();

    /** For the files of the gateway, which a person may have edited. */
    public static final JsonMapper STRICT = strict(StreamReadConstraints.defaults());

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

    /** Writes maps, lists, strings, numbers, booleans, null, and records of those. */
    public static String write(Object value) {
        try {
            return PLAIN.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not to be written as JSON", e);
        }
    }
}
