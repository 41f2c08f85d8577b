// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.List;

/** Reads the presses out of the messages of one family of buttons. */
interface Decoder {

    /**
     * The presses, in their order; none when the message is about something else.
     *
     * @throws org.ovosgateway.problem.ProblemException of the type {@code unreadable} when it cannot be read
     */
    List<Press> presses(Received message);
}
