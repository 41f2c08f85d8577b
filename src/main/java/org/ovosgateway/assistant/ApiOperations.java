// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.Map;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;

/** The operations of the API, for commands that are one: the contract says who may run them, and what they take. */
public interface ApiOperations {

    /**
     * What an operation takes, as its route gets it.
     *
     * @param body null when there is none
     * @param headers the parameters of path and query
     */
    record Input(Object body, Map<String, Object> headers) {}

    /** Whether there is such an operation. */
    boolean has(String operation);

    /** The operations that the contract makes commands ({@code x-command}), by the names of these. */
    Map<String, String> commands();

    /**
     * The scope that an operation needs; null when anybody may call it.
     *
     * @throws IllegalArgumentException when there is no such operation
     */
    String scope(String operation);

    /**
     * The one parameter or member that a call cannot do without, and that a bare value stands for; empty when there is none,
     * or more than one. Of the version that is tried, if one is.
     */
    String mainMember(String operation);

    /**
     * Sorts the members of an object into parameters and body, as the contract has them.
     *
     * @throws org.ovosgateway.problem.ProblemException 422 when they do not fit the contract
     */
    Input read(String operation, Map<String, Object> members);

    /** As {@link #read}, by the version that is tried, if one is: before it is decided whether it becomes live. */
    Input readNext(String operation, Map<String, Object> members);

    /** Whether the version that is tried has such an operation, or else the one that is live. */
    boolean willHave(String operation);

    /** Hands an exchange with such input to the route of an operation. */
    void run(String operation, Exchange exchange, AsyncCallback callback);
}
