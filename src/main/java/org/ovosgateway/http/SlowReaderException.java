// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

/** A caller takes an answer more slowly than it is made: it is cut off, and counted. */
public final class SlowReaderException extends RuntimeException {

    public SlowReaderException() {
        super("the caller reads too slowly", null, false, false);
    }
}
