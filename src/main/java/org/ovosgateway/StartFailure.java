// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.context.config.ConfigDataException;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.convert.ConverterNotFoundException;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.util.PlaceholderResolutionException;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/** Says why the gateway cannot start, in a few lines for a person: what, where, what to do. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class StartFailure implements SpringBootExceptionReporter {

    private static final Pattern SECRET = Pattern.compile(".*(password|secret|api-?key|token).*");
    private static final Pattern KEY = Pattern.compile("\\b(?:ovos|server)(?:\\.[a-z0-9-]+)+");
    private static final int LONGEST_VALUE = 64;
    private static final String CORRECT = "Correct it; application.yaml explains each setting.";

    /** Where settings files cannot be read, there is no context that knows which they are. */
    private static volatile ConfigurableEnvironment early = new StandardEnvironment();

    private ConfigurableEnvironment environment;

    /** Spring makes it with this one constructor. */
    StartFailure(ConfigurableApplicationContext context) {
        this.environment = context == null ? early : context.getEnvironment();
    }

    /** @param environment null: what is known before the settings files are read */
    static StartFailure in(ConfigurableEnvironment environment) {
        StartFailure failure = new StartFailure(null);
        failure.environment = environment == null ? early : environment;
        return failure;
    }

    /** Keeps what is known before the settings files are read. */
    static void keep(ConfigurableEnvironment environment) {
        early = environment;
    }

    /**
     * @param what what is wrong, and where
     * @param remedy what to do
     * @param settings whose values are wrong; empty if it is something else
     */
    record Explanation(String what, String remedy, List<ConfigurationPropertyName> settings) {

        Explanation(String what, String remedy) {
            this(what, remedy, List.of());
        }
    }

    /** Prints the explanation; false for a failure that is no mistake of a person. */
    @Override
    public boolean reportException(Throwable failure) {
        if (Check.isTrial(environment)) {
            return true; // it says so itself
        }
        Optional<Explanation> explanation = explain(failure);
        explanation.ifPresent(
                known -> System.err.println("The gateway cannot start.\n" + known.what() + "\n" + known.remedy()));
        return explanation.isPresent();
    }

    Optional<Explanation> explain(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof InvalidConfigurationException invalid) {
                return Optional.of(invalid(invalid));
            }
            if (cause instanceof BindException bind) {
                return Optional.of(setting(bind));
            }
            if (cause instanceof YAMLException || cause instanceof IOException) {
                var mistake = settingsFiles()
                        .map(StartFailure::file)
                        .flatMap(Optional::stream)
                        .findFirst();
                if (mistake.isPresent()) {
                    return mistake;
                }
            }
            if (cause instanceof ConfigDataException missing) {
                return Optional.of(
                        new Explanation(missing.getMessage(), "Check spring.config.* and spring.profiles.*."));
            }
        }
        return Optional.empty();
    }

    private Explanation invalid(InvalidConfigurationException invalid) {
        List<ConfigurationPropertyName> settings =
                invalid.settings().stream().map(ConfigurationPropertyName::of).toList();
        String where = settings.stream()
                .flatMap(name -> SettingOrigin.all(environment, name).stream().limit(1))
                .map(at -> SettingOrigin.of(environment, at.source(), at.key()))
                .distinct()
                .collect(Collectors.joining(" and "));
        return new Explanation(
                where.isEmpty() ? invalid.getMessage() : where + ": " + invalid.getMessage(),
                invalid.remedy(),
                settings);
    }

    private Explanation setting(BindException bind) {
        for (Throwable cause = bind.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof BindValidationException invalid) {
                String what = invalid.getValidationErrors().getAllErrors().stream()
                        .map(error -> invalid(invalid.getValidationErrors().getName(), error))
                        .distinct()
                        .collect(Collectors.joining("\n"));
                return new Explanation(what, CORRECT, settings(invalid));
            }
            if (cause instanceof PlaceholderResolutionException) {
                return new Explanation(
                        placed(
                                bind.getName(),
                                bind.getName() + " refers to something that is not set: " + cause.getMessage()),
                        "Set it, or write the value itself.",
                        List.of(bind.getName()));
            }
            if (cause instanceof ConversionFailedException || cause instanceof ConverterNotFoundException) {
                Class<?> type = bind.getTarget().getType().resolve(Object.class);
                return new Explanation(
                        placed(bind.getName(), value(bind) + ", and must be " + form(type)),
                        CORRECT,
                        List.of(bind.getName()));
            }
        }
        Throwable root = bind;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String reason = String.valueOf(root.getMessage());
        Matcher key = KEY.matcher(reason);
        boolean named = key.find() && ConfigurationPropertyName.isValid(key.group());
        ConfigurationPropertyName name = named ? ConfigurationPropertyName.of(key.group()) : bind.getName();
        return new Explanation(placed(name, named ? reason : name + ": " + reason), CORRECT, List.of(name));
    }

    private static List<ConfigurationPropertyName> settings(BindValidationException invalid) {
        ConfigurationPropertyName prefix = invalid.getValidationErrors().getName();
        return invalid.getValidationErrors().getAllErrors().stream()
                .map(error -> error instanceof FieldError field ? prefix + "." + dashed(field) : prefix.toString())
                .filter(ConfigurationPropertyName::isValid)
                .map(ConfigurationPropertyName::of)
                .toList();
    }

    private static String dashed(FieldError field) {
        return Stream.of(field.getField().split("\\."))
                .map(DataObjectPropertyName::toDashedForm)
                .collect(Collectors.joining("."));
    }

    private String invalid(ConfigurationPropertyName prefix, ObjectError error) {
        if (!(error instanceof FieldError field)) {
            return prefix + ": " + error.getDefaultMessage();
        }
        String name = prefix + "." + dashed(field);
        Object value = field.getRejectedValue();
        String is = value == null || value instanceof Collection || value instanceof Map || value instanceof Record
                ? name + " "
                : shown(name, value) + ", and ";
        String reason = is + field.getDefaultMessage();
        return ConfigurationPropertyName.isValid(name) ? placed(ConfigurationPropertyName.of(name), reason) : reason;
    }

    private String placed(ConfigurationPropertyName name, String reason) {
        return SettingOrigin.of(environment, name)
                .map(where -> where + ": " + reason)
                .orElse(reason);
    }

    private String value(BindException bind) {
        Object value = bind.getProperty() == null ? null : bind.getProperty().getValue();
        return value == null
                ? bind.getName() + " does not fit"
                : shown(bind.getName().toString(), environment.resolvePlaceholders(value.toString()));
    }

    private static String shown(String name, Object value) {
        String text = String.valueOf(
                        value instanceof Duration time
                                ? time.toString().substring(2).toLowerCase(Locale.ROOT)
                                : value)
                .replaceAll("\\p{Cntrl}", "?");
        return SECRET.matcher(name).matches() || text.length() > LONGEST_VALUE
                ? name + " is set"
                : name + " is '" + text + "'";
    }

    private static String form(Class<?> type) {
        if (type == int.class || type == long.class || type == Integer.class || type == Long.class) {
            return "a whole number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == Duration.class) {
            return "a time such as 500ms, 30s, 5m, 1h or 1d";
        }
        if (type == DataSize.class) {
            return "a size such as 512B, 16KB or 1MB";
        }
        if (type == Pattern.class) {
            return "a regular expression";
        }
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(constant ->
                                    constant.toString().toLowerCase(Locale.ROOT).replace('_', '-'))
                            .collect(Collectors.joining(", "));
        }
        if (type.isRecord()) {
            return "left out, or have settings below it";
        }
        return Collection.class.isAssignableFrom(type) || type.isArray() ? "a list" : "of another form";
    }

    /** What keeps .env and the settings files from being read, all of them. */
    List<Explanation> unreadable() {
        return Stream.concat(
                        EnvFilePostProcessor.file(environment).map(EnvFile::mistakes).stream()
                                .flatMap(List::stream)
                                .map(this::invalid),
                        settingsFiles().map(StartFailure::file).flatMap(Optional::stream))
                .toList();
    }

    private Stream<Path> settingsFiles() {
        Stream<String> named = Stream.of("spring.config.location", "spring.config.additional-location")
                .flatMap(key -> Stream.of(environment.getProperty(key, "").split("[,;]")))
                .map(place -> place.strip().replaceFirst("^optional:", "").replaceFirst("^file:", ""))
                .filter(place -> !place.isEmpty() && !place.startsWith("classpath:"));
        return Stream.concat(named, Stream.of("./", "config/"))
                .flatMap(place -> place.endsWith("/")
                        ? Stream.of(place + "application.yaml", place + "application.yml")
                        : Stream.of(place))
                .map(Path::of)
                .map(Path::normalize)
                .filter(Files::exists);
    }

    /** What is wrong with a file as YAML; empty if nothing is. */
    static Optional<Explanation> file(Path file) {
        byte[] content;
        try {
            content = Files.readAllBytes(file);
        } catch (IOException e) {
            return Optional.of(new Explanation(
                    file + " cannot be read: " + Reason.of(e) + ".", "Let the gateway's user read it."));
        }
        String text;
        ByteBuffer in = ByteBuffer.wrap(content);
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(in).toString();
        } catch (CharacterCodingException e) {
            long line = 1
                    + new String(content, 0, in.position(), StandardCharsets.ISO_8859_1)
                            .chars()
                            .filter(c -> c == '\n')
                            .count();
            return Optional.of(
                    new Explanation(file + ", line " + line + ": it is not UTF-8.", "Save the file as UTF-8."));
        }
        var options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        try {
            new Yaml(new SafeConstructor(options)).loadAll(text).forEach(document -> {});
            return Optional.empty();
        } catch (MarkedYAMLException e) {
            String problem = String.valueOf(e.getProblem()).strip();
            String remedy = problem.contains("TAB")
                    ? "Indent with spaces."
                    : problem.contains("duplicate")
                            ? "Keep one of the two."
                            : "YAML is indented by spaces; a value with ': ' or ' #' in it needs quotes.";
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            return Optional.of(new Explanation(
                    file + (line > 0 ? ", line " + line : "") + ": " + problem.replaceFirst(" \\(Do not use.*", ""),
                    remedy));
        } catch (YAMLException e) {
            return Optional.of(new Explanation(
                    file + ": "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse("it is not YAML"),
                    "Save it as plain text, as UTF-8."));
        }
    }
}
