// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A folder with a contract and the routes of its operations.
 *
 * @param name of the folder; empty for the gateway's own API, whose files are in the routes folder itself
 */
public record Api(String name) {

    public static final Api OWN = new Api("");

    /** How a folder must be named to be an API. */
    public static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}");

    /** The same for people. */
    public static final String RULE =
            "the folder of an API has a name of at most 32 small letters, digits and hyphens, the first of them a letter";

    private static final int LONGEST = 32;
    private static final char SEPARATOR = '/';

    /** A name for an API that is as much like this one as it can be. */
    public static String nearest(String folder) {
        String ascii = Normalizer.normalize(folder, Normalizer.Form.NFD)
                .replaceAll("\\p{M}", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-|-$", "");
        String name = ascii.matches("[a-z].*") ? ascii : ascii.isEmpty() ? "api" : "api-" + ascii;
        return name.substring(0, Math.min(name.length(), LONGEST)).replaceAll("-$", "");
    }

    public boolean isOwn() {
        return name.isEmpty();
    }

    /** The name of one of its operations or routes among those of all APIs. */
    public String qualified(String id) {
        return isOwn() ? id : name + SEPARATOR + id;
    }

    /** The name as its owner wrote it. */
    public String plain(String qualified) {
        return isOwn() ? qualified : qualified.substring(name.length() + 1);
    }

    @Override
    public String toString() {
        return isOwn() ? "the gateway's own API" : "the API '" + name + "'";
    }
}
