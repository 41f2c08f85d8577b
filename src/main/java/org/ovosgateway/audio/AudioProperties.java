// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.time.Duration;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Timeouts for sounds; routes read these settings.
 *
 * @param transcriptionTimeout for the listener to understand a sound
 * @param synthesisTimeout for ovos-audio to make speech of a text
 * @param soundTimeout for a sound to be played to its end
 */
@Validated
@ConfigurationProperties("ovos.audio")
record AudioProperties(
        @DurationMin(millis = 1) @DurationMax(hours = 1) @DefaultValue("60s")
        Duration transcriptionTimeout,

        @DurationMin(millis = 1) @DurationMax(hours = 1) @DefaultValue("30s")
        Duration synthesisTimeout,

        @DurationMin(millis = 1) @DurationMax(hours = 1) @DefaultValue("5m")
        Duration soundTimeout) {}
