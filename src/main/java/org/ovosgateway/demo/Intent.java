// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An intent of a skill.
 *
 * @param name that of its file where it is one of Padatious
 * @param words what it matches
 * @param keywords of one of Adapt
 */
record Intent(String skill, String name, Pattern words, BiConsumer<Turn, Matcher> handler, List<String> keywords) {

    Intent(String skill, String name, String words, BiConsumer<Turn, Matcher> handler, String... keywords) {
        this(skill, name, Pattern.compile(words), handler, List.of(keywords));
    }

    boolean ofAdapt() {
        return !name.endsWith(".intent");
    }

    String fullName() {
        return skill + ":" + name;
    }

    /** The keyword of one of Adapt, which has the letters of the skill before its name. */
    String keywordName() {
        return prefix() + name.replace("Intent", "Keyword");
    }

    /** The name under which the skill registers its words: in title case. */
    String vocabularyName() {
        String keyword = name.replace("Intent", "Keyword");
        return prefix() + keyword.charAt(0) + keyword.substring(1).toLowerCase(Locale.ROOT);
    }

    private String prefix() {
        return skill.replaceAll("[^A-Za-z0-9]", "_");
    }

    /** The match of a text; null for none. */
    Matcher match(String text) {
        Matcher matcher = words.matcher(text);
        return matcher.matches() ? matcher : null;
    }
}
