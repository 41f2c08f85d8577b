// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.lang.reflect.Constructor;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.stereotype.Component;
import org.springframework.util.ClassUtils;
import org.springframework.util.PlaceholderResolutionException;

/**
 * Refuses to start with a setting that nothing reads: a misspelt {@code ovos.mqtt.allow} would leave the default in force,
 * and nobody would know.
 *
 * <p>What can be set is what the records annotated with {@link ConfigurationProperties} have, at any depth: names in maps are
 * free, lists have numbers. Of the variables of the environment only those are judged that are meant for the gateway:
 * other programs have variables that begin with {@code OVOS_}, too.
 */
@Component
class KnownSettings implements BeanFactoryPostProcessor, EnvironmentAware, Inspected {

    private static final String PACKAGE = KnownSettings.class.getPackageName();
    private static final List<String> ROOTS = List.of("ovos", "server");
    /** What else is set in the same files, and read by others. */
    private static final Set<String> OTHERS = Set.of("logging", "spring", "camel", "debug", "trace", "ovos", "server");
    /** Read from the environment before there are settings, or by tests. */
    private static final Pattern VARIABLES = Pattern.compile("OVOS_ENV_FILE|OVOS_REQUIRE_.*");

    /** Those of ovos-api, and ours without a prefix. */
    private static final Set<String> SHORT = Set.of(
            "SECRET",
            "PREVIOUS_SECRET",
            "WS_HOST",
            "WS_PORT",
            "API_KEY",
            "USERS_DB",
            "STATE_DIRECTORY",
            "MQTT_HOST",
            "MQTT_PORT",
            "MQTT_USER",
            "MQTT_PASSWORD");

    private static final Logger LOG = LoggerFactory.getLogger(KnownSettings.class);
    private static final int MOST = 20;

    /**
     * What may well be for another program that reads the same .env, so it is reported and not refused; in a trial, which goes on
     * to other mistakes, also what would be refused.
     */
    private final List<String> doubtful = new ArrayList<>();

    private ConfigurableEnvironment environment;

    @Override
    public void setEnvironment(Environment environment) {
        this.environment = (ConfigurableEnvironment) environment;
    }

    /** One level of keys. */
    private static final class Section {

        /** By their canonical names, such as {@code max-body}. */
        private final Map<String, Section> keys = new TreeMap<>();
        /** What is below any name; null where names are not free. */
        private Section any;
        /** What is below a number; null where there is no list of sections. */
        private Section item;
        /** Whether it may have a value itself, in place of keys. */
        private boolean text;

        boolean isValue() {
            return keys.isEmpty() && any == null && item == null;
        }

        Section key(String uniform) {
            return keys.entrySet().stream()
                    .filter(entry -> entry.getKey().replace("-", "").equals(uniform))
                    .map(entry ->
                            any == null ? entry.getValue() : entry.getValue().beside(any))
                    .findFirst()
                    .orElse(any);
        }

        /** With what is below any name, too. */
        private Section beside(Section others) {
            Section both = new Section();
            both.keys.putAll(others.keys);
            both.keys.putAll(keys);
            both.any = any;
            both.item = item;
            both.text = text;
            return both;
        }
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        Section all = new Section();
        for (String bean : beans.getBeanDefinitionNames()) {
            String type = beans.getBeanDefinition(bean).getBeanClassName();
            if (type != null && type.startsWith(PACKAGE) && bean.endsWith("-" + type)) {
                Class<?> settings = ClassUtils.resolveClassName(type, beans.getBeanClassLoader());
                var prefix = AnnotatedElementUtils.getMergedAnnotation(settings, ConfigurationProperties.class);
                if (prefix != null) {
                    Section section = all;
                    for (String name : prefix.prefix().split("\\.")) {
                        section = section.keys.computeIfAbsent(name, made -> new Section());
                    }
                    describe(settings, section);
                }
            }
        }
        List<String> unknown = unknown(all);
        if (Check.isTrial(environment)) {
            doubtful.addAll(unknown);
        } else if (!unknown.isEmpty()) {
            throw new InvalidConfigurationException(
                    String.join("\n", unknown.subList(0, Math.min(MOST, unknown.size()))),
                    "Correct or remove "
                            + (unknown.size() == 1 ? "it" : "them")
                            + "; docs/configuration.md and the application.yaml that came with the gateway have all"
                            + " settings.");
        }
    }

