// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Pattern;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import org.ovosgateway.problem.Problem;

/**
 * The target of a request, taken as it was sent: a path has one spelling, and each other one is no path.
 *
 * <p>A proxy in front may allow and forbid paths. If {@code /v1//system/info} or {@code /v1/%73ystem/info} were taken for
 * {@code /v1/system/info}, its rules would not hold.
 */
public final class RequestTarget {

    /** RFC 3986, 3.3: what a path may have beside escapes and slashes. */
    private static final String OTHERS = "-._~!$&'()*+,;=:@";

    private static final Pattern ABSOLUTE = Pattern.compile("(?i)https?://" + StrictDecoder.HOST + "(?:[/?].*)?");
    /** A proxy may keep the scheme that its caller used. */
    private static final Set<String> SCHEMES = Set.of("https", "http");

    private static final String ALL_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    private RequestTarget() {}

    /** Why this target is none; null when it is one. */
    static Problem problemOf(HttpServerRequest request) {
        String target = request.uri();
        if (target == null) {
            return Problems.of(400);
        }
        if (request.version() == HttpVersion.HTTP_2 && !SCHEMES.contains(request.scheme())) {
            return malformed("The :scheme of the request must be https.");
        }
        if (target.equals("*") && request.method() == HttpMethod.OPTIONS) {
            // RFC 9110, 9.3.7: what the server can do in general, told as if it were a path
            return Problems.of(405).header("Allow", ALL_METHODS);
        }
        if (target.indexOf('#') >= 0
                || !target.startsWith("/") && !ABSOLUTE.matcher(target).matches()) {
            return malformed("The target of the request must be a path such as /v1/network/ping.");
        }
        return problemOf(request.path());
    }

    /** Whether requests may have this path; those with any other are refused. */
    public static boolean isPath(String path) {
        return path.startsWith("/") && problemOf(path) == null;
    }

    /** Why this path, as it was sent, is none; null when it is one. */
    static Problem problemOf(String path) {
        boolean escapes = false;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '%') {
                escapes = true;
                int octet = octet(path, i);
                if (octet < 0) {
                    return malformed("In the path a % must be followed by two hexadecimal digits.");
                }
                if (isUnreserved((char) octet) || octet == '/' || octet == '\\' || octet < ' ' || octet == 0x7f) {
                    return otherSpelling();
                }
                i += 2;
            } else if (c == '/') {
                if (isEmptyOrDots(path, i + 1)) {
                    return otherSpelling();
                }
            } else if (!isAlphanumeric(c) && OTHERS.indexOf(c) < 0) {
                return malformed("The path has a character that must be escaped (RFC 3986, 3.3).");
            }
        }
        return escapes && !isUtf8(path) ? malformed("The escapes of the path are not UTF-8.") : null;
    }

    /** Whether the part that begins here is empty, though not the last one, or one or two dots. */
    private static boolean isEmptyOrDots(String path, int start) {
        int end = path.indexOf('/', start);
        if (end == start) {
            return true;
        }
        int length = (end < 0 ? path.length() : end) - start;
        return (length == 1 || length == 2) && path.charAt(start) == '.' && path.charAt(start + length - 1) == '.';
    }

    private static int octet(String path, int percent) {
        if (percent + 2 >= path.length()) {
            return -1;
        }
        int high = hex(path.charAt(percent + 1));
        int low = hex(path.charAt(percent + 2));
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    /** Not {@link Character#digit}, which knows the digits of all scripts. */
    private static int hex(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    private static boolean isUtf8(String path) {
        ByteBuffer octets = ByteBuffer.allocate(path.length());
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) == '%') {
                octets.put((byte) octet(path, i));
                i += 2;
            } else {
                octets.put((byte) path.charAt(i));
            }
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(octets.flip());
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static boolean isUnreserved(char c) {
        return isAlphanumeric(c) || "-._~".indexOf(c) >= 0;
    }

    private static boolean isAlphanumeric(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    private static Problem otherSpelling() {
        return new Problem(
                "not-found",
                "Not found",
                404,
                "Paths are taken as they are sent: without empty parts, dots, and escapes of letters, digits or slashes.");
    }

    private static Problem malformed(String detail) {
        return new Problem("bad-request", "Bad request", 400, detail);
    }
}
