// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.util.Collection;
import java.util.Map;
import java.util.Set;

import org.ovosgateway.Nearest;

/** An endpoint that names what other files define; a file with a name that does not exist is not loaded. */
public interface Referring {

    /**
     * @throws MissingName when something that it names does not exist
     */
    void check(Names names);

    /**
     * Checks what it always sends; the commands and the contract that are about to be live are known by now.
     *
     * @throws Mistake when a command does not take it
     */
    default void checkInputs(Names names) {}

    /** Something that takes input, and knows which. */
    interface Receiver {

        /** @throws IllegalArgumentException when it does not take this, with the reason */
        void check(Object input);
    }

    /**
     * What is defined by all files together.
     *
     * @param operations of the contracts; empty when there is none
     * @param commands that routes begin with, or that contracts make of operations, by name
     * @param scopes that operations of the contracts need
     */
    record Names(Set<String> operations, Map<String, Receiver> commands, Set<String> scopes) {}

    /** What an endpoint has does not fit what others define. */
    class Mistake extends IllegalArgumentException {

        private static final long serialVersionUID = 1;

        private final String word;

        /** @param word stands in the line of the mistake */
        public Mistake(String message, String word) {
            super(message);
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    /** A name that nobody defines. */
    final class MissingName extends Mistake {

        private static final long serialVersionUID = 1;

        /** @param use a sentence that ends with a comma, and names the name */
        public MissingName(String use, String name, Collection<String> names) {
            super(use + " which does not exist" + Nearest.hint(name, names), name);
        }
    }
}
