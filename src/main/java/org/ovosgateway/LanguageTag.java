// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.regex.Pattern;

/** The tag of a language, as in {@code en-US}. */
public final class LanguageTag {

    /** What to tell about a text that is none. */
    public static final String RULE = "must be a language tag such as en or en-us";

    private static final Pattern TAG = Pattern.compile("(?=.{2,35}$)[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*");

    private LanguageTag() {}

    /** Whether a text is one. */
    public static boolean is(String text) {
        return TAG.matcher(text).matches();
    }
}
