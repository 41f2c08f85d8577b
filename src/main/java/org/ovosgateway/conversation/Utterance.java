// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.time.Duration;

/**
 * What somebody says in a conversation.
 *
 * @param lang as in {@code en-US}; null for that of the conversation, or of the device
 * @param aloud whether the device says the answers
 * @param timeout how long the answer may take, waiting for the one before included
 * @param refusedIfBusy whether it fails at once while another one of the conversation is not answered yet
 * @param call id of the call that says it; null where it has none
 */
record Utterance(String text, String lang, boolean aloud, Duration timeout, boolean refusedIfBusy, String call) {}
