// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;

/**
 * Cuts a large WebSocket frame into fragments (RFC 6455, 5.4) as its bytes arrive.
 *
 * <p>The bus sends each message in one frame, and the decoder of Netty keeps a frame until it is whole: a message too
 * large for the memory of the gateway could only be answered by closing the connection. In fragments it can be passed by.
 */
final class FrameSplitter extends ByteToMessageDecoder {

    /** Payload from which on a frame is cut, in bytes. */
    static final int LARGE = 64 << 10;

    /** Longer than any message: what follows such a header would never be heard. */
    private static final long ABSURD = 1 << 30;

    private static final int FINAL = 0x80;
    private static final int RESERVED = 0x70;
    private static final int OPCODE = 0x0F;
    private static final int CONTROL = 0x08;
    private static final int MASKED = 0x80;
    private static final int LENGTH = 0x7F;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;

    /** Bytes of the present frame that have not come yet. */
    private long missing;

    /** First byte of the next fragment, without {@link #FINAL}; -1 while the present frame stays as it is. */
    private int fragment = -1;

    private boolean isFinal;

    /** What no bus sends; the decoder knows how to refuse it. */
    private boolean invalid;

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (invalid) {
            out.add(in.readRetainedSlice(in.readableBytes()));
        } else if (missing > 0 && fragment >= 0) {
            cut(ctx, in, out);
        } else {
            pass(in, out);
        }
    }

    private void cut(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int length = (int) Math.min(Math.min(missing, in.readableBytes()), LARGE - 1);
        missing -= length;
        boolean last = missing == 0;
        ByteBuf header = ctx.alloc().buffer(4).writeByte(fragment | (last && isFinal ? FINAL : 0));
        out.add(
                length < LENGTH_16
                        ? header.writeByte(length)
                        : header.writeByte(LENGTH_16).writeShort(length));
        out.add(in.readRetainedSlice(length));
        fragment = last ? -1 : 0;
    }

    /** Hands on, in one piece, all that is there up to the next frame to be cut. */
    private void pass(ByteBuf in, List<Object> out) {
        int from = in.readerIndex();
        int end = in.writerIndex();
        int at = from;
        while (true) {
            int here = (int) Math.min(missing, end - at);
            at += here;
            missing -= here;
            int header = missing > 0 ? 0 : header(in, at, end - at);
            if (header == 0) {
                break;
            }
            if (fragment >= 0) {
                if (at > from) {
                    out.add(in.readRetainedSlice(at - from));
                }
                in.skipBytes(header);
                return;
            }
            if (invalid) {
                at = end;
                break;
            }
            at += header;
        }
        if (at > from) {
            out.add(in.readRetainedSlice(at - from));
        }
    }

    /** Reads the header of a frame, and gives its length in bytes; 0 if it is not there as a whole. */
    private int header(ByteBuf in, int at, int available) {
        if (available < 2) {
            return 0;
        }
        int first = in.getUnsignedByte(at);
        int second = in.getUnsignedByte(at + 1);
        int shortLength = second & LENGTH;
        int header = 2 + (shortLength == LENGTH_16 ? 2 : shortLength == LENGTH_64 ? 8 : 0);
        if (available < header) {
            return 0;
        }
        long length = shortLength == LENGTH_16
                ? in.getUnsignedShort(at + 2)
                : shortLength == LENGTH_64 ? in.getLong(at + 2) : shortLength;
        if ((second & MASKED) != 0 || length < 0 || length > ABSURD) {
            invalid = true;
            return header;
        }
        missing = length;
        if (length >= LARGE && (first & CONTROL) == 0) {
            fragment = first & (RESERVED | OPCODE);
            isFinal = (first & FINAL) != 0;
        }
        return header;
    }
}
