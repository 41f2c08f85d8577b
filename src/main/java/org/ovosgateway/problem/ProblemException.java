// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.problem;

/** A failure that the caller gets as an answer; every other exception is answered as an internal error. */
public class ProblemException extends RuntimeException {

    private final transient Problem problem;

    public ProblemException(Problem problem) {
        // without a stack trace: it is an answer, and answers are made often
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }
}
