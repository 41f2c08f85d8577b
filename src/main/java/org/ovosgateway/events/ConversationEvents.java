// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.util.LinkedHashMap;
import java.util.Map;

import org.ovosgateway.conversation.ConversationEvent;
import org.ovosgateway.conversation.Conversations;
import org.springframework.stereotype.Component;

/** Publishes the events of conversations to their owners, by names of their own, as no device says these answers. */
@Component
class ConversationEvents {

    private static final String PREFIX = "conversation.";

    private final EventFeed feed;
    private final History history;

    ConversationEvents(Conversations conversations, EventFeed feed, History history) {
        this.feed = feed;
        this.history = history;
        conversations.onEvent(this::publish);
    }

    private void publish(ConversationEvent event) {
        history.add(event);
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("conversation_id", event.conversationId());
        event.data().forEach((key, value) -> {
            if (value != null) {
                data.putIfAbsent(key, value);
            }
        });
        // the owner of a route has no name of a user: then only users with history:all get the event
        feed.publish(
                PREFIX + event.type().replace('-', '_'),
                event.device(),
                event.owner().name(),
                data);
    }
}
