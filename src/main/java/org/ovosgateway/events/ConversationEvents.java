// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.util.LinkedHashMap;
import java.util.Map;

import org.ovosgateway.conversation.ConversationEvent;
import org.ovosgateway.conversation.Conversations;
import org.springframework.stereotype.Component;

/** Tells what happens in the conversations of the gateway, to their owners: by names of their own, as no device has said it. */
@Component
class ConversationEvents {

    private static final String PREFIX = "conversation.";

    private final EventFeed feed;
    private final History history;

    ConversationEvents(Conversations conversations, EventFeed feed, History history) {
        this.feed = feed;
        this.history = history;
        conversations.onEvent(this::happened);
    }

    private void happened(ConversationEvent event) {
        history.conversed(event);
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("conversation_id", event.conversationId());
        event.data().forEach((key, value) -> {
            if (value != null) {
                data.putIfAbsent(key, value);
            }
        });
        // a name that no user has, where it is nobody's: only those hear it who may hear all
        feed.happened(
                PREFIX + event.type().replace('-', '_'),
                event.device(),
                event.owner().name(),
                data);
    }
}
