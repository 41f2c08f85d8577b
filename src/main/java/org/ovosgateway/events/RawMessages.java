// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.util.LinkedHashMap;
import java.util.Map;

import org.ovosgateway.answer.Masks;
import org.ovosgateway.bus.BusMessage;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.Devices;
import org.springframework.stereotype.Component;

/**
 * Publishes the messages of the bus as they are, for readers who ask for them, without secrets. While nobody does, a message is
 * not even read.
 */
@Component
class RawMessages {

    private final EventFeed feed;
    private final Masks masks;

    RawMessages(Devices devices, EventFeed feed, Masks masks) {
        this.feed = feed;
        this.masks = masks;
        devices.all()
                .forEach(device -> device.overhear(
                        type -> feed.wantsRaw(type, device.name()), message -> publish(device, message)));
    }

    private void publish(Device device, BusMessage message) {
        Map<String, Object> data = new LinkedHashMap<>();
        if (message.large()) {
            // sounds, pictures, long lists: a few of them would fill the memory
            data.put("omitted", true);
        } else {
            data.put("data", masks.mask(message.dataMap()));
        }
        data.put("context", context(message));
        feed.publishRaw(message.type(), device.name(), data);
    }

    /** The context with the id of its session alone: the rest of a session has the location and what was said before. */
    private Object context(BusMessage message) {
        Map<String, Object> context = message.large() ? new LinkedHashMap<>() : message.contextMap();
        context.put("session", Map.of("session_id", message.sessionId()));
        return masks.mask(context);
    }
}
