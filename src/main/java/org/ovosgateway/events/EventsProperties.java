// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Limits of the events in memory.
 *
 * @param replay number of events that are kept for readers who reconnect
 * @param replaySize memory that these may take
 * @param maxWaiting number of events that may wait for one reader; a reader with more is cut off
 */
@Validated
@ConfigurationProperties("ovos.events")
record EventsProperties(
        @Min(0) @Max(100_000) @DefaultValue("1000") int replay,
        @NotNull @DefaultValue("1MB") DataSize replaySize,
        @Min(1) @Max(10_000) @DefaultValue("100") int maxWaiting) {}
