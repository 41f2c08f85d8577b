// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows why a server could not start, in place of a stack trace. */
class CannotListenFailureAnalyzer extends AbstractFailureAnalyzer<CannotListenException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, CannotListenException cause) {
        return new FailureAnalysis(cause.getMessage(), cause.remedy(), cause);
    }
}
