// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.ovosgateway.Json;
import org.ovosgateway.http.Chunks;

/** How the elements of a series are written one after the other, by the media type of the answer. */
enum SeriesFormat {

    /** {@code text/event-stream}, server-sent events. */
    EVENTS {
        @Override
        Buffer write(Object element) {
            if (element instanceof Buffer encoded) {
                return encoded;
            }
            ServerSentEvent event = ServerSentEvent.of(element);
            StringBuilder text = new StringBuilder();
            field(text, "id", event.id());
            field(text, "event", event.event());
            if (event.retry() != null) {
                field(text, "retry", event.retry().toString());
            }
            if (event.data() != null) {
                String data = event.data() instanceof String plain
                        ? plain
                        : new String(json(event.data()), StandardCharsets.UTF_8);
                for (String line : data.split("\r\n|\r|\n", -1)) {
                    field(text, "data", line);
                }
            }
            return Buffer.buffer(text.append('\n').toString());
        }

        @Override
        Buffer heartbeat() {
            return Buffer.buffer(":\n\n");
        }
    },

    /** One JSON value a line. */
    LINES {
        @Override
        Buffer write(Object element) {
            return Buffer.buffer(json(element)).appendByte((byte) '\n');
        }

        @Override
        Buffer heartbeat() {
            return Buffer.buffer("\n");
        }
    },

    /** Bytes and texts as they are. */
    BYTES {
        @Override
        Buffer write(Object element) {
            if (element instanceof Buffer buffer) {
                return buffer;
            }
            if (element instanceof byte[] bytes) {
                return Buffer.buffer(bytes);
            }
            if (element instanceof ByteBuffer buffer) {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                return Buffer.buffer(bytes);
            }
            if (element instanceof String text) {
                return Buffer.buffer(text.getBytes(StandardCharsets.UTF_8));
            }
            throw new IllegalStateException(
                    "The answer is neither events nor JSON lines by its media type, so it is made"
                            + " of bytes or texts, not of " + element.getClass().getName());
        }

        @Override
        Buffer heartbeat() {
            return null;
        }
    };

    private static final Set<String> JSON_LINES =
            Set.of("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines");

    /** The one of this media type, whose parameters do not matter. */
    static SeriesFormat of(String mediaType) {
        String type =
                mediaType == null ? "" : mediaType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return type.equals("text/event-stream") ? EVENTS : JSON_LINES.contains(type) ? LINES : BYTES;
    }

    abstract Buffer write(Object element);

    /** What keeps the connection alive; null for nothing. */
    abstract Buffer heartbeat();

    /** The series, written as it is made. */
    Chunks chunks(Elements elements) {
        return new Chunks() {
            @Override
            public Future<Buffer> next() {
                return elements.next().map(element -> element == null ? null : write(element));
            }

            @Override
            public void close() {
                elements.close();
            }

            @Override
            public Buffer heartbeat() {
                return SeriesFormat.this.heartbeat();
            }

            @Override
            public boolean isEndless() {
                return SeriesFormat.this != BYTES;
            }
        };
    }

    static byte[] json(Object value) {
        try {
            return Json.PLAIN.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The route's body can't be written as JSON: " + value.getClass(), e);
        }
    }

    /** In a field a line break would begin another one. */
    private static void field(StringBuilder text, String name, String value) {
        if (value != null) {
            text.append(name)
                    .append(": ")
                    .append(value.replaceAll("[\r\n\0]", " "))
                    .append('\n');
        }
    }
}
