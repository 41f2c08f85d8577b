// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.util.Optional;

import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/** Users that a setting names: for a door whose protocol has no credentials. */
@Component
public class NamedUsers {

    private final Users users;

    NamedUsers(Users users) {
        this.users = users;
    }

    /**
     * This user as the one who calls; empty where there is no such user, or an inactive one.
     *
     * @throws ProblemException 503 while the users are not known
     */
    public Optional<Caller> find(String name) {
        return users.directory().find(name).filter(User::active).map(user -> Caller.user(user, null));
    }

    /**
     * Whether there is such a user, active or not.
     *
     * @throws ProblemException 503 while the users are not known
     */
    public boolean isKnown(String name) {
        return users.directory().find(name).isPresent();
    }
}
