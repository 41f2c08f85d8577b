// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.util.Collection;

/** A file stands in the way of the transaction that it is part of. */
final class RefusedFileException extends Exception {

    private static final long serialVersionUID = 1;

    private final String file;

    RefusedFileException(String file, Throwable cause) {
        super(cause);
        this.file = file;
    }

    String file() {
        return file;
    }

    /** What is done with each version, and may fail. */
    interface Step {
        void take(Edition edition) throws Exception;
    }

    static void ifFails(Collection<Edition> editions, Step step) throws RefusedFileException {
        for (Edition edition : editions) {
            try {
                step.take(edition);
            } catch (Exception | StackOverflowError | LinkageError e) {
                throw new RefusedFileException(edition.file(), e);
            }
        }
    }
}
