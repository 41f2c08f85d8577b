// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.util.Collections;
import java.util.Map;

import org.ovosgateway.assistant.Events;
import org.ovosgateway.assistant.Presence;
import org.ovosgateway.assistant.States;
import org.springframework.stereotype.Component;

/** Publishes what the assistants do, by the same names as on MQTT: {@code intent}, {@code property.volume}, {@code availability}. */
@Component
class CuratedEvents {

    CuratedEvents(Events events, States states, Presence presence, EventFeed feed) {
        events.onEvent(event -> feed.publish(event.type(), event.device(), event.data()));
        states.onChange((device, property, value) ->
                feed.publish("property." + property, device, Collections.singletonMap("value", value)));
        presence.onChange((device, online) ->
                feed.publish("availability", device, Map.of("state", Snapshots.availability(online))));
    }
}
