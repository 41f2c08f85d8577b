// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.mqtt.MqttReasonCodes.Disconnect;

/**
 * Cuts what a client sends into packets, checks each of them, and hands it on when the connection takes one.
 *
 * <p>A client may send without reading the answers. So nothing is read from it while they wait: what it sent by then stays
 * here, which is one read of its socket. A packet that is larger than that is paid for before it is read. And a client may
 * send faster than the broker works, so the others have their turn after a slice of time.
 */
final class Framing extends ChannelInboundHandlerAdapter {

    /** Bytes that one read of a socket gives, at most. */
    static final int READ = 16 * 1024;

    private static final long SLICE_NANOS = 500_000;
    private static final int LENGTH_DIGITS = 4;

    /** Bytes of a CONNECT that say the version. */
    private static final int VERSION = 7;

    private final Connection connection;
    private final Grammar grammar;
    private ChannelHandlerContext ctx;
    private ByteBuf pending = Unpooled.EMPTY_BUFFER;
    private int reserved;
    private int wanted;
    private long waitsSince;
    private boolean draining;
    private boolean yielding;

    Framing(Connection connection, Grammar grammar) {
        this.connection = connection;
        this.grammar = grammar;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        ctx = context;
        context.fireChannelActive();
        context.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        ByteBuf in = (ByteBuf) read;
        if (connection.isOver()) {
            in.release();
        } else if (pending.isReadable()) {
            append(in);
        } else {
            pending.release();
            pending = in;
        }
    }

    /** Copies each byte once more at most, however small the pieces are. */
    private void append(ByteBuf in) {
        if (pending.writableBytes() < in.readableBytes()) {
            ByteBuf larger = ctx.alloc().buffer(Math.max(wanted, pending.readableBytes() + in.readableBytes()) + READ);
            larger.writeBytes(pending);
            pending.release();
            pending = larger;
        }
        pending.writeBytes(in);
        in.release();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        drain();
        context.fireChannelReadComplete();
    }

    /** Hands on what the connection takes now, and reads on if it takes more than there is. */
    void drain() {
        if (draining || yielding) {
            return;
        }
        draining = true;
        long until = System.nanoTime() + SLICE_NANOS;
        try {
            while (connection.takesPackets() && next()) {
                if (System.nanoTime() - until > 0) {
                    yielding = true;
                    break;
                }
            }
        } finally {
            draining = false;
        }
        if (yielding) {
            ctx.executor().execute(() -> {
                yielding = false;
                drain();
            });
        } else if (connection.takesPackets() || connection.isOver()) {
            shrink();
            ctx.read();
        }
    }

    /** True if there was a whole packet. */
    private boolean next() {
        int readable = pending.readableBytes();
        if (readable == 0) {
            return false;
        }
        int start = pending.readerIndex();
        int first = pending.getUnsignedByte(start);
        if (!connection.expects(first >> 4)) {
            connection.close();
            return false;
        }
        int length = 0;
        int digits = 0;
        int digit = 0x80;
        while (digit >= 0x80) {
            if (digits == LENGTH_DIGITS) {
                connection.violated(Disconnect.MALFORMED_PACKET.byteValue(), grammar.isFive());
                return false;
            }
            if (readable < 2 + digits) {
                return incomplete(2 + digits);
            }
            digit = pending.getUnsignedByte(start + 1 + digits);
            length |= (digit & 0x7F) << 7 * digits;
            digits++;
        }
        int head = 1 + digits;
        if (digit == 0 && digits > 1) {
            connection.violated(Disconnect.MALFORMED_PACKET.byteValue(), grammar.isFive());
            return false;
        }
        if (head + length > connection.largestPacket()) {
            if (connection.isNew() && readable < head + VERSION) {
                return incomplete(head + VERSION);
            }
            boolean five = connection.isNew() ? saysFive(start + head) : grammar.isFive();
            connection.violated(Disconnect.PACKET_TOO_LARGE.byteValue(), five);
            return false;
        }
        if (readable < head + length) {
            return incomplete(head + length);
        }
        try {
            grammar.check(first, pending.slice(start + head, length));
        } catch (Grammar.Violation e) {
            connection.violated((byte) e.reason(), grammar.isFive());
            return false;
        }
        ByteBuf packet = pending.readRetainedSlice(head + length);
        wanted = 0;
        giveBack();
        ctx.fireChannelRead(packet);
        return true;
    }

    private boolean saysFive(int connect) {
        return pending.getUnsignedShort(connect) == 4 && pending.getUnsignedByte(connect + VERSION - 1) >= 5;
    }

    private boolean incomplete(int bytes) {
        if (wanted == 0) {
            waitsSince = System.nanoTime();
        }
        wanted = bytes;
        if (bytes > READ && reserved == 0) {
            if (connection.take(bytes)) {
                reserved = bytes;
            } else {
                connection.end(Disconnect.QUOTA_EXCEEDED);
            }
        }
        return false;
    }

    /** How long the rest of a packet has been waited for; 0 if none has begun. */
    long waitsNanos(long now) {
        return wanted == 0 ? 0 : now - waitsSince;
    }

    private void giveBack() {
        if (reserved > 0) {
            connection.giveBack(reserved);
            reserved = 0;
        }
    }

    /** A few bytes are not to keep the memory of the large packet before them. */
    private void shrink() {
        if (!pending.isReadable() || connection.isOver()) {
            forget();
        } else if (reserved == 0 && pending.capacity() > 2 * READ) {
            ByteBuf large = pending;
            pending = ctx.alloc().buffer(READ).writeBytes(large);
            large.release();
        }
    }

    private void forget() {
        pending.release();
        pending = Unpooled.EMPTY_BUFFER;
        wanted = 0;
        giveBack();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        forget();
    }
}
