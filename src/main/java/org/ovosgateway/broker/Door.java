// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.concurrent.CompletionStage;

/** Decides who is let in. */
interface Door {

    enum Verdict {
        WELCOME,
        /** Wrong, unknown, not active or not allowed: nobody is told which. */
        REFUSED,
        /** Too much to do, or too many attempts: nothing was looked at. */
        LATER
    }

    /**
     * Never blocks.
     *
     * @param user null when the client names none
     * @param password null when the client gives none
     * @param address of the client, without port
     */
    CompletionStage<Verdict> knock(String user, String password, String address);
}
