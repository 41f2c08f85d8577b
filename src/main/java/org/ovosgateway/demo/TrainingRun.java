// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.annotation.Profile;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Uses the gateway once, so that a recording JVM sees the classes a caller needs, and ends it. */
@Component
@Profile("training")
final class TrainingRun {

    @EventListener
    void use(ApplicationReadyEvent ready) {
        System.exit(SpringApplication.exit(ready.getApplicationContext()));
    }
}
