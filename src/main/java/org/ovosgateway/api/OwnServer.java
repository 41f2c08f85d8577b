// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

/** A server for an API that is not HTTP: its address is none of those of {@code ovos.apis}. */
public interface OwnServer {

    /** Name of the folder of its routes. */
    String api();
}
