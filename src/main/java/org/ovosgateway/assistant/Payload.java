// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import org.ovosgateway.Ellipsis;
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
            String text = String.valueOf(value).strip();
            if (text.equalsIgnoreCase("toggle")) {
                return null;
            }
            return bool(text).orElseThrow(() -> wrong(member, "must be ON, OFF or TOGGLE, not " + quoted(value)));
        }
    },

    NUMBER {
        @Override
        Object read(Object given, String member, BigDecimal min, BigDecimal max) {
            Object value = member(given, member);
            Object number = value instanceof String text ? number(text).orElse(null) : exact(value);
            if (!(number instanceof Number)) {
                throw wrong(
                        member,
                        "must be a number from %s to %s in plain digits, such as %s, not %s"
                                .formatted(min, max, max, quoted(value)));
            }
            BigDecimal exact = new BigDecimal(number.toString());
            if (exact.compareTo(min) < 0 || exact.compareTo(max) > 0) {
                throw wrong(member, "must be a number from %s to %s".formatted(min, max));
            }
            return exact;
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

    private static final Pattern NUMERAL = Pattern.compile("-?\\d{1,15}(\\.\\d{1,15})?");
    private static final int LONGEST_QUOTE = 40;

    /**
     * @param given text, map or null
     * @param member the member of an object that means the same as the bare payload; empty: there is none
     * @return what the route of the command gets as its body
     * @throws ProblemException 422
     */
    abstract Object read(Object given, String member, BigDecimal min, BigDecimal max);

    /** A number that is whole as an integer, as templates of Home Assistant write 55.0; anything else as it is. */
    static Object exact(Object value) {
        if (!(value instanceof Double || value instanceof Float || value instanceof BigDecimal)) {
            return value;
        }
        if (value instanceof Number number && !Double.isFinite(number.doubleValue())) {
            return value;
        }
        BigDecimal number = new BigDecimal(value.toString());
        if (number.precision() - number.scale() > 18) {
            return value;
        }
        BigDecimal whole = number.stripTrailingZeros();
        if (whole.scale() > 0) {
            return number;
        }
        long integer = whole.longValueExact();
        return integer == (int) integer ? (Object) (int) integer : integer;
    }

    /** The number that a text is in plain digits. */
    static Optional<Object> number(String text) {
        return NUMERAL.matcher(text.strip()).matches()
                ? Optional.of(exact(new BigDecimal(text.strip())))
                : Optional.empty();
    }

    /** The boolean that a text is, as switches say it. */
    static Optional<Object> bool(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "on", "true", "1", "1.0" -> Optional.of(true);
            case "off", "false", "0", "0.0" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    /** For a person, and short. */
    static String quoted(Object value) {
        String text = String.valueOf(value).replaceAll("\\p{Cntrl}", "?");
        return "'" + Ellipsis.cut(text, LONGEST_QUOTE) + "'";
    }

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
