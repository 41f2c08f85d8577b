// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that somebody meant who has written another one. */
public final class Nearest {

    private static final int LONGEST = 100;

    private Nearest() {}

    /** A clause to put after what is wrong: {@code ; the nearest is 'speak'}, or nothing where no name is near. */
    public static String hint(String word, Collection<String> names) {
        return of(word, names, Math.max(2, word.length() / 3))
                .map(name -> "; the nearest is '" + name + "'")
                .orElse("");
    }

    /** The name with the fewest changes, and no more than these: a letter more, less, other, or two of them swapped. */
    public static Optional<String> of(String word, Collection<String> names, int most) {
        return names.stream()
                .filter(name -> distance(word, name) <= most)
                .min(Comparator.comparingInt((String name) -> distance(word, name))
                        .thenComparing(name -> name));
    }

    static int distance(String one, String other) {
        String a = one.toLowerCase(Locale.ROOT);
        String b = other.toLowerCase(Locale.ROOT);
        if (a.length() > LONGEST || b.length() > LONGEST) {
            return Integer.MAX_VALUE;
        }
        int[][] changes = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    changes[i][j] = i + j;
                    continue;
                }
                int replaced = changes[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                changes[i][j] = Math.min(replaced, 1 + Math.min(changes[i - 1][j], changes[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    changes[i][j] = Math.min(changes[i][j], 1 + changes[i - 2][j - 2]);
                }
            }
        }
        return changes[a.length()][b.length()];
    }
}
