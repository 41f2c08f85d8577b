// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;

/**
 * Decodes the requests of an HTTP/1 connection one at a time.
 *
 * <p>Vert.x reads on while an answer is awaited or not taken, and makes an object of each request: a few MB of requests
 * that are sent ahead would fill the heap. Here the next request is not decoded, and soon nothing more is read, until the
 * answer before it is made, and until most of it is taken. A head is decoded when it is there as a whole, because half of one
 * costs less as bytes.
 */
abstract class PacedDecoder extends VertxHttpRequestDecoder {

    /** Apache has the same default. */
    private static final int MAX_FIELDS = 100;

    /** So short a head can't have too many fields. */
    private static final int FEW = 4 * MAX_FIELDS;

    private static final int EMPTY_LINE = 0x0d0a0d0a;
    private static final int MAX_READ = 8 << 10;
    private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(8 << 10, 32 << 10);

    private final int maxHead;
    private ChannelHandlerContext context;
    private boolean answering;
    private boolean inBody;
    private boolean held;
    private int scanned;
    private int lines;
    private int lineLength;

    PacedDecoder(HttpServerOptions options) {
        super(options);
        maxHead = options.getMaxInitialLineLength() + options.getMaxHeaderSize();
    }

    /** Bounds what a connection reads at a time, and what may wait to be sent before it reads no more. */
    static void limit(Channel channel) {
        channel.config()
                .setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(64, 1 << 10, MAX_READ))
                .setWriteBufferWaterMark(UNSENT);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        context = ctx;
        limit(ctx.channel());
        super.handlerAdded(ctx);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (!inBody) {
            if (answering || !ctx.channel().isWritable()) {
                held = true;
                ctx.channel().config().setAutoRead(false);
                return;
            }
            if (!hasHead(in)) {
                return;
            }
        }
        int before = out.size();
        super.decode(ctx, in, out);
        for (int i = before; i < out.size(); i++) {
            if (out.get(i) instanceof HttpRequest request) {
                answering = true;
                inBody = true;
                limitFields(request);
                scanned = 0;
                lines = 0;
                lineLength = 0;
            }
            if (out.get(i) instanceof LastHttpContent) {
                inBody = false;
            }
        }
    }

    /** Whether the empty line after the headers is there, or it will not come within the limits. */
    private boolean hasHead(ByteBuf in) {
        int length = in.readableBytes();
        if (length <= FEW && scanned == 0 && length > 4 && in.getInt(in.writerIndex() - 4) == EMPTY_LINE) {
            // as nearly all of them are; the look at each byte costs more than all the rest of it
            return true;
        }
        while (scanned < length) {
            byte b = in.getByte(in.readerIndex() + scanned++);
            if (b == '\n') {
                if (lineLength == 0 && lines > 0) {
                    scanned = 0;
                    return true;
                }
                lines += lineLength > 0 ? 1 : 0;
                lineLength = 0;
            } else if (b != '\r') {
                lineLength++;
            }
        }
        return length > maxHead;
    }

    private void limitFields(HttpRequest request) {
        if (lines - 1 > MAX_FIELDS) {
            request.headers().clear();
            request.setDecoderResult(DecoderResult.failure(
                    new TooLongHttpHeaderException("There are more than " + MAX_FIELDS + " header fields")));
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        if (held) {
            // the decoder would ask for more
            ctx.fireChannelReadComplete();
        } else {
            super.channelReadComplete(ctx);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
        super.channelWritabilityChanged(ctx);
        goOn();
    }

    /** Decodes what was held, unless there is still a reason to hold it. */
    private void goOn() {
        if (!held || answering || !context.channel().isWritable() || context.isRemoved()) {
            return;
        }
        held = false;
        try {
            channelRead(context, Unpooled.EMPTY_BUFFER);
            if (!held) {
                context.channel().config().setAutoRead(true);
            }
            channelReadComplete(context);
        } catch (Exception e) {
            context.fireExceptionCaught(e);
        }
    }

    /** The answer before the next request has been made. */
    void answered() {
        answering = false;
        if (held) {
            // after this answer is written
            context.executor().execute(this::goOn);
        }
    }
}
