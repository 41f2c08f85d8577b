// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.file.Path;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.http.Uploads;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file while it arrives, on the event loop of its connection: a small one in memory, a larger one on disk. It is written
 * without blocking, and the body is read no faster than the disk takes it.
 */
final class ArrivingFile {

    private static final Logger LOG = LoggerFactory.getLogger(ArrivingFile.class);

    /** Bytes of a file that stays in memory. */
    private static final int SMALL = 16 << 10;

    private final HttpCall call;
    private Buffer memory = Buffer.buffer();
    private Uploads.Place place;
    private Future<AsyncFile> file;
    private AsyncFile open;
    private Future<Void> closed;
    private long length;
    private long onDisk;
    private boolean broken;

    ArrivingFile(HttpCall call) {
        this.call = call;
    }

    /** Takes the next bytes. */
    void take(byte[] bytes) {
        length += bytes.length;
        if (length <= SMALL) {
            memory.appendBytes(bytes);
            return;
        }
        if (place == null) {
            place = call.place();
            count(length);
            memory.appendBytes(bytes);
            call.pauseBody();
            file = place.open(call.vertx());
            file.onSuccess(this::opened).onFailure(this::broken);
            return;
        }
        count(bytes.length);
        if (open == null) {
            memory.appendBytes(bytes);
        } else {
            write(Buffer.buffer(bytes));
        }
    }

    private void count(long bytes) {
        place.take(bytes);
        onDisk += bytes;
    }

    private void opened(AsyncFile now) {
        open = now;
        open.exceptionHandler(this::broken);
        write(memory);
        memory = null;
        call.resumeBody();
    }

    private void write(Buffer bytes) {
        open.write(bytes).onFailure(this::broken);
        if (open.writeQueueFull()) {
            call.pauseBody();
            open.drainHandler(v -> call.resumeBody());
        }
    }

    private void broken(Throwable e) {
        if (!broken) {
            broken = true;
            LOG.warn("An uploaded file cannot be kept in {}: {}", place.path().getParent(), e.toString());
            call.failBody(Uploads.unavailable());
        }
    }

    /** Ends the file: there are no more bytes, or nobody reads them. */
    Future<Void> close() {
        if (file == null) {
            return Future.succeededFuture();
        }
        if (closed == null) {
            closed = file.compose(AsyncFile::close)
                    .transform(done -> broken || done.failed()
                            ? Future.failedFuture(Uploads.unavailable())
                            : Future.succeededFuture());
        }
        return closed;
    }

    long length() {
        return length;
    }

    /** Bytes on disk. */
    long onDisk() {
        return onDisk;
    }

    Upload upload(String filename, String contentType) {
        Path path = place == null ? null : place.path();
        byte[] content = place == null ? memory.getBytes() : null;
        return new Upload(filename, contentType, content, path, length);
    }
}
