// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.time.Duration;
import jakarta.validation.constraints.Min;

import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Limits of conversations.
 *
 * @param expireAfter how long a conversation stays after its last utterance or answer
 * @param most number of conversations at a time
 * @param mostPerUser number of conversations of one user at a time
 * @param cancelTimeout how long a skill may take to give up a question that was cancelled; then it is aborted, in all sessions
 * @param releaseSpeech whether the gateway tells a skill that waits for the end of its speech that it has ended, since nobody
 *     plays it; a listener that mutes itself while the device speaks (mute_during_output) takes that for the end of other
 *     speech too
 */
@Validated
@ConfigurationProperties("ovos.conversation")
record ConversationProperties(
        @DurationMin(seconds = 1) @DefaultValue("5m") Duration expireAfter,
        @Min(1) @DefaultValue("1000") int most,
        @Min(1) @DefaultValue("250") int mostPerUser,
        @DurationMin(millis = 1) @DefaultValue("1s") Duration cancelTimeout,
        @DefaultValue("true") boolean releaseSpeech) {}
