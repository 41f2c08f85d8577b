// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.util.Collections;
import java.util.Map;

import org.ovosgateway.assistant.Events;
import org.ovosgateway.assistant.Presence;
import org.ovosgateway.assistant.States;
import org.springframework.stereotype.Component;

/** Tells what the assistants do, by the same names as on MQTT: {@code intent}, {@code property.volume}, {@code availability}. */
@Component
class CuratedEvents {

    CuratedEvents(Events events, States states, Presence presence, EventFeed feed) {
        events.onEvent(event -> feed.happened(event.type(), event.device(), event.data()));
        states.onChange((device, property, value) ->
                feed.happened("property." + property, device, Collections.singletonMap("value", value)));
        presence.onChange((device, online) ->
                feed.happened("availability", device, Map.of("state", Snapshots.availability(online))));
    }
}
