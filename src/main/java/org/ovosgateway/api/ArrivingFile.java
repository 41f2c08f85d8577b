// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.file.Path;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import org.ovosgateway.http.Sender;
import org.ovosgateway.http.Uploads;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file while it arrives, on the event loop of its connection: a small one in memory, a larger one on disk. It is written
 * without blocking, and the body is read no faster than the disk takes it.
 */
public final class ArrivingFile {

    private static final Logger LOG = LoggerFactory.getLogger(ArrivingFile.class);

    /** Bytes of a file that stays in memory. */
    private static final int SMALL = 16 << 10;

    private final Sender sender;
    private Buffer memory = Buffer.buffer();
    private Uploads.Place place;
    private Future<AsyncFile> file;
    private AsyncFile open;
    private Future<Void> closed;
    private long length;
    private long onDisk;
    private boolean broken;

    public ArrivingFile(Sender sender) {
        this.sender = sender;
    }

    /** Takes the next bytes. */
    public void take(byte[] bytes) {
        length += bytes.length;
        if (length <= SMALL) {
            memory.appendBytes(bytes);
            return;
        }
        if (place == null) {
            place = sender.place();
            count(length);
            memory.appendBytes(bytes);
            sender.pauseBody();
            file = place.open(sender.vertx());
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
        sender.resumeBody();
    }

    private void write(Buffer bytes) {
        open.write(bytes).onFailure(this::broken);
        if (open.writeQueueFull()) {
            sender.pauseBody();
            open.drainHandler(v -> sender.resumeBody());
        }
    }

    private void broken(Throwable e) {
        if (!broken) {
            broken = true;
            LOG.warn("An uploaded file cannot be kept in {}: {}", place.path().getParent(), e.toString());
            sender.failBody(Uploads.unavailable());
        }
    }

    /** Ends the file: there are no more bytes, or nobody reads them. */
    public Future<Void> close() {
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

    public long length() {
        return length;
    }

    /** Bytes on disk. */
    public long onDisk() {
        return onDisk;
    }

    public Upload upload(String filename, String contentType) {
        Path path = place == null ? null : place.path();
        byte[] content = place == null ? memory.getBytes() : null;
        return new Upload(filename, contentType, content, path, length);
    }
}
