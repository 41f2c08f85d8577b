// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;

import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** The bus relayed a question, and nobody answered it in time. */
public class NoAnswerException extends ProblemException {

    NoAnswerException(String question, Duration waited, String whoAnswers) {
        super(new Problem(
                "bus-timeout",
                "The assistant did not answer in time",
                504,
                "Nobody answered '%s' within %s. It is answered by %s: check that it is running."
                        .formatted(question, seconds(waited), whoAnswers)));
    }

    NoAnswerException(Problem problem) {
        super(problem);
    }

    /** Nothing shows that a message had an effect. */
    static NoAnswerException toDeed(String told, Question question) {
        return new NoAnswerException(new Problem(
                "bus-timeout",
                "The assistant did not answer in time",
                504,
                "'%s' was sent, and nothing shows that it was done: %s did not answer '%s' within %s. Check that it is running."
                        .formatted(told, question.answeredBy(), question.type(), seconds(question.timeout()))));
    }

    /** Nothing shows that a text was spoken to its end. */
    static NoAnswerException toSpeech(Duration waited) {
        return new NoAnswerException(new Problem(
                "bus-timeout",
                "The assistant did not answer in time",
                504,
                "ovos-audio has taken the text, and has not told within %s that it was spoken. Check its voice in its log."
                        .formatted(seconds(waited))));
    }

    static String seconds(Duration duration) {
        double seconds = duration.toMillis() / 1000.0;
        return (seconds == Math.rint(seconds) ? Long.toString((long) seconds) : Double.toString(seconds)) + " s";
    }
}
