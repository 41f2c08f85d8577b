// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

/**
 * The name of a message, which OVOS may spell in two ways.
 *
 * @param old as on today's line; what the gateway sends, since the new line hears it too
 * @param current as the specifications of OVOS have it; the same as {@code old} where nothing was renamed
 */
record Name(String old, String current) {

    boolean isRenamed() {
        return !old.equals(current);
    }
}
