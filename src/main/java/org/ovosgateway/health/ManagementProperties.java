// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.health;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Where health and metrics are served, without authentication: apart from the API, for the machine's keeper only.
 *
 * @param address an address of this machine
 * @param port TCP port; 0 takes a free one, -1 serves neither
 * @param addressFile where address and port are written, one line with a space between, while both are served; empty: nowhere
 */
@Validated
@ConfigurationProperties("ovos.management")
record ManagementProperties(
        @DefaultValue("127.0.0.1") @NotBlank String address,
        @DefaultValue("8001") @Min(-1) @Max(65535) int port,
        @DefaultValue("") String addressFile) {}
