// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** The assistant answered, and the answer is not what it should be. */
public class InvalidAnswerException extends ProblemException {

    /** @param detail what is wrong with the answer, and what to do */
    public InvalidAnswerException(String detail) {
        super(new Problem("invalid-answer", "The answer of the assistant is not valid", 502, detail));
    }
}
