// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.Resource;

/**
 * Where a setting stands, for a person who has to find it.
 *
 * @param source such as a file
 * @param key as it is written there
 */
record SettingOrigin(PropertySource<?> source, String key) {

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z_]+)(?::[^}]*)?}");

    /** Such as "application.yaml, line 7" or "the environment variable SERVER_PORT"; empty if it is set nowhere. */
    static Optional<String> of(ConfigurableEnvironment environment, ConfigurationPropertyName name) {
        for (var properties : ConfigurationPropertySources.get(environment)) {
            var at = in(properties, name);
            if (at.isPresent()) {
                return at.map(found -> of(environment, found.source(), found.key()));
            }
        }
        return Optional.empty();
    }

    /** Every place of a person that sets the setting, or one below it. */
    static List<SettingOrigin> all(ConfigurableEnvironment environment, ConfigurationPropertyName name) {
        List<SettingOrigin> all = new ArrayList<>();
        for (var properties : ConfigurationPropertySources.get(environment)) {
            in(properties, name).ifPresent(all::add);
            if (properties instanceof IterableConfigurationPropertySource names) {
                names.stream()
                        .filter(name::isAncestorOf)
                        .forEach(below -> in(properties, below).ifPresent(all::add));
            }
        }
        return all.stream()
                .flatMap(at -> at.isDefault() ? at.variable(environment).stream() : Stream.of(at))
                .distinct()
                .toList();
    }

    private static Optional<SettingOrigin> in(ConfigurationPropertySource properties, ConfigurationPropertyName name) {
        var property = properties.getConfigurationProperty(name);
        return property != null && properties.getUnderlyingSource() instanceof PropertySource<?> source
                ? Optional.of(new SettingOrigin(
                        source,
                        property.getOrigin() instanceof PropertySourceOrigin at
                                ? at.getPropertyName()
                                : name.toString()))
                : Optional.empty();
    }

    /** @param key as it is written in this source */
    static String of(ConfigurableEnvironment environment, PropertySource<?> source, String key) {
        SettingOrigin at = new SettingOrigin(source, key);
        if (at.isDefault()) {
            // a default of ours, which takes the value of a variable
            return at.variable(environment)
                    .map(variable -> of(environment, variable.source(), variable.key()))
                    .orElse("the gateway's own defaults");
        }
        TextResourceOrigin text = at.text();
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

    private TextResourceOrigin text() {
        return Origin.from(OriginLookup.getOrigin(source, key)) instanceof TextResourceOrigin found ? found : null;
    }

    private boolean isDefault() {
        TextResourceOrigin text = text();
        return text != null && text.getResource().getDescription().startsWith("class path resource");
    }

    private Optional<SettingOrigin> variable(ConfigurableEnvironment environment) {
        Matcher variable = VARIABLE.matcher(String.valueOf(source.getProperty(key)));
        if (!variable.find()) {
            return Optional.empty();
        }
        String name = variable.group(1);
        for (PropertySource<?> other : environment.getPropertySources()) {
            if (!ConfigurationPropertySources.isAttachedConfigurationPropertySource(other)
                    && other.containsProperty(name)) {
                return Optional.of(new SettingOrigin(other, name));
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
