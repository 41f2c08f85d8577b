// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.doors;

import org.ovosgateway.testing.Gateway;

/** One way to talk with the assistant, for {@link DoorsTest}. */
interface Door {

    /** Of the test. */
    String name();

    /** Switches it on, before the gateway starts. */
    void enable(Gateway gateway);

    /** Begins a conversation. */
    Chat begin(Gateway gateway) throws Exception;

    /** What this door tells for a {@code status} of {@code POST /v1/conversation}; the same, unless its protocol has less. */
    default String verdict(String status) {
        return status;
    }

    /** What this door tells of a text that ended so; all of it, unless its protocol has no place for it. */
    default String text(String status, String text) {
        return text;
    }

    /** A conversation through this door. */
    interface Chat extends AutoCloseable {

        /** Says the next text. */
        Answer say(String text) throws Exception;

        @Override
        default void close() throws Exception {
            // most have nothing to close
        }
    }

    /**
     * @param text all that the assistant has said, however it is spaced
     * @param verdict as by {@link Door#verdict}
     */
    record Answer(String text, String verdict) {}
}
