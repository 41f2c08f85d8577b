// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** A part of the assistant answers, and says that it has not done what it was told. */
public class NotDoneException extends ProblemException {

    NotDoneException(String told, String whoAnswers, String contradiction) {
        super(new Problem(
                "not-done",
                "The assistant did not do that",
                502,
                "'%s' was sent, and was not done: %s answers that %s. Try again; if that does not help, look into its log."
                        .formatted(told, whoAnswers, contradiction)));
    }
}
