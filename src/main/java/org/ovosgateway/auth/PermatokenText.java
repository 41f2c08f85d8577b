// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * A long-lived token as its owner has it: {@code ovos_pat_}, its id, {@code _}, its secret of 256 random bits, and a check
 * sum. Scanners find one that was published by its form, and one that was mistyped is refused without being looked for.
 */
record PermatokenText(String id, String secret) {

    private static final String PREFIX = "ovos_pat_";
    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int ID = 12;
    /** 62<sup>43</sup> is a little more than 2<sup>256</sup>. */
    private static final int SECRET = 43;

    private static final int SUM = 6;
    private static final Pattern ID_FORM = Pattern.compile("[0-9A-Za-z]{" + ID + "}");
    private static final Pattern FORM =
            Pattern.compile(PREFIX + "[0-9A-Za-z]{" + ID + "}_[0-9A-Za-z]{" + (SECRET + SUM) + "}");

    /** Whether this is meant to be one, and neither a JWT nor a password. */
    static boolean isLike(String text) {
        return text.startsWith(PREFIX);
    }

    static boolean isId(String id) {
        return ID_FORM.matcher(id).matches();
    }

    static PermatokenText random(SecureRandom random) {
        return new PermatokenText(digits(random, ID), digits(random, SECRET));
    }

    /** Empty if nobody can have been given this. */
    static Optional<PermatokenText> parse(String text) {
        if (!FORM.matcher(text).matches()) {
            return Optional.empty();
        }
        int secret = PREFIX.length() + ID + 1;
        var parsed = new PermatokenText(
                text.substring(PREFIX.length(), secret - 1), text.substring(secret, secret + SECRET));
        return parsed.text().equals(text) ? Optional.of(parsed) : Optional.empty();
    }

    /** What its owner is given. */
    String text() {
        String text = PREFIX + id + "_" + secret;
        var crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.US_ASCII));
        var sum = new char[SUM];
        long rest = crc.getValue();
        for (int i = SUM - 1; i >= 0; i--) {
            sum[i] = DIGITS.charAt((int) (rest % DIGITS.length()));
            rest /= DIGITS.length();
        }
        return text + new String(sum);
    }

    /** What is kept of the secret. So many random bits need no salt and no slow hash. */
    byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.US_ASCII));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String digits(SecureRandom random, int number) {
        var digits = new StringBuilder();
        for (int i = 0; i < number; i++) {
            digits.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
        }
        return digits.toString();
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return PREFIX + id;
    }
}
