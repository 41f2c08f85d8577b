// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import org.ovosgateway.Json;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** The first message of a WebSocket, with the token of the caller. */
final class FirstMessage {

    private static final int LONGEST = 8 << 10;

    private FirstMessage() {}

    /**
     * The token in the message.
     *
     * @throws ProblemException 401 for any other message
     */
    static String token(Object message) {
        if (message instanceof String text && text.length() <= LONGEST) {
            try {
                JsonNode read = Json.PLAIN.readTree(text);
                if (read.path("type").asText().equals("auth")
                        && read.path("token").isTextual()) {
                    return read.get("token").textValue();
                }
            } catch (JsonProcessingException e) {
                // refused like any other
            }
        }
        throw new ProblemException(new Problem(
                "unauthorized",
                "Not logged in",
                401,
                "The first message must be {\"type\":\"auth\",\"token\":\"<token>\"}."));
    }
}
