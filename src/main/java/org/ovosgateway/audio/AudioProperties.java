// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.time.Duration;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Timeouts for sounds, which routes read, and the program that makes other formats of them.
 *
 * @param transcriptionTimeout for the listener to understand a sound
 * @param synthesisTimeout for ovos-audio to make speech of a text
 * @param soundTimeout for a sound to be played to its end
 * @param ffmpeg the program, or its path
 * @param transcodingTimeout for ffmpeg to make another format of a sound
 * @param maxTranscoded bytes of all sounds together that were made, and are not sent yet; one has half of it at most
 */
@Validated
@ConfigurationProperties("ovos.audio")
record AudioProperties(
        @DurationMin(millis = 1) @DurationMax(hours = 1) @DefaultValue("60s")
        Duration transcriptionTimeout,

        @DurationMin(millis = 1) @DurationMax(hours = 1) @DefaultValue("30s")
        Duration synthesisTimeout,

        @DurationMin(millis = 1) @DurationMax(hours = 1) @DefaultValue("5m")
        Duration soundTimeout,

        @NotBlank @DefaultValue("ffmpeg") String ffmpeg,

        @DurationMin(millis = 1) @DurationMax(hours = 1) @DefaultValue("30s")
        Duration transcodingTimeout,

        @NotNull @DefaultValue("8MB") DataSize maxTranscoded) {}
