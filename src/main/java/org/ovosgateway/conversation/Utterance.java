// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.time.Duration;

/**
 * A text that a caller says in a conversation.
 *
 * @param lang as in {@code en-US}; null for that of the conversation, or of the device
 * @param aloud whether the device says the answers
 * @param timeout how long the answer may take, with the wait for earlier utterances
 * @param refusedIfBusy whether it fails at once while an earlier utterance of the conversation is not answered yet
 * @param call id of the HTTP or MQTT request, {@code X-Request-Id}; null where it has none
 */
record Utterance(String text, String lang, boolean aloud, Duration timeout, boolean refusedIfBusy, String call) {}
