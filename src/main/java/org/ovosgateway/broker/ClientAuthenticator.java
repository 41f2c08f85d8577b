// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

import org.ovosgateway.auth.Caller;

/** Decides whether a client may connect. */
interface ClientAuthenticator {

    enum Verdict {
        ACCEPTED,
        /** Wrong, unknown, not active or not allowed: nobody is told which. */
        REFUSED,
        /** Too much to do, or too many attempts: nothing was looked at. */
        BUSY
    }

    /**
     * What is answered.
     *
     * @param devices the assistants whose topics who is let in may use, as in {@link Caller#devices}
     * @param stays whether who is let in may still be there, with these devices; asked again and again, never blocks
     */
    record Decision(Verdict verdict, Set<String> devices, BooleanSupplier stays) {

        static Decision of(Verdict verdict) {
            return new Decision(verdict, Caller.ALL, () -> true);
        }
    }

    /**
     * Never blocks.
     *
     * @param user null when the client names none
     * @param password null when the client gives none
     * @param address of the client, without port
     */
    CompletionStage<Decision> authenticate(String user, String password, String address);
}
