// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.function.IntConsumer;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;

/**
 * Lets the frames of HTTP/2 or of a WebSocket in no faster than the caller takes what it gets for them.
 *
 * <p>The windows of HTTP/2 bound the bodies of answers, and nothing else: a caller that does not read could have headers,
 * resets and pongs pile up. A WebSocket has no windows at all. While too much is unsent, frames are held, and nothing more is
 * read.
 */
final class PacedFrames extends ChannelDuplexHandler {

    /** So few bytes make so few frames that their answers do not matter before the next look. */
    private static final int SLICE = 1 << 10;

    private final IntConsumer passed;
    private ChannelHandlerContext context;
    private ByteBuf held;
    private boolean lettingIn;
    private boolean onHold;
    private boolean deaf;

    PacedFrames() {
        this(bytes -> {});
    }

    /** @param passed is told how many bytes were let in, once what they complete was handled */
    PacedFrames(IntConsumer passed) {
        this.passed = passed;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        PacedDecoder.limit(ctx.channel());
    }

    /** Lets nothing in, until it is released. */
    void hold() {
        onHold = true;
    }

    void release() {
        if (onHold) {
            onHold = false;
            context.executor().execute(this::goOn);
        }
    }

    /** Drops all that comes from now on. */
    void goDeaf() {
        deaf = true;
    }

    private void goOn() {
        if (!context.isRemoved() && !lettingIn) {
            letIn(context);
            context.fireChannelReadComplete();
        }
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
            ctx.executor().execute(this::goOn);
        }
    }

    private void letIn(ChannelHandlerContext ctx) {
        if (lettingIn) {
            return;
        }
        lettingIn = true;
        try {
            while (held != null && !onHold && ctx.channel().isWritable() && !ctx.isRemoved()) {
                ByteBuf slice = held.readRetainedSlice(Math.min(SLICE, held.readableBytes()));
                if (!held.isReadable()) {
                    drop();
                }
                if (deaf) {
                    slice.release();
                    continue;
                }
                int bytes = slice.readableBytes();
                ctx.fireChannelRead(slice);
                passed.accept(bytes);
            }
        } finally {
            lettingIn = false;
        }
        ctx.channel().config().setAutoRead(held == null && !onHold);
    }

    private void drop() {
        if (held != null) {
            held.release();
            held = null;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        drop();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        drop();
    }
}
