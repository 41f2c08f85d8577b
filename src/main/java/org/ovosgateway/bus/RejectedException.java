// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** The bus relays a message to nobody, because of its context. */
public class RejectedException extends ProblemException {

    RejectedException(String device, String type, String reason) {
        super(new Problem(
                "bus-refused",
                "The message bus refused the message",
                502,
                ("The bus of '%s' rejected the session of '%s' (%s), and relayed it to nobody: is there a gateway for this"
                                + " version of OVOS?")
                        .formatted(device, type, reason)));
    }
}
