// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.command;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** What a command takes, as Home Assistant's platforms send it: button, text, switch, number; or the members of an object. */
enum Payload {
    NONE {
        @Override
        Object read(Object given, String member, BigDecimal min, BigDecimal max) {
            boolean nothing = given == null
                    || given instanceof Map<?, ?> map && map.isEmpty()
                    || given instanceof String text
                            && (text.isBlank() || text.strip().equalsIgnoreCase("press"));
            if (!nothing) {
                throw wrong(member, "must be empty, or PRESS");
            }
            return null;
        }
    },

    TEXT {
        @Override
        Object read(Object given, String member, BigDecimal min, BigDecimal max) {
            Object value = member(given, member);
            if (!(value instanceof String text) || text.isBlank()) {
                throw wrong(member, "must be a text that is not blank");
            }
            if (text.length() > max.intValue()) {
                throw wrong(member, "must not have more than " + max + " characters");
            }
            return text;
        }
    },

    SWITCH {
        @Override
        Object read(Object given, String member, BigDecimal min, BigDecimal max) {
            Object value = member(given, member);
            if (value instanceof Boolean) {
                return value;
            }
            return switch (String.valueOf(value).strip().toLowerCase(Locale.ROOT)) {
                case "on", "true", "1" -> true;
                case "off", "false", "0" -> false;
                case "toggle" -> null;
                default -> throw wrong(member, "must be ON, OFF or TOGGLE");
            };
        }
    },

    NUMBER {
        @Override
        Object read(Object given, String member, BigDecimal min, BigDecimal max) {
            Object value = member(given, member);
            String text = String.valueOf(value).strip();
            boolean number =
                    (value instanceof Number || value instanceof String) && text.matches("-?\\d{1,9}(\\.\\d{1,9})?");
            if (!number || new BigDecimal(text).compareTo(min) < 0 || new BigDecimal(text).compareTo(max) > 0) {
                throw wrong(member, "must be a number from %s to %s".formatted(min, max));
            }
            return new BigDecimal(text);
        }
    },

    OBJECT {
        @Override
        Object read(Object given, String member, BigDecimal min, BigDecimal max) {
            if (given instanceof Map<?, ?>) {
                return given;
            }
            if (!member.isEmpty() && given instanceof String text && !text.isBlank()) {
                return Map.of(member, text);
            }
            throw wrong(member, "must be a JSON object");
        }
    };

    /**
     * @param given text, map or null
     * @param member the member of an object that means the same as the bare payload; empty: there is none
     * @return what the route of the command gets as its body
     * @throws ProblemException 422
     */
    abstract Object read(Object given, String member, BigDecimal min, BigDecimal max);

    private static Object member(Object given, String member) {
        if (!(given instanceof Map<?, ?> map)) {
            return given;
        }
        if (map.size() != 1 || !map.containsKey(member)) {
            throw wrong(
                    "", member.isEmpty() ? "must not be an object" : "must be an object with '" + member + "' only");
        }
        return map.get(member);
    }

    private static ProblemException wrong(String member, String reason) {
        return new ProblemException(
                Problem.validation(List.of(new FieldError(member.isEmpty() ? "payload" : member, reason))));
    }
}