    @Override
    public String subject() {
        return "names of settings";
    }

    @Override
    public List<String> problems() {
        return doubtful;
    }

    /** A variable in .env that is nearly one of those without a prefix. */
    private void doubt(PropertySource<?> source, String name) {
        if (!SHORT.contains(name)) {
            Nearest.of(name, SHORT, 1).ifPresent(near -> {
                String doubt = SettingOrigin.of(environment, source, name) + ": " + name
                        + " is not a setting; the nearest is '" + near + "'";
                LOG.warn("{}", doubt);
                doubtful.add(doubt);
            });
        }
    }

    private static void describe(Class<?> settings, Section section) {
        Constructor<?> canonical = Arrays.stream(settings.getDeclaredConstructors())
                .max(Comparator.comparingInt(Constructor::getParameterCount))
                .orElseThrow();
        for (Parameter parameter : canonical.getParameters()) {
            String name = DataObjectPropertyName.toDashedForm(parameter.getName());
            describe(parameter.getParameterizedType(), section.keys.computeIfAbsent(name, made -> new Section()));
        }
    }

    private static void describe(Type type, Section section) {
        if (type instanceof Class<?> nested && nested.isRecord()) {
            describe(nested, section);
            section.text = ClassUtils.hasMethod(nested, "valueOf", String.class);
        } else if (type instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw) {
            Type[] arguments = generic.getActualTypeArguments();
            if (Map.class.isAssignableFrom(raw)) {
                section.any = new Section();
                describe(arguments[1], section.any);
            } else if (Collection.class.isAssignableFrom(raw) && arguments[0] instanceof Class<?> item) {
                if (item.isRecord()) {
                    section.item = new Section();
                    describe(item, section.item);
                }
            }
        }
    }

