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

    static String seconds(Duration duration) {
        double seconds = duration.toMillis() / 1000.0;
        return (seconds == Math.rint(seconds) ? Long.toString((long) seconds) : Double.toString(seconds)) + " s";
    }
}
