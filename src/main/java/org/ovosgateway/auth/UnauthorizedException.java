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
                "this call needs a token; send it as Authorization: Bearer <token>, POST /v1/auth/tokens gives one",
                "Bearer");
    }

    static UnauthorizedException invalidToken() {
        return refused("invalid token");
    }

    static UnauthorizedException tokenExpired() {
        return refused("token expired");
    }

    static UnauthorizedException wrongUse(String wanted) {
        return refused("wrong use: this call needs the " + wanted + " token");
    }

    static UnauthorizedException userNotActive() {
        return refused("user not active");
    }

    static UnauthorizedException loggedOut() {
        return refused("token revoked: its login has ended, log in again");
    }

    static UnauthorizedException tokenDeleted() {
        return refused("token revoked: it was deleted");
    }

    static UnauthorizedException passwordChanged() {
        return refused("token revoked: the password of its user was changed");
    }

    static UnauthorizedException invalidTicket() {
        return new UnauthorizedException(
                "the ticket is not good here: it is unknown, used already, older than 30 seconds, or for another path;"
                        + " POST /v1/auth/tickets gives a new one",
                "Bearer");
    }

    static UnauthorizedException invalidLink() {
        return new UnauthorizedException("the link has expired, or was changed", "Bearer");
    }

    private static UnauthorizedException refused(String reason) {
        return new UnauthorizedException(
                reason, "Bearer error=\"invalid_token\", error_description=\"" + reason + "\"");
    }
}
