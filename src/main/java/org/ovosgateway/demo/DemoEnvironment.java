// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.Locale;
import java.util.Map;

import org.ovosgateway.InvalidConfigurationException;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.Profiles;
import org.springframework.core.env.StandardEnvironment;

/**
 * With the profile {@code demo}, and never without it, starts a simulated assistant before anything looks for a bus, and
 * points the gateway at it and at a user made for this run.
 */
public final class DemoEnvironment implements EnvironmentPostProcessor, Ordered {

    /** The Spring profile that asks for the demo. */
    public static final String PROFILE = "demo";

    /** Which names the assistant uses: old, both or new. */
    private static final String NAMES = "demo.names";

    // the demo speaks first; above the configuration files, below what is asked for at the start
    private static final Map<String, Object> LOGGING = Map.of(
            "spring.main.log-startup-info", false,
            "logging.level.root", "WARN",
            "logging.level.org.ovosgateway", "WARN",
            "logging.level.access", "INFO");

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
        Demo demo = Demo.start(names(environment.getProperty(NAMES, "old")));
        // also where the gateway fails to start, or is killed: nothing of a demo stays behind
        SpringApplication.getShutdownHandlers().add(demo::close);
        MutablePropertySources sources = environment.getPropertySources();
        sources.addFirst(new MapPropertySource(PROFILE, demo.properties()));
        sources.addAfter(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                new MapPropertySource(PROFILE + "-logging", LOGGING));
        sources.addAfter(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                new MapPropertySource(PROFILE + "-mqtt", demo.mqtt()));
        sources.addAfter(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                new MapPropertySource(PROFILE + "-doors", demo.doors()));
        application.addInitializers(
                context -> ((GenericApplicationContext) context).registerBean(Demo.class, () -> demo));
    }

    private static Names names(String text) {
        try {
            return Names.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationException(
                    NAMES + " is '" + text + "', which is none of old, both and new.",
                    "Set it to one of them, or leave it out.");
        }
    }
}
