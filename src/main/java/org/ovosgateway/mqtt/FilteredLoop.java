// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

import com.hivemq.client.internal.mqtt.codec.encoder.MqttEncoder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.MultithreadEventLoopGroup;

/**
 * One event loop, on which each new channel of the client below gets a handler in front of its decoder.
 *
 * <p>The client lets nobody at its pipeline before the first packets are decoded, which come together with the CONNACK. It
 * registers its channels with a loop that it is given, though.
 */
final class FilteredLoop extends MultithreadEventLoopGroup {

    private static final String INSTALLER = "packet-filter-installer";

    /**
     * @param loop does the work
     * @param filters makes the handler for a channel
     */
    FilteredLoop(EventLoop loop, Supplier<ChannelHandler> filters) {
        super(1, (Executor) loop, loop, filters);
    }

    @Override
    @SuppressWarnings("unchecked")
    protected EventLoop newChild(Executor executor, Object... args) {
        EventLoop loop = (EventLoop) args[0];
        Supplier<ChannelHandler> filters = (Supplier<ChannelHandler>) args[1];
        return (EventLoop) Proxy.newProxyInstance(
                FilteredLoop.class.getClassLoader(), new Class<?>[] {EventLoop.class}, (proxy, method, values) -> {
                    if (method.getName().equals("register")) {
                        channel(values[0]).pipeline().addFirst(INSTALLER, new Installer(filters));
                    }
                    try {
                        return method.invoke(loop, values);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static Channel channel(Object registered) {
        return registered instanceof ChannelPromise promise ? promise.channel() : (Channel) registered;
    }

    /** With WebSocket the encoder, before which the decoder has no place either, comes after the handshake. */
    private static final class Installer extends ChannelOutboundHandlerAdapter {

        private final Supplier<ChannelHandler> filters;

        Installer(Supplier<ChannelHandler> filters) {
            this.filters = filters;
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (context.pipeline().get(MqttEncoder.NAME) != null) {
                context.pipeline().addBefore(MqttEncoder.NAME, "packet-filter", filters.get());
                context.pipeline().remove(this);
            }
            context.write(message, promise);
        }
    }
}
