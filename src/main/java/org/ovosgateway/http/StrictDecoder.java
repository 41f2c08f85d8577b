// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.List;
import java.util.regex.Pattern;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.vertx.core.http.HttpServerOptions;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * Decodes the requests of an HTTP/1 connection behind a proxy that may read the same bytes in another way.
 *
 * <p>Where two readers can disagree on where a request ends or whom it is for, the second request may be a smuggled one
 * (RFC 9112, 11.2). Netty lets some of these pass; here they are refused, and nothing after them is parsed.
 */
final class StrictDecoder extends PacedDecoder {

    /** RFC 9110, 7.2: a host and perhaps a port, never a user. */
    static final String HOST = "(?:\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(?::\\d{0,5})?";

    private static final Pattern ONE_HOST = Pattern.compile(HOST);

    private static final Pattern LENGTH = Pattern.compile("\\d{1,18}");

    /** The last good one, which most of the other requests of a connection have too. */
    private String host;

    private int endOfWord;
    private boolean within;
    private boolean over;

    StrictDecoder(HttpServerOptions options) {
        super(options);
    }

    /** Reads no further request; what still arrives is thrown away. */
    void stop() {
        over = true;
    }

    /** Whether no further request may be served. */
    boolean isOver() {
        return over;
    }

    /** Whether a request has begun, and not ended. */
    boolean isWithin() {
        return within;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (over) {
            in.skipBytes(in.readableBytes());
            return;
        }
        int first = out.size();
        super.decode(ctx, in, out);
        for (int i = first; i < out.size(); i++) {
            HttpObject part = (HttpObject) out.get(i);
            if (part instanceof HttpRequest request && request.decoderResult().isSuccess()) {
                Problem problem = problemOf(request);
                if (problem != null) {
                    request.setProtocolVersion(HttpVersion.HTTP_1_1);
                    request.setDecoderResult(DecoderResult.failure(new ProblemException(problem)));
                }
            }
            within = !(part instanceof LastHttpContent);
            if (part.decoderResult().isFailure()) {
                within = true;
                over = true;
                in.skipBytes(in.readableBytes());
                out.subList(i + 1, out.size()).clear();
            }
        }
    }

    /** Netty would drop the length; a proxy may go by it. */
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new ProblemException(
                bad("The request has both Transfer-Encoding and Content-Length; send one of them (RFC 9112, 6.1)."));
    }

    @Override
    protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
        endOfWord = start + length;
        return super.splitFirstWordInitialLine(line, start, length);
    }

    @Override
    protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
        requireOneSpace(line, start);
        endOfWord = start + length;
        return super.splitSecondWordInitialLine(line, start, length);
    }

    @Override
    protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
        requireOneSpace(line, start);
        return super.splitThirdWordInitialLine(line, start, length);
    }

    private void requireOneSpace(byte[] line, int start) {
        if (start != endOfWord + 1 || line[endOfWord] != ' ') {
            throw new ProblemException(bad("The words of the request line must have one space between (RFC 9112, 3)."));
        }
    }

    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        if (length == 0) {
            throw new ProblemException(bad("A header has no name."));
        }
        return super.splitHeaderName(line, start, length);
    }

    private Problem problemOf(HttpRequest request) {
        HttpVersion version = request.protocolVersion();
        // the very constants: the letters are capitals (RFC 9112, 2.3)
        boolean old = version == HttpVersion.HTTP_1_0;
        if (!old && version != HttpVersion.HTTP_1_1) {
            return Problems.of(505);
        }
        HttpHeaders headers = request.headers();
        List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
        if (hosts.size() > 1 || hosts.isEmpty() && !old) {
            return bad("The request must have exactly one Host header (RFC 9112, 3.2).");
        }
        if (!hosts.isEmpty() && !hosts.get(0).equals(host)) {
            if (!ONE_HOST.matcher(hosts.get(0)).matches()) {
                return bad("The Host header is no host with an optional port (RFC 9110, 7.2).");
            }
            host = hosts.get(0);
        }
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        List<String> lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
        if (!codings.isEmpty()) {
            if (old || !lengths.isEmpty()) {
                return bad("Transfer-Encoding is not allowed in HTTP/1.0, nor beside Content-Length (RFC 9112, 6.1).");
            }
            if (codings.size() > 1 || !codings.get(0).equalsIgnoreCase("chunked")) {
                return Problems.of(501);
            }
        } else if (lengths.size() > 1
                || lengths.size() == 1 && !LENGTH.matcher(lengths.get(0)).matches()) {
            return bad("Content-Length must be one number of digits only (RFC 9112, 6.2).");
        }
        return null;
    }

    private static Problem bad(String detail) {
        return new Problem("bad-request", "Bad request", 400, detail);
    }
}
