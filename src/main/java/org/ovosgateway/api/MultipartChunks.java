// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.ovosgateway.http.Chunks;

/** A {@code multipart/*} answer (RFC 2046, 5.1), part by part, each of them chunk by chunk. */
final class MultipartChunks implements Chunks {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String CONTENT_TYPE = "Content-Type";
    private static final String LINE = "\r\n";

    private final Elements parts;
    private final ContentPools pools;
    private final String boundary;
    private Chunks part;
    private boolean begun;
    private boolean over;
    private boolean closed;

    MultipartChunks(Elements parts, String boundary, ContentPools pools) {
        this.parts = parts;
        this.boundary = boundary;
        this.pools = pools;
    }

    /** A boundary that is in no part, as nobody can guess it. */
    static String newBoundary() {
        byte[] random = new byte[16];
        RANDOM.nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    @Override
    public Future<Buffer> next() {
        if (over) {
            return Future.succeededFuture();
        }
        if (part != null) {
            return part.next().compose(chunk -> {
                if (chunk != null) {
                    return Future.succeededFuture(chunk);
                }
                part.close();
                part = null;
                return next();
            });
        }
        return parts.next()
                .compose(element -> element == null ? Future.succeededFuture(end()) : begin(BodyPart.of(element)));
    }

    private Future<Buffer> begin(BodyPart next) {
        return AnswerBody.of(next.body(), type(next), pools).map(opened -> {
            if (closed) {
                opened.close();
                return null;
            }
            StringBuilder head = new StringBuilder(begun ? LINE : "")
                    .append("--")
                    .append(boundary)
                    .append(LINE);
            begun = true;
            field(head, CONTENT_TYPE, type(next));
            next.headers().forEach((name, value) -> {
                if (!name.equalsIgnoreCase(CONTENT_TYPE)) {
                    field(head, name, value);
                }
            });
            part = opened.chunks(0, opened.length());
            return Buffer.buffer(head.append(LINE).toString().getBytes(StandardCharsets.UTF_8));
        });
    }

    private static String type(BodyPart part) {
        return part.headers().entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(CONTENT_TYPE))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseGet(() -> AnswerBody.typeOf(part.body()));
    }

    private Buffer end() {
        over = true;
        return Buffer.buffer((begun ? LINE : "") + "--" + boundary + "--" + LINE);
    }

    private static void field(StringBuilder head, String name, String value) {
        head.append(name.replaceAll("[\\s:\0]", ""))
                .append(": ")
                .append(value.replaceAll("[\r\n\0]", " "))
                .append(LINE);
    }

    @Override
    public void close() {
        closed = true;
        if (part != null) {
            part.close();
        }
        parts.close();
    }
}
