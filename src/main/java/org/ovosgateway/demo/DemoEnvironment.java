// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.Map;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.Profiles;

/**
 * With the profile {@code demo}, and never without it, starts a simulated assistant before anything looks for a bus, and
 * points the gateway at it and at a user made for this run.
 */
public final class DemoEnvironment implements EnvironmentPostProcessor, Ordered {

    /** The Spring profile that asks for the demo. */
    public static final String PROFILE = "demo";

    @Override
    public int getOrder() {
        // behind the configuration files, which may name profiles, and above all that others add
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        if (!environment.acceptsProfiles(Profiles.of(PROFILE))) {
            return;
        }
        Demo demo = Demo.start();
        // also where the gateway fails to start, or is killed: nothing of a demo stays behind
        SpringApplication.getShutdownHandlers().add(demo::close);
        Map<String, Object> properties = demo.properties();
        environment.getPropertySources().addFirst(new MapPropertySource(PROFILE, properties));
        application.addInitializers(
                context -> ((GenericApplicationContext) context).registerBean(Demo.class, () -> demo));
    }
}
