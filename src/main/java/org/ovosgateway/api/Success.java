// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.Comparator;
import java.util.Map;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.responses.ApiResponse;

/**
 * How an operation answers when all went well, as its contract says.
 *
 * @param status for the route that does not set one
 * @param mediaType of its body, for the route that does not set one; null where the contract names none, or a range of them
 * @param ranges whether a caller may ask for a part of it, which the contract says by a response 206
 * @param events whether it is a stream of server-sent events
 */
record Success(int status, String mediaType, boolean ranges, boolean events) {

    static final String JSON = "application/json";

    private static final String PARTIAL = "206";

    Success(int status, String mediaType, boolean ranges) {
        this(status, mediaType, ranges, SeriesFormat.of(mediaType) == SeriesFormat.EVENTS);
    }

    /**
     * @throws IllegalArgumentException when the operation has no such response
     */
    static Success of(OpenAPI contract, io.swagger.v3.oas.models.Operation operation) {
        String status = operation.getResponses().keySet().stream()
                .filter(response -> response.matches("[23]\\d\\d") && !response.equals(PARTIAL))
                .min(Comparator.naturalOrder())
                .orElseThrow(() -> new IllegalArgumentException(
                        "'%s' has no 2xx or 3xx response".formatted(operation.getOperationId())));
        return new Success(
                Integer.parseInt(status),
                mediaType(resolve(contract, operation.getResponses().get(status))),
                operation.getResponses().containsKey(PARTIAL));
    }

    private static ApiResponse resolve(OpenAPI contract, ApiResponse response) {
        if (response.get$ref() == null
                || contract.getComponents() == null
                || contract.getComponents().getResponses() == null) {
            return response;
        }
        String name = response.get$ref().substring(response.get$ref().lastIndexOf('/') + 1);
        Map<String, ApiResponse> named = contract.getComponents().getResponses();
        return named.getOrDefault(name, response);
    }

    private static String mediaType(ApiResponse response) {
        if (response.getContent() == null || response.getContent().isEmpty()) {
            return null;
        }
        String first = response.getContent().keySet().iterator().next();
        return first.contains("*") ? null : first;
    }
}
