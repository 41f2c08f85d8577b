// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSessionContext;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.spi.tls.DefaultSslContextFactory;
import io.vertx.core.spi.tls.SslContextFactory;

/**
 * TLS connections from when they are accepted until their handshake is done; few at a time.
 *
 * <p>Vert.x shows a connection after its handshake only, so nothing else would count those that never come so far. For one
 * handshake too many, the oldest of the address that has most of them is ended: whoever begins many and completes none
 * pushes out nobody else. All event loops share it.
 */
final class Handshakes extends JdkSSLEngineOptions {

    /** Under way at a time. */
    static final int MOST = 64;

    /** Java would keep 20,480 of them. */
    private static final int SESSIONS = 256;

    private static final int NETWORK_OF_IPV6 = 8;

    private final Map<Object, Deque<Channel>> underWay = new HashMap<>();
    private final AtomicInteger connections;
    private int count;

    /** @param connections the number of all that are open; those under way are added to it */
    Handshakes(AtomicInteger connections) {
        this.connections = connections;
    }

    private void began(Channel channel, SslHandler handler) {
        Object network = network(channel.remoteAddress());
        connections.incrementAndGet();
        Channel oldest = add(network, channel);
        handler.handshakeFuture().addListener(done -> {
            connections.decrementAndGet();
            remove(network, channel);
        });
        if (oldest != null) {
            oldest.eventLoop().execute(() -> abort(oldest));
        }
    }

    /** @return the one that has to make room, or null */
    private synchronized Channel add(Object network, Channel channel) {
        underWay.computeIfAbsent(network, none -> new ArrayDeque<>()).add(channel);
        if (++count <= MOST) {
            return null;
        }
        var most = underWay.entrySet().stream()
                .max(Comparator.comparingInt(entry -> entry.getValue().size()))
                .orElseThrow();
        Channel oldest = most.getValue().peek();
        remove(most.getKey(), oldest);
        return oldest;
    }

    private synchronized void remove(Object network, Channel channel) {
        Deque<Channel> ofNetwork = underWay.get(network);
        if (ofNetwork != null && ofNetwork.remove(channel)) {
            count--;
            if (ofNetwork.isEmpty()) {
                underWay.remove(network);
            }
        }
    }

    private static void abort(Channel channel) {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        channel.close();
    }

    /** A host has one address of IPv4, and as many of IPv6 as it likes, in one network. */
    private static Object network(SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            byte[] bytes = inet.getAddress().getAddress();
            return inet.getAddress() instanceof Inet6Address
                    ? Unpooled.wrappedBuffer(bytes, 0, NETWORK_OF_IPV6)
                    : inet.getAddress();
        }
        return String.valueOf(address);
    }

    /** This very object: all listeners share it. */
    @Override
    public JdkSSLEngineOptions copy() {
        return this;
    }

    @Override
    public SslContextFactory sslContextFactory() {
        return new DefaultSslContextFactory(SslProvider.JDK, false) {
            @Override
            public SslContext create() throws SSLException {
                SslContext context = super.create();
                context.sessionContext().setSessionCacheSize(SESSIONS);
                return new Counting(context);
            }
        };
    }

    /** Tells of each connection that it makes a handler for. */
    private final class Counting extends SslContext {

        private final SslContext context;

        private Counting(SslContext context) {
            this.context = context;
        }

        @Override
        protected SslHandler newHandler(ByteBufAllocator allocator, boolean startTls, Executor tasks) {
            return new SslHandler(newEngine(allocator), startTls, tasks) {
                @Override
                public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
                    began(ctx.channel(), this);
                    super.handlerAdded(ctx);
                }
            };
        }

        @Override
        public boolean isClient() {
            return context.isClient();
        }

        @Override
        public List<String> cipherSuites() {
            return context.cipherSuites();
        }

        @Override
        public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
            return context.applicationProtocolNegotiator();
        }

        @Override
        public SSLEngine newEngine(ByteBufAllocator allocator) {
            return context.newEngine(allocator);
        }

        @Override
        public SSLEngine newEngine(ByteBufAllocator allocator, String peer, int port) {
            return context.newEngine(allocator, peer, port);
        }

        @Override
        public SSLSessionContext sessionContext() {
            return context.sessionContext();
        }
    }
}
