// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import io.vertx.core.Future;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.ProblemException;

/** A body that the route gets as an {@link Upload}, like a file of a form; {@code x-upload: true}. */
record FileBody(boolean required) implements BodyReader {

    @Override
    public Future<Content> read(HttpCall call, String contentType, boolean known, long most) {
        ArrivingFile file = new ArrivingFile(call);
        long[] held = new long[1];
        return call.parts(known, most, part -> {
                    file.take(part.getBytes());
                    long more = file.length() - file.onDisk() - held[0];
                    if (more > 0) {
                        call.hold(more);
                        held[0] += more;
                    }
                })
                .compose(all -> file.close())
                .map(done -> new Content(0, () -> value(file, contentType)))
                .onFailure(why -> file.close());
    }

    private Object value(ArrivingFile file, String contentType) {
        if (file.length() == 0) {
            if (required) {
                throw new ProblemException(Problems.validation("body", "is required"));
            }
            return null;
        }
        return file.upload("", contentType);
    }
}
