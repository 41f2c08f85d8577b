// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.util.List;
import jakarta.validation.constraints.NotNull;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Messages of callers to the bus.
 *
 * @param allow types that callers may send, {@code *} for any part of one; empty: none
 */
@Validated
@ConfigurationProperties("ovos.bus-messages")
record BusMessagesProperties(@NotNull @DefaultValue({}) List<String> allow) {}
