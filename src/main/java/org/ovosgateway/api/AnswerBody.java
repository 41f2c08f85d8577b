// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.concurrent.Flow;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.impl.MimeMapping;
import org.apache.camel.WrappedFile;
import org.ovosgateway.http.Chunks;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.ProblemException;

/** Bytes that an answer consists of, and what is known of them. Not more than a chunk of them is in memory. */
interface AnswerBody {

    String BYTES = "application/octet-stream";

    /** Bytes, or -1. */
    default long length() {
        return -1;
    }

    /** When it has changed, or null. */
    default Instant modified() {
        return null;
    }

    /** A tag for this very content (RFC 9110, 8.8.3), or null. */
    default String etag() {
        return null;
    }

    /** Reads this part of it, once; frees the content when it is closed. */
    Chunks chunks(long from, long length);

    /** Frees it, where it is not read. */
    void close();

    /** Bytes in memory. */
    record Bytes(Buffer bytes) implements AnswerBody {

        private static final int CHUNK = 16 << 10;

        @Override
        public long length() {
            return bytes.length();
        }

        @Override
        public Chunks chunks(long from, long length) {
            return new Chunks() {
                private int at = (int) from;
                private final int end = (int) (from + length);

                @Override
                public Future<Buffer> next() {
                    if (at == end) {
                        return Future.succeededFuture();
                    }
                    int start = at;
                    at = Math.min(end, at + CHUNK);
                    return Future.succeededFuture(bytes.getBuffer(start, at));
                }

                @Override
                public void close() {
                    // nothing to free
                }
            };
        }

        @Override
        public void close() {
            // nothing to free
        }
    }

    /** A file, as it was when it was opened. */
    record Stored(FileChannel file, long length, Instant modified, ContentPools pools) implements AnswerBody {

        private static final int CHUNK = 16 << 10;

        /**
         * Opens a file; blocks.
         *
         * @throws NoSuchFileException also for a folder, a pipe or a device
         */
        static Stored open(Path path, ContentPools pools) throws IOException {
            // before it is opened: opening a pipe waits until somebody writes into it
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                throw new NoSuchFileException(path.toString());
            }
            FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
            try {
                return new Stored(
                        file, file.size(), attributes.lastModifiedTime().toInstant(), pools);
            } catch (IOException e) {
                file.close();
                throw e;
            }
        }

        @Override
        public String etag() {
            return "\"%x-%x\"".formatted(modified.toEpochMilli(), length);
        }

        @Override
        public Chunks chunks(long from, long length) {
            return new Chunks() {
                private final long end = from + length;
                private long at = from;

                @Override
                public Future<Buffer> next() {
                    if (at == end) {
                        return Future.succeededFuture();
                    }
                    return pools.readFile(() -> {
                        byte[] chunk = new byte[(int) Math.min(CHUNK, end - at)];
                        ByteBuffer buffer = ByteBuffer.wrap(chunk);
                        while (buffer.hasRemaining()) {
                            if (file.read(buffer, at + buffer.position()) < 0) {
                                throw new IOException("The file has become shorter");
                            }
                        }
                        at += chunk.length;
                        return Buffer.buffer(chunk);
                    });
                }

                @Override
                public void close() {
                    Stored.this.close();
                }
            };
        }

        @Override
        public void close() {
            pools.free(() -> closeQuietly(file));
        }
    }

    /** A stream of another party, which may block for as long as it likes. */
    record Streamed(InputStream stream, ContentPools pools) implements AnswerBody {

        private static final int CHUNK = 16 << 10;

        @Override
        public Chunks chunks(long from, long length) {
            return new Chunks() {
                @Override
                public Future<Buffer> next() {
                    return pools.read(() -> {
                        // as much as has arrived: it does not wait for more
                        byte[] chunk = new byte[CHUNK];
                        int read = stream.read(chunk);
                        return read < 0 ? null : Buffer.buffer(read).appendBytes(chunk, 0, read);
                    });
                }

                @Override
                public void close() {
                    Streamed.this.close();
                }
            };
        }

        @Override
        public void close() {
            pools.free(() -> closeQuietly(stream));
        }
    }

    /** A series that is made while it is sent. */
    record Series(Elements elements, SeriesFormat format) implements AnswerBody {

        @Override
        public Chunks chunks(long from, long length) {
            return format.chunks(elements);
        }

        @Override
        public void close() {
            elements.close();
        }
    }

    /** Parts, one after the other. */
    record Multipart(Elements parts, String boundary, ContentPools pools) implements AnswerBody {

        @Override
        public Chunks chunks(long from, long length) {
            return new MultipartChunks(parts, boundary, pools);
        }

        @Override
        public void close() {
            parts.close();
        }
    }

    /**
     * What a route has left as a body.
     *
     * @param type media type of the answer, by which a series is written
     * @return fails with a problem 404 where a file does not exist
     */
    static Future<AnswerBody> of(Object body, String type, ContentPools pools) {
        Path path = path(body);
        if (path != null) {
            return pools.<AnswerBody>readFile(() -> Stored.open(path, pools))
                    .recover(failure -> Future.failedFuture(
                            failure instanceof NoSuchFileException ? new ProblemException(Problems.of(404)) : failure));
        }
        try {
            return Future.succeededFuture(inMemory(body, type, pools));
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    private static AnswerBody inMemory(Object body, String type, ContentPools pools) {
        if (body instanceof InputStream stream) {
            return new Streamed(stream, pools);
        }
        if (Elements.isSeries(body)) {
            return new Series(Elements.of(body, pools), SeriesFormat.of(type));
        }
        return new Bytes(bytes(body));
    }

    /** Whether it cannot be written as a whole. */
    static boolean isLong(Object body) {
        return path(body) != null
                || body instanceof InputStream && !(body instanceof ByteArrayInputStream)
                || body instanceof Flow.Publisher<?>;
    }

    /** The media type of a body of which nothing else is known. */
    static String typeOf(Object body) {
        if (body instanceof String) {
            return "text/plain; charset=utf-8";
        }
        Path path = path(body);
        if (path != null) {
            String type = MimeMapping.getMimeTypeForFilename(path.getFileName().toString());
            return type == null ? BYTES : type;
        }
        return isLong(body) || body instanceof byte[] || body instanceof Buffer ? BYTES : Success.JSON;
    }

    static Buffer bytes(Object body) {
        if (body instanceof Buffer buffer) {
            return buffer;
        }
        if (body instanceof byte[] bytes) {
            return Buffer.buffer(bytes);
        }
        if (body instanceof String string) {
            return Buffer.buffer(string.getBytes(StandardCharsets.UTF_8));
        }
        if (body instanceof ByteArrayInputStream stream) {
            return Buffer.buffer(stream.readAllBytes());
        }
        return Buffer.buffer(SeriesFormat.json(body));
    }

    private static Path path(Object body) {
        if (body instanceof Path path) {
            return path;
        }
        if (body instanceof File file) {
            return file.toPath();
        }
        return body instanceof WrappedFile<?> wrapped ? path(wrapped.getFile()) : null;
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // nobody reads it any more
        }
    }
}
