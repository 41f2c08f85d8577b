// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.multipart.Attribute;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.FileUpload;
import io.netty.handler.codec.http.multipart.HttpPostMultipartRequestDecoder;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.EndOfDataDecoderException;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.TooLongFormFieldException;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.TooManyFormFieldsException;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import io.netty.handler.codec.http.multipart.MemoryFileUpload;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * A multipart form while it arrives, on the event loop of its connection.
 *
 * <p>Netty's decoder would keep files in memory, or write them on the event loop, and what it has decoded up to 10 MB. Here a
 * file leaves the decoder with each part of the body: a small one for memory, a larger one for a temporary file that is
 * written without waiting, while the body is read no faster than that goes.
 */
final class MultipartForm {

    /** Bytes of one text. */
    private static final int LONGEST_TEXT = 64 << 10;

    private static final int LONGEST_HEADERS = 8 << 10;
    private static final int LONGEST_NAME = 255;

    private final List<Part> parts = new ArrayList<>();
    private final HttpCall call;
    private final Fields fields;
    private final HttpPostMultipartRequestDecoder decoder;
    private long received;
    private long onDisk;
    private long held;
    private boolean over;

    /** @throws ProblemException 400 where the Content-Type has no boundary that can be used */
    MultipartForm(HttpCall call, String contentType, Fields fields) {
        this.call = call;
        this.fields = fields;
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/");
        request.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
        try {
            decoder = new HttpPostMultipartRequestDecoder(
                    new Factory(), request, StandardCharsets.UTF_8, Fields.MOST, LONGEST_HEADERS);
        } catch (RuntimeException e) {
            throw malformed("its Content-Type has no boundary that can be used");
        }
        decoder.setDiscardThreshold(0);
        // also where nobody reads what has arrived: its buffers are not in the heap
        call.onRelease(this::end);
    }

