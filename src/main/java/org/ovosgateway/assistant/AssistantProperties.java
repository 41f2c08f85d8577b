// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How the assistants are watched.
 *
 * @param checkInterval how often the core is asked whether it runs, and the assistant for what it does; zero: never, so
 *     that only what the bus reports by itself is known
 */
@Validated
@ConfigurationProperties("ovos.assistant")
record AssistantProperties(
        @DurationMin(millis = 0) @DurationMax(hours = 1) @DefaultValue("30s")
        Duration checkInterval) {

    boolean asks() {
        return !checkInterval.isZero();
    }
}
