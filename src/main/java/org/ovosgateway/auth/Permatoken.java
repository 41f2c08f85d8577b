// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.util.Set;
import java.util.regex.Pattern;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * What is kept of a long-lived token: everything but its secret.
 *
 * @param id names it in lists and when it is deleted
 * @param user its owner, more than whose rights it never has
 * @param name what its owner calls it
 * @param scopes what it may do of what its owner may do; null: all of that
 * @param devices the assistants for which it is good, of those of its owner; null: all of these
 * @param created seconds of the epoch
 * @param expires seconds of the epoch; null: never
 * @param stamp that of the owner's password when it was made: {@link User#stamp}
 * @param hash of its secret, in hexadecimal digits: {@link PermatokenText#hash}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Permatoken(
        String id,
        String user,
        String name,
        Set<String> scopes,
        Set<String> devices,
        long created,
        Long expires,
        String stamp,
        String hash) {

    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    Permatoken {
        // read from a file, which a person may have changed
        if (!PermatokenText.isId(id)
                || !UsersFile.isName(user)
                || name.isEmpty()
                || stamp.isEmpty()
                || !HASH.matcher(hash).matches()
                || created <= 0) {
            throw new IllegalArgumentException();
        }
        scopes = scopes == null ? null : Set.copyOf(scopes);
        devices = devices == null ? null : Set.copyOf(devices);
    }

    boolean isExpired(long now) {
        return expires != null && expires <= now;
    }

    /** Whether it is dead for good: expired, or of a user who is gone or has another password. */
    boolean isDead(Users.Directory users, long now) {
        return isExpired(now)
                || users.find(user).filter(owner -> owner.stamp().equals(stamp)).isEmpty();
    }

    /** Without the hash. */
    @Override
    public String toString() {
        return "Permatoken[id=" + id + ", user=" + user + ", name=" + name + "]";
    }
}