    /** Takes the next bytes. */
    void part(Buffer bytes) {
        received += bytes.length();
        try {
            decoder.offer(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes.getBytes())));
        } catch (RuntimeException e) {
            throw problem(e);
        }
        // what is not on disk is in memory, here or in the decoder
        long more = received - onDisk - held;
        if (more > 0) {
            call.hold(more);
            held += more;
        }
    }

    /** There are no more bytes. */
    Future<Void> complete() {
        try {
            decoder.offer(LastHttpContent.EMPTY_LAST_CONTENT);
            requireEnd();
        } catch (RuntimeException e) {
            return Future.failedFuture(problem(e));
        }
        return Future.join(parts.stream().map(Part::close).toList()).mapEmpty();
    }

    /** The decoder does not mind when the last boundary is missing. */
    private void requireEnd() {
        try {
            while (decoder.hasNext()) {
                if (decoder.next() == null) {
                    break;
                }
            }
        } catch (EndOfDataDecoderException all) {
            return;
        }
        if (received > 0) {
            throw malformed("it ends before its last boundary");
        }
    }

    /** Bytes to be looked at. */
    long size() {
        return received - onDisk;
    }

    /**
     * What the route gets.
     *
     * @throws ProblemException 400 or 422
     */
    Map<String, Object> read() {
        Map<String, List<String>> texts = new LinkedHashMap<>();
        Map<String, List<Upload>> files = new LinkedHashMap<>();
        try {
            for (InterfaceHttpData data : received == 0 ? List.<InterfaceHttpData>of() : decoder.getBodyHttpDatas()) {
                if (data instanceof Part part && part.file != null) {
                    if (!part.isNothing()) {
                        files.computeIfAbsent(data.getName(), n -> new ArrayList<>())
                                .add(part.upload());
                    }
                } else {
                    String text = data instanceof Part part
                            ? part.text.toString(StandardCharsets.UTF_8)
                            : ((Attribute) data).getString(StandardCharsets.UTF_8);
                    requireText(data.getName());
                    texts.computeIfAbsent(data.getName(), n -> new ArrayList<>())
                            .add(text);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("what is in memory can be read", e);
        } finally {
            end();
        }
        files.keySet().stream().filter(texts::containsKey).findFirst().ifPresent(name -> {
            throw new ProblemException(Problems.validation(name, "is given as a text and as a file"));
        });
        return fields.read(texts, files);
    }

    private void requireText(String name) {
        if (!fields.isText(name)) {
            throw new ProblemException(Problems.validation(name, "must be sent as a file, with a filename"));
        }
    }

    /** Nobody wants the rest of it. */
    void abandon(Throwable why) {
        parts.forEach(Part::close);
        end();
    }

    private void end() {
        if (!over) {
            over = true;
            decoder.destroy();
        }
    }

    private static ProblemException problem(RuntimeException e) {
        if (e instanceof ProblemException problem) {
            return problem;
        }
        if (e instanceof TooManyFormFieldsException) {
            return tooLarge("a form may have %d parts".formatted(Fields.MOST));
        }
        if (e instanceof TooLongFormFieldException) {
            return tooLarge("the headers of a part may have %d bytes".formatted(LONGEST_HEADERS));
        }
        if (e.getCause() instanceof IOException) {
            return tooLarge("a part without a filename may have %d bytes".formatted(LONGEST_TEXT));
        }
        return malformed("its parts cannot be told apart");
    }

    private static ProblemException malformed(String why) {
        return new ProblemException(Problems.malformedForm(why));
    }

    private static ProblemException tooLarge(String why) {
        return new ProblemException(
                new Problem("content-too-large", "Content too large", 413, "The body is too large: " + why + ".")
                        .header("Connection", "close"));
    }

    /** Texts stay in memory, files do not. */
    private final class Factory extends DefaultHttpDataFactory {

        Factory() {
            super(false, StandardCharsets.UTF_8);
            setMaxLimit(LONGEST_TEXT);
        }

        @Override
        public FileUpload createFileUpload(
                HttpRequest request,
                String name,
                String filename,
                String contentType,
                String contentTransferEncoding,
                Charset charset,
                long size) {
            boolean file = fields.isFile(name);
            if (!file && !fields.isText(name)) {
                throw new ProblemException(Problems.validation(name, "is not a file"));
            }
            Part part = new Part(name, filename, contentType, contentTransferEncoding, charset, !file);
            parts.add(part);
            return part;
        }
    }

    /** A file, or a text that is sent like one. */
    private final class Part extends MemoryFileUpload {

        private final Buffer text;
        private final ArrivingFile file;

        Part(String name, String filename, String type, String encoding, Charset charset, boolean isText) {
            super(name, filename, type, encoding, charset, 0);
            this.text = isText ? Buffer.buffer() : null;
            this.file = isText ? null : new ArrivingFile(call);
        }

        @Override
        public void addContent(ByteBuf buffer, boolean last) throws IOException {
            if (buffer != null) {
                byte[] bytes = new byte[buffer.readableBytes()];
                buffer.readBytes(bytes);
                buffer.release();
                take(bytes);
            }
            super.addContent(Unpooled.EMPTY_BUFFER, last);
        }

        private void take(byte[] bytes) {
            if (file != null) {
                long before = file.onDisk();
                file.take(bytes);
                onDisk += file.onDisk() - before;
            } else if (text.length() + bytes.length > LONGEST_TEXT) {
                throw tooLarge("the part '%s' may have %d bytes".formatted(getName(), LONGEST_TEXT));
            } else {
                text.appendBytes(bytes);
            }
        }

        private Future<Void> close() {
            return file == null ? Future.succeededFuture() : file.close();
        }

        /** A field for a file of a web page, in which nothing was chosen. */
        private boolean isNothing() {
            return file.length() == 0 && getFilename().isEmpty();
        }

        private Upload upload() {
            return file.upload(plain(getFilename()), getContentType());
        }
    }

    /** Browsers have sent whole paths, others send what is none. */
    private static String plain(String filename) {
        String last = filename.substring(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1)
                .replaceAll("\\p{Cntrl}", "");
        return last.length() > LONGEST_NAME ? last.substring(0, LONGEST_NAME) : last;
    }
}
