// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.time.Instant;

import org.apache.camel.util.URISupport;
import org.ovosgateway.Ellipsis;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/**
 * A route file whose newest version is not live; the version before it, if there was one, goes on serving.
 *
 * @param file path of the file
 * @param line line in the file, counted from 1; 0 when it is not known
 * @param reason what is wrong, in one line and without secrets
 * @param since when this was first seen
 */
public record Failure(String file, int line, String reason, Instant since) {

    private static final int LONGEST_REASON = 500;

    /** Says in which line to look for the cause. */
    static final class Located extends Exception {

        private final int line;

        Located(int line, Throwable cause) {
            super(null, cause);
            this.line = line;
        }
    }

    static Failure of(String file, Throwable thrown) {
        int line = 0;
        String reason = null;
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            line = Math.max(line, line(t));
            String message = message(t);
            // the deepest message is the most precise one, unless it is only a name
            if (message != null && (reason == null || message.indexOf(' ') > 0)) {
                reason = message;
            }
        }
        if (thrown instanceof StackOverflowError) {
            reason = "nested too deeply";
        }
        reason = reason == null ? thrown.getClass().getSimpleName() : URISupport.sanitizeUri(reason);
        reason = reason.strip().replaceAll("\\s+", " ");
        return new Failure(file, line, Ellipsis.cut(reason, LONGEST_REASON), Instant.now());
    }

    private static String message(Throwable t) {
        if (t instanceof MarkedYamlEngineException marked) {
            return marked.getProblem();
        }
        // these speak to programmers
        return t instanceof NullPointerException || t instanceof ClassCastException || t instanceof LinkageError
                ? "something that is needed is missing, or is of another kind"
                : t.getMessage();
    }

    /** The exception at the bottom, which has the reason. */
    static Exception deepest(Exception thrown) {
        Exception deepest = thrown;
        while (deepest.getCause() instanceof Exception cause) {
            deepest = cause;
        }
        return deepest;
    }

    private static int line(Throwable t) {
        if (t instanceof MarkedYamlEngineException marked) {
            return marked.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
        }
        return t instanceof Located located ? located.line : 0;
    }

    boolean sameAs(Failure other) {
        return other != null && line == other.line && reason.equals(other.reason);
    }

    @Override
    public String toString() {
        return file + (line > 0 ? ":" + line : "") + ": " + reason;
    }
}
