// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.concurrent.TimeUnit;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Ends an HTTP/1 connection with the answer that has {@code Connection: close}, as RFC 9112, 9.6 wants it.
 *
 * <p>Vert.x looks only at what the request has said, and would serve on. No further request is served; and where the
 * caller may still be sending, only our half is closed at first: a connection that is closed with bytes unread takes the
 * answer with it, and the caller never learns why.
 */
final class LastAnswer extends ChannelOutboundHandlerAdapter {

    private static final AttributeKey<StrictDecoder> DECODER = AttributeKey.valueOf(StrictDecoder.class, "decoder");
    private static final long LINGER_SECONDS = 2;

    private final StrictDecoder decoder;
    private boolean lingering;

    private LastAnswer(StrictDecoder decoder) {
        this.decoder = decoder;
    }

    /** Has a new connection decoded strictly, and closed when its last answer is out; one of HTTP/2 is paced only. */
    static void install(HttpConnection connection, HttpServerOptions options) {
        Channel channel = ((ConnectionBase) connection).channel();
        ChannelPipeline pipeline = channel.pipeline();
        if (pipeline.get("httpDecoder") != null) {
            StrictDecoder decoder = new StrictDecoder(options);
            channel.attr(DECODER).set(decoder);
            pipeline.replace("httpDecoder", "httpDecoder", decoder);
            pipeline.addBefore("handler", "lastAnswer", new LastAnswer(decoder));
        } else {
            pipeline.addBefore("handler", "pacedFrames", new PacedFrames());
        }
    }

    /** Whether the last answer of this connection is out; requests that had been read before are not served any more. */
    static boolean isOut(HttpConnection connection) {
        // a closed channel has no pipeline any more
        StrictDecoder decoder =
                ((ConnectionBase) connection).channel().attr(DECODER).get();
        return decoder != null && decoder.isOver();
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse response
                && response.headers().contains(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true)) {
            decoder.stop();
        }
        boolean last = message instanceof LastHttpContent && !isInterim(message);
        if (last) {
            decoder.answered();
        }
        if (decoder.isOver() && last) {
            ctx.write(message, promise.unvoid().addListener(written -> end(ctx)));
        } else {
            ctx.write(message, promise);
        }
    }

    /** 100 Continue looks like a whole answer. */
    private static boolean isInterim(Object message) {
        return message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }

    private void end(ChannelHandlerContext ctx) {
        if (!decoder.isWithin()) {
            ctx.close();
            return;
        }
        lingering = true;
        ctx.executor().schedule(() -> ctx.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        Channel channel = ctx.channel();
        // Vert.x may have paused it
        channel.config().setAutoRead(true);
        SslHandler ssl = ctx.pipeline().get(SslHandler.class);
        if (ssl == null) {
            closeOurHalf(channel);
        } else {
            ssl.closeOutbound().addListener(told -> closeOurHalf(channel));
        }
    }

    private static ChannelFuture closeOurHalf(Channel channel) {
        return ((DuplexChannel) channel).shutdownOutput();
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (decoder.isOver() && !lingering) {
            // an answer that is written, but not yet on its way
            ctx.flush();
        }
        if (lingering) {
            ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
        } else {
            ctx.close(promise);
        }
    }
}
