// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.Resource;

/** Where a setting stands, for a person who has to find it. */
final class SettingOrigin {

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z_]+)(?::[^}]*)?}");

    private SettingOrigin() {}

    /** Such as "application.yaml, line 7" or "the environment variable SERVER_PORT"; empty if it is set nowhere. */
    static Optional<String> of(ConfigurableEnvironment environment, ConfigurationPropertyName name) {
        for (var source : ConfigurationPropertySources.get(environment)) {
            var property = source.getConfigurationProperty(name);
            if (property != null && source.getUnderlyingSource() instanceof PropertySource<?> underlying) {
                String key = property.getOrigin() instanceof org.springframework.boot.origin.PropertySourceOrigin at
                        ? at.getPropertyName()
                        : name.toString();
                return Optional.of(of(environment, underlying, key));
            }
        }
        return Optional.empty();
    }

    /** @param key as it is written in this source */
    static String of(ConfigurableEnvironment environment, PropertySource<?> source, String key) {
        Origin origin = OriginLookup.getOrigin(source, key);
        TextResourceOrigin text = Origin.from(origin) instanceof TextResourceOrigin found ? found : null;
        if (text != null && text.getResource().getDescription().startsWith("class path resource")) {
            // a default of ours, which takes the value of a variable
            return variable(environment, source.getProperty(key)).orElse("the gateway's own defaults");
        }
        if (text != null) {
            String place = place(text);
            return source instanceof SystemEnvironmentPropertySource ? key + " in " + place : place;
        }
        if (source instanceof SystemEnvironmentPropertySource) {
            return "the environment variable " + key;
        }
        if (source instanceof CommandLinePropertySource) {
            return "--" + key + " on the command line";
        }
        if (source.getName().equals(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME)) {
            return "-D" + key + " on the command line of Java";
        }
        return source.getName();
    }

    private static Optional<String> variable(ConfigurableEnvironment environment, Object value) {
        Matcher variable = VARIABLE.matcher(String.valueOf(value));
        if (!variable.find()) {
            return Optional.empty();
        }
        String name = variable.group(1);
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (!ConfigurationPropertySources.isAttachedConfigurationPropertySource(source)
                    && source.containsProperty(name)) {
                return Optional.of(of(environment, source, name));
            }
        }
        return Optional.empty();
    }

    private static String place(TextResourceOrigin origin) {
        var location = origin.getLocation();
        return file(origin.getResource()) + (location == null ? "" : ", line " + (location.getLine() + 1));
    }

    private static String file(Resource resource) {
        try {
            Path path = resource.getFile().toPath().normalize();
            Path here = Path.of("").toAbsolutePath();
            return (path.isAbsolute() && path.startsWith(here) ? here.relativize(path) : path).toString();
        } catch (IOException e) {
            return resource.getDescription();
        }
    }
}
