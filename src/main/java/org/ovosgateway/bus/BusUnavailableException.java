// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** The bus of a device can't be reached, or was lost before it had relayed the message. */
public class BusUnavailableException extends ProblemException {

    BusUnavailableException(String detail) {
        super(new Problem("bus-unavailable", "The message bus cannot be reached", 503, detail)
                .header("Retry-After", "5"));
    }
}
