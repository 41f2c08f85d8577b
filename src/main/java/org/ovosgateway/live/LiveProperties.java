// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.nio.file.Path;
import java.time.Duration;
import jakarta.validation.constraints.NotNull;

import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the routes are, and how edits of them are taken over.
 *
 * @param folder folder of the {@code *.camel.yaml} files and the contract; relative to the working directory
 * @param own a second folder of the same form, which an upgrade does not touch: what is in it is added to the first, and
 *     replaces what has the same name there; it need not exist
 * @param reload whether edits are taken over while the gateway runs
 * @param drain how long requests that are under way on a replaced route may take to finish; then they are cut off
 * @param checkInterval time between two looks at the folder, from 10 ms; a change is taken over at the second look after it
 */
@ConfigurationProperties("ovos.routes")
record LiveProperties(
        @DefaultValue("routes") @NotNull Path folder,
        @DefaultValue("routes.d") @NotNull Path own,
        @DefaultValue("true") boolean reload,
        @DefaultValue("60s") @NotNull Duration drain,

        @DefaultValue("250ms") @NotNull @DurationMin(millis = 10)
        Duration checkInterval) {}
