// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.BiPredicate;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.security.crypto.bcrypt.BCrypt;
import org.springframework.stereotype.Component;

/**
 * Hashes and checks passwords with bcrypt; whoever is refused, for whatever reason, is refused after the same number of
 * rounds.
 */
@Component
class Passwords {

    /** The cost of new hashes: 2<sup>12</sup> rounds, as in ovos-api. */
    static final int COST = 12;

    /** What bcrypt takes into account; more would be ignored without a word. */
    static final int MAX_BYTES = 72;

    // 22 characters of salt and 31 of digest
    private static final String NOBODYS_HASH = "abcdefghijklmnopqrstuu" + "u".repeat(31);

    private final Users users;
    private final BiPredicate<String, String> bcrypt;

    @Autowired
    Passwords(Users users) {
        this(users, BCrypt::checkpw);
    }

    /** @param bcrypt whether a password fits a hash */
    Passwords(Users users, BiPredicate<String, String> bcrypt) {
        this.users = users;
        this.bcrypt = bcrypt;
    }

    static String hash(String password) {
        return BCrypt.hashpw(password, BCrypt.gensalt("$2b", COST));
    }

    /** What is wrong with a password of this form, whoever it belongs to. */
    static Optional<String> flaw(String password) {
        if (password.isEmpty()) {
            return Optional.of("must not be empty");
        }
        // bcrypt ends a password with NUL and starts over: "a" and "a NUL a" are one
        if (password.indexOf('\0') >= 0) {
            return Optional.of("must not contain a NUL character");
        }
        try {
            int length = StandardCharsets.UTF_8
                    .newEncoder()
                    .encode(CharBuffer.wrap(password))
                    .remaining();
            return length > MAX_BYTES
                    ? Optional.of("must not be longer than " + MAX_BYTES + " bytes in UTF-8")
                    : Optional.empty();
        } catch (CharacterCodingException e) {
            return Optional.of("must be well-formed Unicode");
        }
    }

    /** The active user of this name, if the password is right. Takes a few hundred milliseconds. */
    Optional<User> verify(String name, String password) {
        var directory = users.directory();
        Optional<User> user = directory.find(name);
        boolean right = user.isPresent() && bcrypt.test(password, user.get().hash());
        if (right && user.get().active()) {
            return user;
        }
        spendTheRest(password, user, directory.cost());
        return Optional.empty();
    }

    /** 2^c rounds are spent on a known user; with 2^c + … + 2^(max-1) they are the 2^max that an unknown one costs. */
    private void spendTheRest(String password, Optional<User> user, int max) {
        if (user.isEmpty()) {
            bcrypt.test(password, nobodys(max));
            return;
        }
        for (int cost = user.get().cost(); cost < max; cost++) {
            bcrypt.test(password, nobodys(cost));
        }
    }

    private static String nobodys(int cost) {
        return "$2b$%02d$%s".formatted(cost, NOBODYS_HASH);
    }
}
