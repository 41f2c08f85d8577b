// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import io.swagger.v3.oas.models.media.Schema;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.ProblemException;

/**
 * A body of any other type, such as {@code audio/wav}; the route gets the bytes.
 *
 * @param shortest {@code minLength} of its schema, here in bytes
 * @param longest {@code maxLength} of its schema, here in bytes
 */
record RawBody(boolean required, long shortest, long longest) implements BodyReader {

    static RawBody of(boolean required, Schema<?> declared, Schemas schemas) {
        Schema<?> schema = declared == null ? null : schemas.resolve(declared);
        return new RawBody(
                required,
                schema == null || schema.getMinLength() == null ? 0 : schema.getMinLength(),
                schema == null || schema.getMaxLength() == null ? Long.MAX_VALUE : schema.getMaxLength());
    }

    @Override
    public Future<Content> read(HttpCall call, String contentType, boolean known, long most) {
        // nothing of it is looked at
        return call.body(known, most).map(body -> new Content(0, () -> value(body)));
    }

    private Object value(Buffer body) {
        if (body.length() == 0 && required) {
            throw refused("is required");
        }
        if (body.length() > 0 && body.length() < shortest) {
            throw refused("must have at least %d bytes".formatted(shortest));
        }
        if (body.length() > longest) {
            throw refused("must not have more than %d bytes".formatted(longest));
        }
        return body.length() == 0 ? null : body.getBytes();
    }

    private static ProblemException refused(String reason) {
        return new ProblemException(Problems.validation("body", reason));
    }
}
