// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.util.Map;

import org.ovosgateway.auth.Caller;

/**
 * Something that happens in a conversation.
 *
 * @param type {@code asked}, with {@code text}, {@code lang}, and the {@code request_id} of the call; {@code answer}, with {@code text}, {@code skill} and
 *     {@code dialog}; {@code turn}, with the whole result; {@code said-later}, like an answer, of what belongs to no question;
 *     {@code ended}, with a {@code reason}
 * @param requestId of the utterance on the bus; empty where there is none
 * @param owner who began the conversation
 */
public record ConversationEvent(
        String type, String device, String conversationId, String requestId, Caller owner, Map<String, Object> data) {}
