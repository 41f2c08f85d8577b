// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;

/** Ends connections with whatever is on its way. */
public final class Reset {

    private Reset() {}

    /** What is unsent is dropped, in the kernel too. */
    public static void of(Channel channel) {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            // from the first handler on: those behind it would wait until all is sent
            channel.pipeline().firstContext().close();
        }
    }
}
