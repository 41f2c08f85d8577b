// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * Bytes in the data of a message, as a text. They are read and encoded while the message is written, so they are never in
 * memory as a whole. A route gives one to {@code ovos:} as a value of {@code data.}.
 */
public final class Attachment {

    /** How bytes become text. */
    public enum Encoding {
        BASE64(Base64.getEncoder()::encodeToString, bytes -> (bytes + 2) / 3 * 4),
        HEX(HexFormat.of()::formatHex, bytes -> bytes * 2);

        private final Function<byte[], String> encoder;
        private final LongUnaryOperator length;

        Encoding(Function<byte[], String> encoder, LongUnaryOperator length) {
            this.encoder = encoder;
            this.length = length;
        }
    }

    /** Opens the bytes, once, on a worker. */
    public interface Source {
        InputStream open() throws IOException;
    }

    /** Bytes that are encoded at a time: a multiple of three, so that the texts of base64 can be joined. */
    private static final int CHUNK = 3 << 15;

    /** Bytes for the message around the text. */
    private static final int ENVELOPE = 4 << 10;

    private final Source source;
    private final long size;
    private final Encoding encoding;

    /** @param size of all that the source gives, in bytes */
    public Attachment(Source source, long size, Encoding encoding) {
        this.source = source;
        this.size = size;
        this.encoding = encoding;
    }

    /** Bytes that are in memory already. */
    public Attachment(byte[] bytes, Encoding encoding) {
        this(() -> new ByteArrayInputStream(bytes), bytes.length, encoding);
    }

    InputStream open() throws IOException {
        return source.open();
    }

    /** The text of the next bytes; empty at the end. */
    String next(InputStream in) throws IOException {
        return encoding.encoder.apply(in.readNBytes(CHUNK));
    }

    /** The attachment in these data, with its key; null where there is none. */
    static Map.Entry<String, Attachment> in(ObjectNode data) {
        for (Map.Entry<String, JsonNode> entry : data.properties()) {
            if (entry.getValue() instanceof POJONode value && value.getPojo() instanceof Attachment attachment) {
                return Map.entry(entry.getKey(), attachment);
            }
        }
        return null;
    }

    /**
     * Refuses an attachment that is too large for the bus of a device, which would end the connection.
     *
     * @throws ProblemException 413
     */
    static void requireRoom(ObjectNode data, Device device) {
        Map.Entry<String, Attachment> member = in(data);
        long most = device.bus().maxSentSize().toBytes() - ENVELOPE;
        if (member != null && member.getValue().length() > most) {
            Encoding encoding = member.getValue().encoding;
            throw new ProblemException(new Problem(
                    "content-too-large",
                    "Content too large",
                    413,
                    ("It has %d bytes, and %d are the most that fit into a message to '%s', as %s (max-sent-size of the device,"
                                    + " %d KB). Send less at a time, or a compressed format.")
                            .formatted(
                                    member.getValue().size,
                                    most / encoding.length.applyAsLong(3) * 3,
                                    device.name(),
                                    encoding.name().toLowerCase(Locale.ROOT),
                                    device.bus().maxSentSize().toKilobytes())));
        }
    }

    /** Characters of its text. */
    long length() {
        return encoding.length.applyAsLong(size);
    }

    /** The size only: the history shows this in place of the content. */
    @JsonValue
    @Override
    public String toString() {
        return "Attachment[" + size + " bytes]";
    }
}
