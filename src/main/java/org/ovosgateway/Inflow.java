// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

/** Where messages come from without being asked for; it can be held back while those who hear them change. */
public interface Inflow {

    /** Nothing more is handed on, and nothing is lost, until {@link #release}; returns when that is so. */
    void hold();

    void release();
}
