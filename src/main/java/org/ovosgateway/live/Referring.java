// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.util.Collection;
import java.util.Set;

import org.ovosgateway.Nearest;

/** An endpoint that names what other files define; a file with a name that does not exist is not loaded. */
public interface Referring {

    /**
     * @throws MissingName when something that it names does not exist
     */
    void check(Names names);

    /**
     * What is defined by all files together.
     *
     * @param operations of the contracts; empty when there is none
     * @param commands that routes begin with
     * @param scopes that operations of the contracts need
     */
    record Names(Set<String> operations, Set<String> commands, Set<String> scopes) {}

    /** A name that nobody defines. */
    final class MissingName extends IllegalArgumentException {

        private static final long serialVersionUID = 1;

        private final String name;

        /** @param use a sentence that ends with a comma, and names the name */
        public MissingName(String use, String name, Collection<String> names) {
            super(use + " which does not exist" + Nearest.hint(name, names));
            this.name = name;
        }

        String name() {
            return name;
        }
    }
}
