// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.state;

import java.time.Duration;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * What is told by MQTT.
 *
 * @param conversation whether what was said may be told: last_utterance, last_answer, the text of events
 * @param checkInterval how often the core is asked whether it is there, and the assistant for what it does
 * @param healthInterval how often {@code <base>/bridge/health} is published
 */
@Validated
@ConfigurationProperties("ovos.mqtt")
record StateProperties(
        @DefaultValue("true") boolean conversation,

        @DurationMin(millis = 100) @DurationMax(hours = 1) @DefaultValue("30s")
        Duration checkInterval,

        @DurationMin(millis = 100) @DurationMax(hours = 1) @DefaultValue("60s")
        Duration healthInterval) {}
