// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Runs a test on the simulated assistant and on each line of real ones, which all classes of a JVM share. Tests of a class run
 * side by side, but one at a time on each assistant: they spend their time listening.
 *
 * <p>The test may take an {@link Assistant}; the {@link Gateway} in front of it, which has a broker; and an
 * {@link MqttProbe} that hears all below {@code ovos/default/}. Before it the assistant is as after its start: all parts
 * run and are silent and awake, the volume is 50, the microphone is open. Only {@code mvn verify -Pci} runs such tests;
 * {@code -Dtest.lines=TODAY,ALPHA} names some of the lines.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@Execution(ExecutionMode.CONCURRENT)
@Tag("every-assistant")
@ExtendWith(EveryAssistant.class)
public @interface OnEveryAssistant {

    /** The lines that cannot do it, and why; told as skipped, with the reason. */
    Except[] except() default {};

    /** Lines that cannot do what is tested. */
    @interface Except {
        Line[] line();

        String because();
    }
}
