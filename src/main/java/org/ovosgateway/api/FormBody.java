// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** A body of {@code application/x-www-form-urlencoded}; the route gets a map, typed by the schema. */
record FormBody(boolean required, Fields fields) implements BodyReader {

    @Override
    public Future<Content> read(HttpCall call, String contentType, boolean known, long most) {
        return call.body(known, most).map(body -> new Content(body.length(), () -> read(body)));
    }

    private Object read(Buffer body) {
        if (body.length() == 0) {
            if (required) {
                throw new ProblemException(Problems.validation("body", "is required"));
            }
            return null;
        }
        byte[] bytes = body.getBytes();
        int pairs = 1;
        for (byte b : bytes) {
            pairs += b == '&' ? 1 : 0;
        }
        if (pairs > Fields.MOST) {
            throw new ProblemException(
                    Problems.validation("body", "must not have more than " + Fields.MOST + " fields"));
        }
        return fields.read(decode(new String(bytes, StandardCharsets.UTF_8)), Map.of());
    }

    private static Map<String, List<String>> decode(String text) {
        try {
            return new QueryStringDecoder(text, StandardCharsets.UTF_8, false, Fields.MOST + 1, true).parameters();
        } catch (IllegalArgumentException e) {
            throw new ProblemException(
                    new Problem("malformed", "The body is not a form", 400, "The body is not encoded as a form is."));
        }
    }
}
