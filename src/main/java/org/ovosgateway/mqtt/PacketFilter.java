// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;

/**
 * Takes out of what the broker sends two kinds of packets that end the connection in the decoder of the client below, though
 * the broker means no harm.
 *
 * <p>Mosquitto 2.0.11 (Debian 12) passes on a response topic with wildcards, which MQTT 5 forbids [MQTT-3.3.2-14]: any
 * client could disconnect the gateway with one message, and cost its session with two. Such a message is acknowledged and
 * dropped. And with a {@code message_size_limit} Mosquitto refuses a larger message with a reason code that a PUBACK must not
 * have: it gets one that it may have.
 */
final class PacketFilter extends ByteToMessageDecoder {

    private static final int PUBLISH = 3;
    private static final int PUBACK = 4;
    private static final int PUBREC = 5;
    private static final int RESPONSE_TOPIC = 8;
    private static final int UNSPECIFIED_ERROR = 0x80;
    private static final int QUOTA_EXCEEDED = 0x97;
    private static final int PACKET_TOO_LARGE = 0x95;
    private static final Set<Integer> REASONS = Set.of(0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99);
    /** Properties that a PUBLISH may have, by the length of their values. */
    private static final Set<Integer> ONE_BYTE = Set.of(0x01);

    private static final Set<Integer> TWO_BYTES = Set.of(0x23);
    private static final Set<Integer> FOUR_BYTES = Set.of(0x02);
    private static final Set<Integer> TEXT = Set.of(0x03, RESPONSE_TOPIC, 0x09);
    private static final int SUBSCRIPTION = 0x0b;
    private static final int USER_PROPERTY = 0x26;

    private final int largest;
    private final Consumer<String> dropped;
    /** How many of the next bytes need no look. */
    private long passing;

    /**
     * @param largest bytes of the largest packet that the broker may send; one that is larger is left to the decoder
     * @param dropped is given the topic of each message that is dropped, on the event loop
     */
    PacketFilter(int largest, Consumer<String> dropped) {
        this.largest = largest;
        this.dropped = dropped;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (passing == 0 && !begins(context, in, out)) {
            return;
        }
        int some = (int) Math.min(passing, in.readableBytes());
        if (some > 0) {
            passing -= some;
            out.add(in.readRetainedSlice(some));
        }
    }

    /** Looks at the next packet. Gives false when more of it is needed, or nothing of it is left. */
    private boolean begins(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        int start = in.readerIndex();
        int header = in.getUnsignedByte(start);
        int type = header >> 4;
        int body = start + 1;
        int length = 0;
        for (int shift = 0; ; shift += 7) {
            if (body == in.writerIndex()) {
                return false;
            }
            int digit = in.getUnsignedByte(body++);
            length |= (digit & 0x7f) << shift;
            if (digit < 0x80) {
                break;
            }
            if (shift == 21) {
                // no length at all, and so no packet begins any more
                passing = Long.MAX_VALUE;
                return true;
            }
        }
        int total = body - start + length;
        if (total > largest || type != PUBLISH && type != PUBACK && type != PUBREC) {
            passing = total;
            return true;
        }
        if (in.readableBytes() < total) {
            return false;
        }
        ByteBuf packet = in.slice(body, length);
        if (type == PUBLISH && (header & 4) == 0 && hasInvalidResponseTopic(packet, (header & 2) != 0)) {
            drop(context, packet, (header & 2) != 0);
            in.skipBytes(total);
            return false;
        }
        if (type != PUBLISH && length > 2 && !REASONS.contains((int) packet.getUnsignedByte(2))) {
            ByteBuf mended = in.readBytes(total);
            boolean tooLarge = packet.getUnsignedByte(2) == PACKET_TOO_LARGE;
            mended.setByte(body - start + 2, tooLarge ? QUOTA_EXCEEDED : UNSPECIFIED_ERROR);
            out.add(mended);
            return false;
        }
        passing = total;
        return true;
    }

    private void drop(ChannelHandlerContext context, ByteBuf packet, boolean acknowledged) {
        int topic = packet.getUnsignedShort(0);
        if (acknowledged) {
            int id = packet.getUnsignedShort(2 + topic);
            context.writeAndFlush(context.alloc()
                    .buffer(4)
                    .writeByte(PUBACK << 4)
                    .writeByte(2)
                    .writeShort(id));
        }
        dropped.accept(packet.toString(2, topic, StandardCharsets.UTF_8));
    }

    /** What cannot be read at all is left to the decoder. */
    private static boolean hasInvalidResponseTopic(ByteBuf packet, boolean acknowledged) {
        try {
            int at = 2 + packet.getUnsignedShort(0) + (acknowledged ? 2 : 0);
            int length = 0;
            int shift = 0;
            int digit;
            do {
                digit = packet.getUnsignedByte(at++);
                length |= (digit & 0x7f) << shift;
                shift += 7;
            } while (digit > 0x7f && shift < 28);
            int end = Math.min(at + length, packet.writerIndex());
            while (at < end) {
                int id = packet.getUnsignedByte(at++);
                if (id == RESPONSE_TOPIC && isInvalidTopic(packet, at)) {
                    return true;
                }
                int next = skip(packet, id, at);
                if (next < 0) {
                    return false;
                }
                at = next;
            }
            return false;
        } catch (IndexOutOfBoundsException e) {
            return false;
        }
    }

    private static boolean isInvalidTopic(ByteBuf packet, int at) {
        int length = packet.getUnsignedShort(at);
        return length == 0
                || packet.slice(at + 2, length).forEachByte(each -> each != '+' && each != '#' && each != 0) >= 0;
    }

    /** Where the next property is; -1 if this one is none of a PUBLISH. */
    private static int skip(ByteBuf packet, int id, int at) {
        if (ONE_BYTE.contains(id)) {
            return at + 1;
        }
        if (TWO_BYTES.contains(id)) {
            return at + 2;
        }
        if (FOUR_BYTES.contains(id)) {
            return at + 4;
        }
        if (TEXT.contains(id)) {
            return text(packet, at);
        }
        if (id == USER_PROPERTY) {
            return text(packet, text(packet, at));
        }
        int next = at;
        if (id == SUBSCRIPTION) {
            while (packet.getByte(next++) < 0) {
                // a variable byte integer
            }
            return next;
        }
        return -1;
    }

    private static int text(ByteBuf packet, int at) {
        return at + 2 + packet.getUnsignedShort(at);
    }
}
