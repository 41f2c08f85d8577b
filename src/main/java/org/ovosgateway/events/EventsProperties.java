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
 * What is kept of the events.
 *
 * @param replay events that are kept for those who come back
 * @param replaySize memory of these, at most
 * @param maxWaiting events that may wait for one reader; who has more is cut off
 */
@Validated
@ConfigurationProperties("ovos.events")
record EventsProperties(
        @Min(0) @Max(100_000) @DefaultValue("1000") int replay,
        @NotNull @DefaultValue("1MB") DataSize replaySize,
        @Min(1) @Max(10_000) @DefaultValue("100") int maxWaiting) {}
