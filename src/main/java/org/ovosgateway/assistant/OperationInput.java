// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * Reads what a command is given as the input of an operation.
 *
 * @param operation its id
 * @param value the member that a bare payload stands for; empty for none
 * @param contract reads the members of an object as the input of an operation; fails with 422
 */
record OperationInput(
        String operation, String value, BiFunction<String, Map<String, Object>, ApiOperations.Input> contract) {

    /** As the validator of schemas says it. */
    private static final Pattern MISMATCH = Pattern.compile("\\w+ found, (\\w+) expected");

    private static final Map<String, String> KINDS = Map.of(
            "integer", "a whole number in plain digits, such as 55",
            "number", "a number in plain digits, such as 5.5",
            "boolean", "true or false",
            "string", "a text",
            "array", "a list",
            "object", "a JSON object");

    /**
     * @param given text, map or null
     * @throws ProblemException 422
     */
    ApiOperations.Input read(Object given) {
        Map<String, Object> members = members(given);
        ProblemException refusal;
        try {
            return contract.apply(operation, members);
        } catch (ProblemException e) {
            refusal = e;
        }
        // text on the wire is what it says: a text where the contract wants one, else a number or a boolean
        if (members.get(value) instanceof String text) {
            for (Optional<Object> meant : List.of(Payload.bool(text), Payload.number(text))) {
                if (meant.isPresent()) {
                    try {
                        Map<String, Object> others = new LinkedHashMap<>(members);
                        others.put(value, meant.get());
                        return contract.apply(operation, others);
                    } catch (ProblemException e) {
                        refusal = e;
                    }
                }
            }
        }
        throw plain(refusal, members);
    }

    private Map<String, Object> members(Object given) {
        Map<String, Object> members = new LinkedHashMap<>();
        if (given instanceof Map<?, ?> map) {
            map.forEach((member, each) -> members.put(String.valueOf(member), Payload.exact(each)));
        } else if (value.isEmpty() || given == null) {
            Payload.NONE.read(given, value, null, null);
        } else {
            members.put(value, given);
        }
        return members;
    }

    /** The same in words of a person who knows no schemas. */
    private static ProblemException plain(ProblemException refusal, Map<String, Object> members) {
        if (!(refusal.problem().members().get("errors") instanceof List<?> told)) {
            return refusal;
        }
        List<FieldError> errors = told.stream()
                .map(FieldError.class::cast)
                .map(error -> {
                    Matcher mismatch = MISMATCH.matcher(error.reason());
                    return mismatch.matches() && members.containsKey(error.field())
                            ? new FieldError(
                                    error.field(),
                                    "must be %s, not %s"
                                            .formatted(
                                                    KINDS.getOrDefault(mismatch.group(1), mismatch.group(1)),
                                                    Payload.quoted(members.get(error.field()))))
                            : error;
                })
                .toList();
        return new ProblemException(Problem.validation(errors));
    }
}
