// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.swagger.v3.oas.models.media.Schema;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.ProblemException;

/** The types of one value of a parameter, which arrives as text. */
enum Scalar {
    STRING("a text") {
        @Override
        JsonNode parse(String text) {
            return TextNode.valueOf(text);
        }
    },
    BOOLEAN("true or false") {
        @Override
        JsonNode parse(String text) {
            boolean is = text.equalsIgnoreCase("true");
            return is || text.equalsIgnoreCase("false") ? BooleanNode.valueOf(is) : null;
        }
    },
    INT32("a whole number from -2147483648 to 2147483647") {
        @Override
        JsonNode parse(String text) {
            JsonNode whole = INTEGER.parse(text);
            return whole == null || whole.longValue() != (int) whole.longValue() ? null : whole;
        }
    },
    INTEGER("a whole number") {
        @Override
        JsonNode parse(String text) {
            return WHOLE.matcher(text).matches() ? LongNode.valueOf(Long.parseLong(text)) : null;
        }
    },
    NUMBER("a number") {
        @Override
        JsonNode parse(String text) {
            if (!DECIMAL.matcher(text).matches()) {
                return null;
            }
            double value = Double.parseDouble(text);
            return Double.isFinite(value) ? DoubleNode.valueOf(value) : null;
        }
    };

    private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");
    private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,40}(?:\\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?");

    private final String what;

    Scalar(String what) {
        this.what = what;
    }

    /** Null when the text is none. */
    abstract JsonNode parse(String text);

    /** @throws IllegalArgumentException when the schema is of a type that no text can be turned into */
    static Scalar of(String parameter, Schema<?> schema) {
        if (schema.getAllOf() != null || schema.getAnyOf() != null || schema.getOneOf() != null) {
            throw refusal(parameter, "allOf, anyOf or oneOf");
        }
        String type = schema.getType();
        if (type == null) {
            return STRING;
        }
        return switch (type) {
            case "string" -> STRING;
            case "boolean" -> BOOLEAN;
            case "integer" -> "int32".equals(schema.getFormat()) ? INT32 : INTEGER;
            case "number" -> NUMBER;
            default -> throw refusal(parameter, "'" + type + "'");
        };
    }

    private static IllegalArgumentException refusal(String parameter, String type) {
        return new IllegalArgumentException(
                "Parameter '%s' has the type %s; it can be string, boolean, integer, number, or an array of one of these"
                        .formatted(parameter, type));
    }

    /** @throws ProblemException 422 when the text is none of these */
    JsonNode read(String field, String text) {
        JsonNode value = parse(text);
        if (value == null) {
            throw new ProblemException(Problems.validation(field, "must be " + what));
        }
        return value;
    }

    /** The default of the contract, of the same type as what callers give. */
    Object plainDefault(JsonNode value) {
        if (value.isNumber()) {
            return this == NUMBER ? (Object) value.doubleValue() : value.longValue();
        }
        return plain(value);
    }

    /** What a route gets. */
    static Object plain(JsonNode value) {
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        if (value.isIntegralNumber()) {
            return value.longValue();
        }
        return value.isNumber() ? (Object) value.doubleValue() : value.asText();
    }
}
