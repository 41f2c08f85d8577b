// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.util.Map;

import org.ovosgateway.auth.Caller;

/**
 * An event of a conversation.
 *
 * @param type {@code asked}, with {@code text}, {@code lang} and the {@code request_id} of the call; {@code answer}, with
 *     {@code text}, {@code skill} and {@code dialog}; {@code turn}, with the whole outcome; {@code said-later}, like an answer,
 *     for speech that belongs to no utterance; {@code ended}, with a {@code reason}
 * @param requestId of the utterance on the bus; empty where there is none
 * @param owner the caller who began the conversation
 */
public record ConversationEvent(
        String type, String device, String conversationId, String requestId, Caller owner, Map<String, Object> data) {}
