// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;

/**
 * Lets the frames of an HTTP/2 connection in no faster than the caller takes what it gets for them.
 *
 * <p>The windows of HTTP/2 bound the bodies of answers, and nothing else: a caller that does not read could have headers,
 * resets and pongs pile up. While too much is unsent, frames are held, and nothing more is read.
 */
final class PacedFrames extends ChannelDuplexHandler {

    /** So few bytes make so few frames that their answers do not matter before the next look. */
    private static final int SLICE = 1 << 10;

    private ByteBuf held;
    private boolean lettingIn;

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        PacedDecoder.limit(ctx.channel());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        held = held == null ? bytes : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), held, bytes);
        letIn(ctx);
    }

    /** The HTTP/2 handler asks for more even where reading is off. */
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (held == null) {
            ctx.read();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ctx.fireChannelWritabilityChanged();
        if (held != null && !lettingIn && ctx.channel().isWritable()) {
            // not within the write that has made it so
            ctx.executor().execute(() -> {
                letIn(ctx);
                ctx.fireChannelReadComplete();
            });
        }
    }

    private void letIn(ChannelHandlerContext ctx) {
        if (lettingIn) {
            return;
        }
        lettingIn = true;
        try {
            while (held != null && ctx.channel().isWritable() && !ctx.isRemoved()) {
                ByteBuf slice = held.readRetainedSlice(Math.min(SLICE, held.readableBytes()));
                if (!held.isReadable()) {
                    release();
                }
                ctx.fireChannelRead(slice);
            }
        } finally {
            lettingIn = false;
        }
        ctx.channel().config().setAutoRead(held == null);
    }

    private void release() {
        if (held != null) {
            held.release();
            held = null;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        release();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        release();
    }
}
