// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.regex.Pattern;

/** Names of intents. Some lines of OVOS name an intent after its file, {@code what.time.is.it.intent}, others do not. */
public final class IntentName {

    private static final String EXTENSION = ".intent";
    private static final Pattern NOT_ALPHANUMERIC = Pattern.compile("[^\\p{L}\\p{N}]");

    private IntentName() {}

    /** Whether a name is that of a file. */
    public static boolean isFile(String name) {
        return name.endsWith(EXTENSION);
    }

    /** The name without the extension of the file. */
    public static String plain(String name) {
        return isFile(name) ? name.substring(0, name.length() - EXTENSION.length()) : name;
    }

    /** The name of the file of an intent, given by its plain name. */
    public static String file(String plain) {
        return plain + EXTENSION;
    }

    /** The name of a keyword of an intent without the letters of its skill, which the skill puts before it for Adapt. */
    public static String keyword(String skill, String name) {
        String prefix = NOT_ALPHANUMERIC.matcher(skill).replaceAll("_");
        return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    }
}
