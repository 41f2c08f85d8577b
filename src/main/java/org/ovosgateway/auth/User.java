// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;

/**
 * Somebody who may log in.
 *
 * @param hash the password, as bcrypt {@code $2a$}, {@code $2b$} or {@code $2y$}
 * @param scopes what the user may do, as in {@link Caller#scopes}
 * @param devices the assistants that the user may use, as in {@link Caller#devices}
 * @param skills the skills that the user may ask
 * @param room of the user; null for none
 * @param stamp changes with the password, so that tokens from before the change are told apart; gives nothing away
 */
record User(
        String name,
        String hash,
        boolean active,
        Set<String> scopes,
        Set<String> devices,
        SkillLimits skills,
        String room,
        String stamp) {

    private static final int STAMP_BYTES = 12;

    User(
            String name,
            String hash,
            boolean active,
            Set<String> scopes,
            Set<String> devices,
            SkillLimits skills,
            String room) {
        this(name, hash, active, scopes, devices, skills, room, stamp(hash));
    }

    /** Of all devices and skills. */
    User(String name, String hash, boolean active, Set<String> scopes) {
        this(name, hash, active, scopes, Caller.ALL, SkillLimits.NONE, null);
    }

    /** The binary logarithm of the rounds that checking this password takes. */
    int cost() {
        return Integer.parseInt(hash.substring(4, 6));
    }

    // the 128 random bits of the salt make it impossible to guess the hash from its digest
    private static String stamp(String hash) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(hash.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, STAMP_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Without the hash. */
    @Override
    public String toString() {
        return "User[name=" + name + ", active=" + active + ", scopes=" + scopes + ", devices=" + devices + "]";
    }
}
