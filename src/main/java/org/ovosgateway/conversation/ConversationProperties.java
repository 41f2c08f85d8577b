// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.time.Duration;
import jakarta.validation.constraints.Min;

import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Bounds of conversations.
 *
 * @param expireAfter how long a conversation is kept after the last word
 * @param most how many conversations there may be
 * @param mostPerUser how many of them may be of one user
 * @param releaseSpeech whether a skill that waits for the end of its speech is told of it, since nobody plays it; a listener
 *     that mutes itself while the device speaks (mute_during_output) takes that for the end of other speech too
 */
@Validated
@ConfigurationProperties("ovos.conversation")
record ConversationProperties(
        @DurationMin(seconds = 1) @DefaultValue("5m") Duration expireAfter,
        @Min(1) @DefaultValue("1000") int most,
        @Min(1) @DefaultValue("250") int mostPerUser,
        @DefaultValue("true") boolean releaseSpeech) {}
