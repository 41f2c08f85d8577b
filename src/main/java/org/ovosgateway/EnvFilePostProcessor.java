// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.FileSystemResource;

/**
 * Makes the {@code .env} of the working directory, or the file that {@code OVOS_ENV_FILE} names, part of the environment.
 *
 * <p>Real environment variables and the command line win over it; it wins over every {@code application.yaml}. An empty
 * {@code OVOS_ENV_FILE} means no file. Variables that only name the neighbours of a container are taken out.
 */
class EnvFilePostProcessor implements EnvironmentPostProcessor, Ordered {

    private static final String ENVIRONMENT = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
    /** The variables of ovos-api, which takes them literally, and those of the broker, whose password is to be so too. */
    private static final Set<String> LITERAL = Set.of(
            "SECRET",
            "PREVIOUS_SECRET",
            "WS_HOST",
            "WS_PORT",
            "API_KEY",
            "USERS_DB",
            "MQTT_HOST",
            "MQTT_PORT",
            "MQTT_USER",
            "MQTT_PASSWORD");

    /** In a .env they are for the other programs that read it; Spring would log a report of a thousand lines. */
    private static final Set<String> FOREIGN = Set.of("DEBUG", "TRACE");

    private static final String DOLLAR = "literal.dollar";
    private static final String BACKSLASH = "literal.backslash";

    /** Before the application.yaml is read, so that it may refer to what is in the .env. */
    @Override
    public int getOrder() {
        return ConfigDataEnvironmentPostProcessor.ORDER - 1;
    }

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        StartFailure.keep(environment);
        dropServiceLinks(environment);
        // Spring binds OVOS_BUS_HOST to ovos.bus.host only in a source whose name ends like this
        file(environment)
                .ifPresent(file -> environment
                        .getPropertySources()
                        .addAfter(ENVIRONMENT, new EnvFileSource(file, EnvFile.entries(file))));
        keepLiteral(environment);
    }

    /** The file that is read, if there is to be one. */
    static Optional<Path> file(ConfigurableEnvironment environment) {
        String named = environment.getProperty("OVOS_ENV_FILE");
        Path file = Path.of(named == null ? ".env" : named);
        return Optional.of(file).filter(path -> named == null ? Files.exists(path) : !named.isBlank());
    }

    private static void dropServiceLinks(ConfigurableEnvironment environment) {
        if (environment.getPropertySources().get(ENVIRONMENT) instanceof SystemEnvironmentPropertySource system) {
            Map<String, Object> left = ServiceLinks.removeFrom(system.getSource());
            if (left.size() < system.getSource().size()) {
                environment
                        .getPropertySources()
                        .replace(ENVIRONMENT, new SystemEnvironmentPropertySource(ENVIRONMENT, left));
            }
        }
    }

    private static void keepLiteral(ConfigurableEnvironment environment) {
        var system = environment.getPropertySources().get(ENVIRONMENT);
        Map<String, String> literal = new HashMap<>();
        for (String key : LITERAL) {
            if (system != null && system.getProperty(key) instanceof String value && value.contains("${")) {
                literal.put(key, value);
            }
        }
        if (!literal.isEmpty()) {
            environment.getPropertySources().addBefore(ENVIRONMENT, source("literal-" + ENVIRONMENT, literal));
        }
    }

    private static SystemEnvironmentPropertySource source(String name, Map<String, String> entries) {
        Map<String, Object> values = new LinkedHashMap<>();
        entries.forEach((key, value) -> values.put(key, escaped(value)));
        values.put(DOLLAR, "$");
        values.put(BACKSLASH, "\\");
        return new SystemEnvironmentPropertySource(name, values);
    }

    /** The file as if these variables were not in it. */
    static PropertySource<?> without(PropertySource<?> envFile, Set<String> variables) {
        var source = (EnvFileSource) envFile;
        Map<String, EnvFile.Entry> left = new LinkedHashMap<>(source.entries);
        left.keySet().removeAll(variables);
        return new EnvFileSource(source.file, left);
    }

    static boolean isEnvFile(PropertySource<?> source) {
        return source instanceof EnvFileSource;
    }

    /** Knows the line of each variable. */
    private static final class EnvFileSource extends SystemEnvironmentPropertySource implements OriginLookup<String> {

        private final Path file;
        private final Map<String, EnvFile.Entry> entries;

        EnvFileSource(Path file, Map<String, EnvFile.Entry> entries) {
            super(".env-" + ENVIRONMENT, values(entries));
            this.file = file;
            this.entries = entries;
        }

        private static Map<String, Object> values(Map<String, EnvFile.Entry> entries) {
            Map<String, String> values = new LinkedHashMap<>();
            entries.forEach((key, entry) -> values.put(key, entry.value()));
            values.keySet().removeAll(FOREIGN);
            return source("values", values).getSource();
        }

        @Override
        public Origin getOrigin(String key) {
            EnvFile.Entry entry = entries.get(key);
            return entry == null
                    ? null
                    : new TextResourceOrigin(
                            new FileSystemResource(file), new TextResourceOrigin.Location(entry.line() - 1, 0));
        }
    }

    /** The value, written so that Spring's resolution of placeholders gives it back unchanged. */
    private static String escaped(String value) {
        if (!value.contains("${")) {
            return value;
        }
        // Spring's own escape, a backslash, is not honoured in front of a brace that is never closed
        var escaped = new StringBuilder();
        for (char c : value.toCharArray()) {
            switch (c) {
                case '$' -> escaped.append("${").append(DOLLAR).append('}');
                case '\\' -> escaped.append("${").append(BACKSLASH).append('}');
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
