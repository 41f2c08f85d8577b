// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Names a request: as its caller does, if that is harmless, else by a number that this machine gives once. */
final class RequestId {

    private static final int MAX_LENGTH = 64;
    private static final char[] BASE32 = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
    private static final AtomicLong NEXT = new AtomicLong();

    /** Tells the ids of one start from those of another. */
    private static final String START = base32(new SecureRandom().nextLong() & 0x3fff_ffffL | 0x4000_0000L);

    private RequestId() {}

    /** The caller's id if it is 1 to 64 of {@code A-Z a-z 0-9 . _ -}, else a new one. */
    static String of(String header) {
        return header != null && harmless(header) ? header : START + '-' + base32(NEXT.incrementAndGet());
    }

    private static boolean harmless(String id) {
        int length = id.length();
        if (length == 0 || length > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char c = id.charAt(i);
            if (!(c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || c == '.'
                    || c == '_'
                    || c == '-')) {
                return false;
            }
        }
        return true;
    }

    private static String base32(long number) {
        char[] digits = new char[13];
        int at = digits.length;
        long rest = number;
        do {
            digits[--at] = BASE32[(int) (rest & 31)];
            rest >>>= 5;
        } while (rest != 0);
        return new String(digits, at, digits.length - at);
    }
}
