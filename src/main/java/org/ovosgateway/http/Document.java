// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A file as it is sent, kept compressed.
 *
 * @param type its media type
 * @param gzip its content, compressed
 * @param etag weak, since it names the compressed and the plain form alike (RFC 9110, 8.8.3)
 */
record Document(String type, byte[] gzip, String etag) {

    static Document of(String type, byte[] plain) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(plain.length / 3);
        try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
            out.write(plain);
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(plain);
            return new Document(
                    type, compressed.toByteArray(), "W/\"" + HexFormat.of().formatHex(hash, 0, 12) + '"');
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    byte[] plain() throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            return in.readAllBytes();
        }
    }

    /** Whether an {@code If-None-Match} header names this very content. */
    boolean isKnownTo(String ifNoneMatch) {
        return ifNoneMatch != null
                && Arrays.stream(ifNoneMatch.split(","))
                        .map(String::strip)
                        .anyMatch(tag -> tag.equals("*") || tag.equals(etag) || ("W/" + tag).equals(etag));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Document document && etag.equals(document.etag);
    }

    @Override
    public int hashCode() {
        return etag.hashCode();
    }

    @Override
    public String toString() {
        return type + ' ' + etag;
    }
}
