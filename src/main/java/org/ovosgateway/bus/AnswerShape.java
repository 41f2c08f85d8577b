// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;

/** What the data of an answer have to be, so that a route can rely on it: kinds of values by their paths. */
final class AnswerShape {

    private enum Kind {
        BOOLEAN("true or false"),
        NUMBER("a number"),
        STRING("a text"),
        ARRAY("a list"),
        OBJECT("an object");

        private final String inWords;

        Kind(String inWords) {
            this.inWords = inWords;
        }

        private boolean fits(JsonNode node) {
            return switch (this) {
                case BOOLEAN -> node.isBoolean();
                case NUMBER -> node.isNumber() && Double.isFinite(node.doubleValue());
                case STRING -> node.isTextual();
                case ARRAY -> node.isArray();
                case OBJECT -> node.isObject();
            };
        }
    }

    private record Member(List<String> path, Kind kind, boolean optional) {}

    private final List<Member> members = new ArrayList<>();

    /**
     * @param kinds {@code boolean}, {@code number}, {@code string}, {@code array} or {@code object} by path; {@code *} in
     *     a path is any member, and with {@code ?} behind it a value may be missing or null
     * @throws IllegalArgumentException when there is no such kind
     */
    AnswerShape(Map<String, Object> kinds) {
        kinds.forEach((path, word) -> {
            String kind = word.toString();
            boolean optional = kind.endsWith("?");
            members.add(new Member(
                    List.of(path.split("\\.")),
                    kind(optional ? kind.substring(0, kind.length() - 1) : kind),
                    optional));
        });
    }

    private static Kind kind(String word) {
        return Arrays.stream(Kind.values())
                .filter(kind -> kind.name().toLowerCase().equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("'%s' is no kind of value: there are %s, and ? behind it"
                                .formatted(
                                        word,
                                        Arrays.stream(Kind.values())
                                                .map(kind -> kind.name().toLowerCase())
                                                .collect(Collectors.joining(", ")))));
    }

    /**
     * Gives the answer back if it fits.
     *
     * @param answeredBy the part of OVOS that it comes from
     * @throws InvalidAnswerException which says what does not fit
     */
    BusMessage check(BusMessage answer, String answeredBy) {
        if (!answer.hasObjectAsData()) {
            throw invalid(answer, "The data", "no object", "an object", answeredBy);
        }
        for (Member member : members) {
            check(answer, answer.data(), member, 0, answeredBy);
        }
        return answer;
    }

    private static void check(BusMessage answer, JsonNode node, Member member, int depth, String answeredBy) {
        if (depth == member.path.size()) {
            boolean absent = node.isMissingNode() || node.isNull();
            if (!(absent && member.optional) && !member.kind.fits(node)) {
                throw invalid(
                        answer,
                        "'%s'".formatted(String.join(".", member.path)),
                        inWords(node),
                        member.kind.inWords,
                        answeredBy);
            }
        } else if (member.path.get(depth).equals("*")) {
            for (JsonNode any : node) {
                check(answer, any, member, depth + 1, answeredBy);
            }
        } else {
            check(answer, node.path(member.path.get(depth)), member, depth + 1, answeredBy);
        }
    }

    private static InvalidAnswerException invalid(
            BusMessage answer, String what, String is, String expected, String answeredBy) {
        return new InvalidAnswerException(
                "%s of the answer '%s' is %s, and should be %s. It comes from %s: look into its log, and which version it is."
                        .formatted(what, answer.type(), is, expected, answeredBy));
    }

    private static String inWords(JsonNode node) {
        if (node.isMissingNode()) {
            return "missing";
        }
        return Arrays.stream(Kind.values())
                .filter(kind -> kind.fits(node))
                .map(kind -> kind.inWords)
                .findFirst()
                .orElse(node.isNumber() ? "no number" : "null");
    }
}
