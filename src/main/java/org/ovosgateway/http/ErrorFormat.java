// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.ovosgateway.Json;
import org.ovosgateway.problem.Problem;

/** How the failures of an API are written. */
public interface ErrorFormat {

    /** RFC 9457. */
    ErrorFormat PROBLEM = new ErrorFormat() {
        @Override
        public String contentType() {
            return "application/problem+json";
        }

        @Override
        public byte[] body(Problem problem, String requestId) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("type", "urn:ovos-gateway:" + problem.type());
            document.put("title", problem.title());
            document.put("status", problem.status());
            document.put("detail", problem.detail());
            document.putAll(problem.members());
            if (requestId != null) {
                document.put("request_id", requestId);
            }
            try {
                return Json.PLAIN.writeValueAsBytes(document);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("a problem holds only strings, numbers, lists and maps", e);
            }
        }
    };

    String contentType();

    /** The status with which a failure of this one is sent. */
    default int status(int status) {
        return status;
    }

    /** The type of an answer of this status. */
    default String contentType(int status) {
        return contentType();
    }

    /** @param requestId null where the request has none */
    byte[] body(Problem problem, String requestId);

    /** Headers of an answer of this status, beside those of the problem. */
    default Map<String, String> headers(int status) {
        return Map.of();
    }
}
