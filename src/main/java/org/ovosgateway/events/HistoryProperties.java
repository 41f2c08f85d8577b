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
 * Limits of the history, which is in memory only.
 *
 * @param entries number of conversations and deeds; 0: none
 * @param size memory that these may take
 */
@Validated
@ConfigurationProperties("ovos.history")
record HistoryProperties(
        @Min(0) @Max(100_000) @DefaultValue("500") int entries,
        @NotNull @DefaultValue("1MB") DataSize size) {}
