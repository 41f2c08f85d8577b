// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The lines of a file, to say on which of them a mistake is; counted from 1, 0 is none. */
final class LineNumbers {

    private static final Pattern QUOTED = Pattern.compile("'([^'\\s]{1,200})'");

    private final List<String> lines;

    /** @param bytes null for none */
    LineNumbers(byte[] bytes) {
        lines = bytes == null
                ? List.of()
                : new String(bytes, StandardCharsets.UTF_8).lines().toList();
    }

    /** The first key, or id of an operation, that stands in quotes in the message. */
    int ofQuoted(String message) {
        Matcher quoted = QUOTED.matcher(message);
        int line = 0;
        while (line == 0 && quoted.find()) {
            line = of("\\s*(operationId:\\s*)?[\"']?" + Pattern.quote(quoted.group(1)) + "[\"']?:?.*");
        }
        return line;
    }

    /** The id of a route that is made from a template. */
    int ofRouteId(String id) {
        return of("\\s*(?:-\\s+)?routeId:\\s*[\"']?" + Pattern.quote(id) + "[\"']?\\s*(?:#.*)?");
    }

    /** A word, from a line on; that line when the word is nowhere. */
    int ofWord(String word, int from) {
        Pattern whole = Pattern.compile("(?<![\\w-])" + Pattern.quote(word) + "(?![\\w-])");
        for (int i = Math.max(0, from - 1); i < lines.size(); i++) {
            if (whole.matcher(lines.get(i)).find()) {
                return i + 1;
            }
        }
        return from;
    }

    private int of(String line) {
        Pattern whole = Pattern.compile(line);
        for (int i = 0; i < lines.size(); i++) {
            if (whole.matcher(lines.get(i)).matches()) {
                return i + 1;
            }
        }
        return 0;
    }
}
