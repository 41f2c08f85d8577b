// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** Bodies of other kinds than JSON, for routes of tests. */
public final class TestAnswers {

    static final byte[] CONTENT = "0123456789abcdef".repeat(2_000).getBytes(StandardCharsets.UTF_8);
    static final int LONG = 3_000_000;

    static final AtomicBoolean streamClosed = new AtomicBoolean();
    static volatile EventStream events;

    public File file() throws IOException {
        Path file = Files.createTempFile("answer", ".txt");
        file.toFile().deleteOnExit();
        Files.write(file, CONTENT);
        // so that it is the same file for each call
        Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.fromMillis(1_000_000_000_000L));
        return file.toFile();
    }

    public Path lostFile() {
        return Path.of("target", "there-is-no-such-file");
    }

    public String lineBreak() {
        return "\r\n";
    }

    /** As long as it says, never at once, and not to be read by the event loop. */
    public InputStream stream() {
        streamClosed.set(false);
        return new InputStream() {
            private int left = LONG;

            @Override
            public int read() {
                throw new UnsupportedOperationException("a byte at a time would be slow");
            }

            @Override
            public int read(byte[] into, int from, int most) {
                if (io.vertx.core.Context.isOnEventLoopThread()) {
                    throw new IllegalStateException("blocks an event loop");
                }
                int some = Math.min(left, Math.min(most, 10_000));
                left -= some;
                return some == 0 ? -1 : some;
            }

            @Override
            public void close() {
                streamClosed.set(true);
            }
        };
    }

    public EventStream events() {
        EventStream stream = new EventStream(() -> {});
        stream.offer(Map.of("id", "42", "event", "press", "data", Map.of("button", "left")));
        events = stream;
        return stream;
    }

    public Stream<Object> lines() {
        return Stream.of(Map.of("a", 1), "two", 3);
    }

    public List<Object> parts() throws IOException {
        return List.of(
                Map.of("a", 1),
                new BodyPart(
                        Map.of("Content-Type", "audio/wav", "Content-ID", "<sound>"),
                        "RIFF".getBytes(StandardCharsets.UTF_8)),
                Map.of("body", file()));
    }
}
