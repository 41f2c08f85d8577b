// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.avs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.ovosgateway.api.Upload;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.ProblemException;

/**
 * A form as clients of the Alexa Voice Service write it: a part has any name, a file may have none, and the line break before
 * the last boundary may be missing.
 */
final class MultipartRequest {

    private static final int MOST_PARTS = 8;
    private static final int LONGEST_HEADERS = 4 << 10;
    private static final Pattern BOUNDARY = Pattern.compile(
            "(?i)multipart/form-data\\s*;(?:.*;)?\\s*boundary=(?:\"([^\"]{1,70})\"|([^\\s;\"]{1,70})).*");
    private static final Pattern TYPE = Pattern.compile("(?im)^content-type:[ \\t]*([^\\r\\n]*)");
    private static final Pattern NAME = Pattern.compile("(?i)\\b(?:file)?name=(?:\"([^\"]*)\"|([^\\s;]+))");
    private static final byte[] HEADERS_END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final List<Part> parts = new ArrayList<>();

    /**
     * One part.
     *
     * @param type its Content-Type, in small letters; empty where it has none
     * @param names its name, and that of its file
     */
    record Part(String type, Set<String> names, Upload content) {}

    /** @throws ProblemException 400 where the parts cannot be told apart */
    MultipartRequest(Upload body, String contentType) throws IOException {
        Matcher matcher = BOUNDARY.matcher(contentType == null ? "" : contentType.strip());
        if (!matcher.matches()) {
            throw malformed("its Content-Type has no boundary that can be used");
        }
        String boundary = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        byte[] delimiter = ("--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer bytes = body.bytes();
        int begin = next(bytes, delimiter, 0);
        while (begin >= 0 && !isLast(bytes, begin + delimiter.length)) {
            int end = next(bytes, delimiter, begin + delimiter.length);
            if (end < 0 || parts.size() == MOST_PARTS) {
                throw malformed(end < 0 ? "it ends before its last boundary" : "it has too many parts");
            }
            add(body, bytes, begin + delimiter.length, end);
            begin = end;
        }
        if (begin < 0) {
            throw malformed("it has no boundary");
        }
    }

    List<Part> parts() {
        return parts;
    }

    /** The next boundary: it begins a line, or is the last one. */
    private static int next(ByteBuffer bytes, byte[] delimiter, int from) {
        int at = indexOf(bytes, delimiter, from, bytes.limit());
        while (at > 0 && bytes.get(at - 1) != '\n' && !isLast(bytes, at + delimiter.length)) {
            at = indexOf(bytes, delimiter, at + 1, bytes.limit());
        }
        return at;
    }

    private static boolean isLast(ByteBuffer bytes, int at) {
        return at + 1 < bytes.limit() && bytes.get(at) == '-' && bytes.get(at + 1) == '-';
    }

    private void add(Upload body, ByteBuffer bytes, int from, int end) {
        int headersEnd = indexOf(bytes, HEADERS_END, from, Math.min(end, from + LONGEST_HEADERS));
        if (headersEnd < 0) {
            throw malformed("a part has no headers, or too long ones");
        }
        byte[] head = new byte[headersEnd - from];
        bytes.get(from, head);
        String headers = new String(head, StandardCharsets.UTF_8);
        Matcher type = TYPE.matcher(headers);
        Set<String> names = new TreeSet<>();
        NAME.matcher(headers)
                .results()
                .forEach(found -> names.add(found.group(1) == null ? found.group(2) : found.group(1)));
        int content = headersEnd + HEADERS_END.length;
        boolean line = end - content >= 2 && bytes.get(end - 2) == '\r' && bytes.get(end - 1) == '\n';
        int length = Math.max(0, end - content - (line ? 2 : 0));
        parts.add(
                new Part(type.find() ? type.group(1).toLowerCase(Locale.ROOT) : "", names, body.part(content, length)));
    }

    /** In linear time, whatever the bytes are. */
    private static int indexOf(ByteBuffer bytes, byte[] wanted, int from, int to) {
        if (to - from < wanted.length) {
            return -1;
        }
        int found = ByteBufUtil.indexOf(
                Unpooled.wrappedBuffer(wanted), Unpooled.wrappedBuffer(bytes.slice(from, to - from)));
        return found < 0 ? -1 : from + found;
    }

    private static ProblemException malformed(String why) {
        return new ProblemException(Problems.malformedForm(why));
    }
}
