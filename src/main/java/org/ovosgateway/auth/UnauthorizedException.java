// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** There is no token, or it is not good; told as RFC 6750 section 3 asks, and never with the token in it. */
public class UnauthorizedException extends ProblemException {

    private static final String TITLE = "Not logged in";

    private UnauthorizedException(String detail, String challenge) {
        super(new Problem("unauthorized", TITLE, 401, detail).header("WWW-Authenticate", challenge));
    }

    static UnauthorizedException missingToken() {
        return new UnauthorizedException(
                "This call needs a token. Send it as Authorization: Bearer <token>; POST /v1/auth/tokens gives one.",
                "Bearer");
    }

    static UnauthorizedException invalidToken() {
        return refused("The token is invalid.");
    }

    static UnauthorizedException tokenExpired() {
        return refused("The token has expired.");
    }

    static UnauthorizedException wrongUse(String wanted) {
        return refused("The token is of the other kind: this call needs the " + wanted + " token.");
    }

    static UnauthorizedException userNotActive() {
        return refused("The user of the token is not active.");
    }

    static UnauthorizedException loggedOut() {
        return refused("The token was revoked: its login has ended. Log in again.");
    }

    static UnauthorizedException tokenDeleted() {
        return refused("The token was revoked: it was deleted.");
    }

    static UnauthorizedException passwordChanged() {
        return refused("The token was revoked: the password of its user was changed.");
    }

    static UnauthorizedException invalidTicket() {
        return new UnauthorizedException(
                "The ticket is not good here: it is unknown, used already, older than 30 seconds, or for another path."
                        + " POST /v1/auth/tickets gives a new one.",
                "Bearer");
    }

    static UnauthorizedException invalidLink() {
        return new UnauthorizedException("The link has expired, was changed, or is for another method.", "Bearer");
    }

    private static UnauthorizedException refused(String reason) {
        return new UnauthorizedException(
                reason, "Bearer error=\"invalid_token\", error_description=\"" + reason + "\"");
    }
}
