// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;

/**
 * A file of a multipart form, for as long as its request is served: in memory where it is small, else on disk.
 *
 * <p>A stream that was opened in that time can be read afterwards, such as the body of the answer.
 */
public final class Upload {

    private final String filename;
    private final String contentType;
    private final byte[] content;
    private final Path file;
    private final boolean part;
    private final long from;
    private final long size;

    Upload(String filename, String contentType, byte[] content, Path file, long size) {
        this(filename, contentType, content, file, false, 0, size);
    }

    private Upload(String filename, String contentType, byte[] content, Path file, boolean part, long from, long size) {
        this.filename = filename;
        this.contentType = contentType;
        this.content = content;
        this.file = file;
        this.part = part;
        this.from = from;
        this.size = size;
    }

    /** As the caller has named it, without folders; for a person to read, never for a path. */
    public String getFilename() {
        return filename;
    }

    /** As the caller says. */
    public String getContentType() {
        return contentType;
    }

    /** In bytes. */
    public long getSize() {
        return size;
    }

    /** A new stream of the bytes. */
    public InputStream getContent() throws IOException {
        return file == null || part
                ? new ByteBufInputStream(Unpooled.wrappedBuffer(bytes()))
                : Files.newInputStream(file);
    }

    /** The bytes, to be searched; those of a file are not in the heap. */
    public ByteBuffer bytes() throws IOException {
        if (file == null) {
            return ByteBuffer.wrap(content, (int) from, (int) size).slice().asReadOnlyBuffer();
        }
        try (FileChannel channel = FileChannel.open(file)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, from, size);
        }
    }

    /** A part of it, such as one of a form, which can be read for as long as all of it. */
    public Upload part(int at, int length) {
        return new Upload(filename, contentType, content, file, true, from + at, length);
    }

    /** Where its bytes are: a file, or the bytes; a stream of those of a part. */
    Object stored() {
        if (!part) {
            return file == null ? content : file;
        }
        try {
            return getContent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Nothing of the content. */
    @Override
    public String toString() {
        return "Upload[" + size + " bytes]";
    }
}
