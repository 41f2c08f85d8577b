// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.answer;

import java.util.List;
import java.util.Map;

import org.apache.camel.Body;
import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/** What the assistant is to hear, in the form that its core reads; routes call it as the bean {@code utterances}. */
@Component("utterances")
public class Utterances {

    private static final int LONGEST = 4000;

    /**
     * The transcripts of {@code recognizer_loop:utterance}: never none, which the core does not answer at all, and never
     * a bare text, which it reads letter by letter.
     *
     * @param body a map with a text as {@code utterance}
     * @return this text alone
     * @throws ProblemException 422 when it is no text, blank, longer than 4000 characters or has control characters
     */
    public List<String> of(@Body Object body) {
        if (!(body instanceof Map<?, ?> map) || !(map.get("utterance") instanceof String text) || isBlank(text)) {
            throw wrong("must be a text that is not blank");
        }
        if (text.codePointCount(0, text.length()) > LONGEST) {
            throw wrong("must not have more than " + LONGEST + " characters");
        }
        if (text.chars().anyMatch(c -> Character.isISOControl(c) && "\t\r\n".indexOf(c) < 0)) {
            throw wrong("must not have control characters");
        }
        return List.of(text);
    }

    private static boolean isBlank(String text) {
        return text.chars()
                .allMatch(c -> Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u200b' || c == '\ufeff');
    }

    private static ProblemException wrong(String reason) {
        return new ProblemException(Problem.validation(List.of(new FieldError("utterance", reason))));
    }
}
