// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import io.vertx.core.Future;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.ProblemException;

/** A body of {@code multipart/form-data}; the route gets a map of texts, typed by the schema, and of {@link Upload}s. */
record MultipartBody(boolean required, Fields fields) implements BodyReader {

    @Override
    public Future<Content> read(HttpCall call, String contentType, boolean known, long most) {
        MultipartForm form;
        try {
            form = new MultipartForm(call, contentType, fields);
        } catch (ProblemException e) {
            return Future.failedFuture(e);
        }
        return call.parts(known, most, form::part)
                .compose(all -> form.complete())
                .map(done -> new Content(form.size(), () -> {
                    var read = form.read();
                    if (read.isEmpty() && required) {
                        throw new ProblemException(Problems.validation("body", "is required"));
                    }
                    return read;
                }))
                .onFailure(form::abandon);
    }
}
