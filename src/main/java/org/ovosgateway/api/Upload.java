// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

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
    private final long size;

    Upload(String filename, String contentType, byte[] content, Path file, long size) {
        this.filename = filename;
        this.contentType = contentType;
        this.content = content;
        this.file = file;
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
        return file == null ? new ByteArrayInputStream(content) : Files.newInputStream(file);
    }

    /** Where its bytes are: a file, or the bytes. */
    Object stored() {
        return file == null ? content : file;
    }

    /** Nothing of the content. */
    @Override
    public String toString() {
        return "Upload[" + size + " bytes]";
    }
}