    private List<String> unknown(Section all) {
        Set<String> unknown = new TreeSet<>();
        List<String> order = new ArrayList<>();
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> names) {
                for (String name : names.getPropertyNames()) {
                    if (EnvFilePostProcessor.isEnvFile(source)) {
                        doubt(source, name);
                    }
                    // Spring takes ovos.mqtt.base in the environment, too
                    String reason = source instanceof SystemEnvironmentPropertySource && name.indexOf('.') < 0
                            ? variable(all, name)
                            : setting(all, source, name);
                    if (reason != null && unknown.add(reason)) {
                        order.add(SettingOrigin.of(environment, source, name) + ": " + reason);
                    }
                }
            }
        }
        return order;
    }

    private String setting(Section all, PropertySource<?> source, String written) {
        ConfigurationPropertyName name = ConfigurationPropertyName.adapt(written, '.');
        if (name.isEmpty()) {
            return null;
        }
        String root = name.getElement(0, Form.DASHED);
        if (!ROOTS.contains(root)) {
            return isOfThePerson(source, written) && !OTHERS.contains(root) ? misplaced(all, root, written) : null;
        }
        Section section = all.keys.get(root);
        StringBuilder above = new StringBuilder(root);
        for (int i = 1; section != null && i < name.getNumberOfElements(); i++) {
            String element = name.getElement(i, Form.ORIGINAL);
            if (name.isNumericIndex(i) && section.any == null) {
                if (section.isValue()) {
                    return null; // an entry of a list of values
                }
                above.append('[').append(element).append(']');
                section = section.item;
                continue;
            }
            Section below = section.key(name.getElement(i, Form.UNIFORM));
            if (below == null) {
                return above + "." + element + " is not a setting" + hint(all, section, above.toString(), element);
            }
            above.append('.').append(element);
            section = below;
            if (section.text && i < name.getNumberOfElements() - 1 && environment.containsProperty(above.toString())) {
                return above + " has a value, with which " + written + " is not read: remove one of them";
            }
        }
        if (section == null) {
            return written + " is not a setting";
        }
        Object value = source.getProperty(written);
        if (value instanceof CharSequence text && text.toString().contains("${")) {
            try {
                environment.resolveRequiredPlaceholders(text.toString());
            } catch (PlaceholderResolutionException e) {
                // Spring would take the text itself, for a password or a secret too
                return written + " refers to ${" + e.getPlaceholder() + "}, which is not set";
            }
        }
        return section.isValue()
                        || section.text
                        || value == null
                        || value.toString().isBlank()
                ? null
                : written + " has settings below it, and cannot have a value itself: "
                        + String.join(", ", section.keys.keySet());
    }

    /** A top-level key may be for the routes of a user, unless it is nearly one of ours. */
    private static String misplaced(Section all, String root, String written) {
        // one change only: a user's camera is no misspelt camel
        String hint = Nearest.of(root, OTHERS, 1)
                .map(name -> "; the nearest is '" + name + "'")
                .orElse("");
        if (hint.isEmpty()
                && all.keys.containsKey("ovos")
                && all.keys.get("ovos").keys.containsKey(root)) {
            hint = "; the nearest is 'ovos." + written + "'";
        }
        return hint.isEmpty() ? null : written + " is not a setting" + hint;
    }

    private static boolean isOfThePerson(PropertySource<?> source, String name) {
        return source instanceof CommandLinePropertySource
                || org.springframework.boot.origin.OriginLookup.getOrigin(source, name) instanceof TextResourceOrigin;
    }

    private static String hint(Section all, Section section, String above, String element) {
        var here = Nearest.of(element, section.keys.keySet(), Math.max(1, Math.min(3, element.length() / 3)));
        if (here.isPresent()) {
            return "; the nearest is '" + above + "." + here.get() + "'";
        }
        // the right name in the wrong place
        return paths(all, "")
                .filter(path -> path.endsWith("." + DataObjectPropertyName.toDashedForm(element)))
                .min(Comparator.comparingInt(String::length))
                .map(path -> "; the nearest is '" + path + "'")
                .orElseGet(() -> section.keys.isEmpty()
                        ? ""
                        : "; " + above + " has " + String.join(", ", section.keys.keySet()));
    }

    /** All keys, with NAME for free names and 0 for entries of lists. */
    private static Stream<String> paths(Section section, String above) {
        if (section.isValue()) {
            return Stream.of(above);
        }
        String dot = above.isEmpty() ? "" : above + ".";
        Stream<String> below = section.text ? Stream.of(above) : Stream.empty();
        below = Stream.concat(
                below,
                section.keys.entrySet().stream().flatMap(entry -> paths(entry.getValue(), dot + entry.getKey())));
        below = section.any == null ? below : Stream.concat(below, paths(section.any, dot + "NAME"));
        return section.item == null ? below : Stream.concat(below, paths(section.item, dot + "0"));
    }

    /** Capitals are a habit: Spring takes small letters, too. */
    private static String variable(Section all, String written) {
        String name = written.toUpperCase(Locale.ROOT);
        boolean ours = name.startsWith("OVOS_") && !VARIABLES.matcher(name).matches();
        if (!ours && !name.startsWith("SERVER_")) {
            return null;
        }
        List<String> paths = paths(all, "").toList();
        if (paths.stream().anyMatch(path -> pattern(path).matcher(name).matches())) {
            return null;
        }
        Set<String> variables = new TreeSet<>();
        paths.forEach(path -> variables.add(variableOf(path)));
        String hint = Nearest.of(name, variables, ours ? 2 : 1)
                .map(near -> "; the nearest is '" + near + "'")
                .orElse("");
        boolean section = ours
                && all.keys.containsKey("ovos")
                && all.keys.get("ovos").keys.entrySet().stream()
                        .anyMatch(entry -> !entry.getValue().isValue()
                                && name.startsWith("OVOS_" + variableOf(entry.getKey()) + "_"));
        return section || !hint.isEmpty() ? written + " is not a setting" + hint : null;
    }

    private static String variableOf(String path) {
        return path.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
    }

    /** Spring takes hyphens as nothing, or as an underscore too. */
    private static Pattern pattern(String path) {
        return Pattern.compile(path.toUpperCase(Locale.ROOT)
                        .replace("-", "_?")
                        .replace(".NAME", "_[A-Z0-9_]+?")
                        .replace(".0", "_[0-9]+")
                        .replace('.', '_')
                + "(_[0-9]+_?)?");
    }
}
