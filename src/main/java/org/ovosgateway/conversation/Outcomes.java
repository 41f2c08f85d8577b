// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What {@code converse:ask} makes the body: {@code {"answers": [{"text"}], "status"}}. */
public final class Outcomes {

    private Outcomes() {}

    /** The texts of all answers, in their order. */
    public static List<String> texts(Map<?, ?> outcome) {
        return ((List<?>) outcome.get("answers"))
                .stream()
                        .map(answer -> String.valueOf(((Map<?, ?>) answer).get("text")))
                        .collect(Collectors.toList());
    }

    /** All that is said, as one text. */
    public static String text(Map<?, ?> outcome) {
        return String.join(" ", texts(outcome));
    }
}
