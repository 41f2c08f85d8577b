// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.homeassistant;

import java.time.Duration;
import jakarta.validation.constraints.Pattern;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Whether and how Home Assistant is told what there is; the prefix is among the settings of the broker.
 *
 * @param enabled false: what was told before is taken back
 * @param form {@code device}: one message for each device, Home Assistant 2024.11 and newer; {@code components}: one for
 *     each entity
 * @param birthTopic on which Home Assistant says that it has started
 * @param birthPayload what it says then
 * @param maxDelay all is sent again after a random time up to this, so that not everybody does so at once
 * @param url where people reach the gateway's pages; empty: not told
 */
@Validated
@ConfigurationProperties("ovos.mqtt.discovery")
record DiscoveryProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("device") Form form,

        @Pattern(regexp = "[^+#\\s]{1,200}", message = "must be a topic without + and #")
        @DefaultValue("homeassistant/status")
        String birthTopic,

        @DefaultValue("online") String birthPayload,

        @DurationMin(millis = 0) @DurationMax(minutes = 5) @DefaultValue("5s")
        Duration maxDelay,

        @Pattern(regexp = "(https?://\\S{1,200})?", message = "must begin with http:// or https://") @DefaultValue("")
        String url) {

    enum Form {
        DEVICE,
        COMPONENTS
    }
}
