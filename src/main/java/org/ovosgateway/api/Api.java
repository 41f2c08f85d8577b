// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

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

    private static final char SEPARATOR = '/';

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
