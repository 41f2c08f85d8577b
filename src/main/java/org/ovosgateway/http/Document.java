// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A file as it is sent, kept compressed.
 *
 * @param type its media type
 * @param gzip its content, compressed
 */
public record Document(String type, byte[] gzip) {

    /** Checksum and length of the content, which end each gzip file (RFC 1952, 2.3.1). */
    private static final int TRAILER = 8;

    public static Document of(String type, byte[] plain) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(plain.length / 3);
        try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
            out.write(plain);
        }
        return new Document(type, compressed.toByteArray());
    }

    /** The content, uncompressed while it is read. */
    public InputStream plain() throws IOException {
        return new GZIPInputStream(new ByteArrayInputStream(gzip));
    }

    /** Bytes of the content, uncompressed. */
    int plainLength() {
        return trailer().getInt(Integer.BYTES);
    }

    /** Weak, since it names the compressed and the plain form alike (RFC 9110, 8.8.3). */
    String etag() {
        return "W/\"%016x\"".formatted(trailer().getLong());
    }

    private ByteBuffer trailer() {
        return ByteBuffer.wrap(gzip, gzip.length - TRAILER, TRAILER).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Whether an {@code If-None-Match} header names this very content. */
    boolean isKnownTo(String ifNoneMatch) {
        String etag = etag();
        return ifNoneMatch != null
                && Arrays.stream(ifNoneMatch.split(","))
                        .map(String::strip)
                        .anyMatch(tag -> tag.equals("*") || tag.equals(etag) || ("W/" + tag).equals(etag));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Document document && Arrays.equals(gzip, document.gzip);
    }

    @Override
    public int hashCode() {
        return etag().hashCode();
    }

    @Override
    public String toString() {
        return type + ' ' + etag();
    }
}
