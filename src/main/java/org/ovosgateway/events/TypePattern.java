// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.util.List;
import java.util.function.Predicate;

/** A type with {@code *} for any part of it. A test takes time in proportion to both lengths, however many stars there are. */
record TypePattern(String pattern) implements Predicate<String> {

    /** Matches what one of these matches; everything where there are none. */
    static Predicate<String> anyOf(List<String> patterns) {
        List<TypePattern> all = patterns.stream().map(TypePattern::new).toList();
        return all.isEmpty() ? type -> true : type -> all.stream().anyMatch(pattern -> pattern.test(type));
    }

    @Override
    public boolean test(String type) {
        int at = 0;
        int next = 0;
        int star = -1;
        int retry = 0;
        while (at < type.length()) {
            if (next < pattern.length() && pattern.charAt(next) == '*') {
                star = next++;
                retry = at;
            } else if (next < pattern.length() && pattern.charAt(next) == type.charAt(at)) {
                next++;
                at++;
            } else if (star >= 0) {
                // the last star takes one character more
                next = star + 1;
                at = ++retry;
            } else {
                return false;
            }
        }
        while (next < pattern.length() && pattern.charAt(next) == '*') {
            next++;
        }
        return next == pattern.length();
    }
}
