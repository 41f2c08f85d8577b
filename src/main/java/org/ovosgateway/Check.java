// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringApplication.AbandonedRunException;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.LifecycleProcessor;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/**
 * The command {@code check}: reads all that a start would read, and says what is wrong with it. It opens no port, connects
 * to nothing, writes nothing to the state directory, and starts no route but those that wait for HTTP calls.
 *
 * <p>A start ends at the first setting whose value is wrong. So this tries again without that setting, until everything
 * else has been looked at.
 */
public final class Check {

    private static final String TRIAL = "org.ovosgateway.trial";
    private static final int MOST_TRIALS = 50;

    private final List<String> options;
    private final Set<String> problems = new LinkedHashSet<>();
    /** Keys that are passed over, by the name of their source. */
    private final Map<String, Set<String>> wrong = new HashMap<>();

    private Check(String... options) {
        this.options = List.of(options);
    }

    /** Whether this is such a trial, and no start. */
    public static boolean isTrial(Environment environment) {
        return environment.getProperty(TRIAL, boolean.class, false);
    }

    /** Runs the command with the options of a start; returns the exit code: 0 when all is well, else 1. */
    static int run(String... options) {
        return new Check(options).run();
    }

    private int run() {
        Optional<List<String>> subjects = Optional.empty();
        for (int i = 0; i < MOST_TRIALS && subjects.isEmpty(); i++) {
            var trial = new Trial();
            subjects = trial.inspect();
            if (subjects.isEmpty() && !trial.passOver()) {
                break;
            }
        }
        if (problems.isEmpty() && subjects.isPresent()) {
            System.out.println("All good: " + String.join(", ", subjects.get()) + ".");
            return 0;
        }
        problems.forEach(System.err::println);
        if (subjects.isEmpty()) {
            System.err.println("The rest is looked at when this is correct.");
        }
        return 1;
    }

    /** One start that ends before anything acts. */
    private final class Trial {

        /** Null until the settings files have been read. */
        private ConfigurableEnvironment environment;
        /** It is wanted also of a start that fails. */
        private KnownSettings names;

        private List<ConfigurationPropertyName> settings = List.of();

        /** What was looked at; empty if something was wrong that keeps the gateway from starting. */
        Optional<List<String>> inspect() {
            var start = new SpringApplication(GatewayApplication.class) {
                @Override
                protected void afterRefresh(ConfigurableApplicationContext context, ApplicationArguments arguments) {
                    throw new AbandonedRunException(context);
                }
            };
            start.setDefaultProperties(Map.of(TRIAL, true));
            start.setRegisterShutdownHook(false);
            start.addInitializers(this::prepare);
            try {
                start.run(Stream.concat(
                                options.stream().filter(this::isWanted),
                                // what is wrong is said once, and by this command
                                Stream.of(
                                                "root",
                                                "access",
                                                "org.ovosgateway",
                                                "org.apache.camel",
                                                "org.springframework")
                                        .map(logger -> "--logging.level." + logger + "=OFF"))
                        .toArray(String[]::new));
                throw new IllegalStateException("a trial ends before the start does");
            } catch (AbandonedRunException end) {
                return Optional.of(inspect(end.getApplicationContext()));
            } catch (RuntimeException e) {
                explain(e);
                return Optional.empty();
            }
        }

        private boolean isWanted(String option) {
            return wrong.getOrDefault("commandLineArgs", Set.of()).stream()
                    .noneMatch(key -> option.equals("--" + key) || option.startsWith("--" + key + "="));
        }

        private void prepare(ConfigurableApplicationContext context) {
            environment = context.getEnvironment();
            var sources = environment.getPropertySources();
            wrong.forEach((source, keys) -> {
                if (sources.contains(source)) {
                    sources.replace(source, RemainingSettings.of(sources.get(source), keys));
                }
            });
            context.getBeanFactory().registerSingleton("lifecycleProcessor", new Standstill());
            context.addBeanFactoryPostProcessor(beans -> beans.addBeanPostProcessor(new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    if (bean instanceof StateDirectory state) {
                        state.close();
                    } else if (bean instanceof KnownSettings known) {
                        names = known;
                    }
                    return bean;
                }
            }));
        }

        private List<String> inspect(ApplicationContext context) {
            List<String> subjects = new ArrayList<>(List.of("settings"));
            context.getBeansOfType(Inspected.class).values().stream()
                    .sorted(Comparator.comparing(Inspected::subject))
                    .forEach(part -> {
                        subjects.add(part.subject());
                        problems.addAll(part.problems());
                    });
            subjects.add("state directory");
            context.getBean(StateDirectory.class).check().ifPresent(problems::add);
            return subjects;
        }

        private void explain(RuntimeException failure) {
            var start = StartFailure.in(environment);
            if (names != null) {
                problems.addAll(names.problems());
            }
            List<StartFailure.Explanation> all = environment == null ? start.unreadable() : List.of();
            if (all.isEmpty()) {
                all = start.explain(failure).stream().toList();
            }
            all.forEach(explanation -> problems.add(explanation.what() + "\n  " + explanation.remedy()));
            settings = all.stream()
                    .flatMap(explanation -> explanation.settings().stream())
                    .toList();
            if (all.isEmpty()) {
                Throwable root = failure;
                while (root.getCause() != null) {
                    root = root.getCause();
                }
                problems.add("The gateway cannot start: " + root.getMessage());
            }
        }

        /** Whether the next trial may get further, as it passes over what was wrong in this one. */
        boolean passOver() {
            boolean more = false;
            for (ConfigurationPropertyName setting : settings) {
                for (SettingOrigin at : SettingOrigin.all(environment, withoutIndex(setting))) {
                    more |= wrong.computeIfAbsent(at.source().getName(), source -> new HashSet<>())
                            .add(at.key());
                }
            }
            return more;
        }

        /** A list that lacks one of its entries cannot be read. */
        private static ConfigurationPropertyName withoutIndex(ConfigurationPropertyName setting) {
            for (int i = 0; i < setting.getNumberOfElements(); i++) {
                if (setting.isNumericIndex(i)) {
                    return setting.chop(i);
                }
            }
            return setting;
        }
    }

    /** Nothing is started, so that no port is opened and no connection made. */
    private static final class Standstill implements LifecycleProcessor {

        @Override
        public void onRefresh() {}

        @Override
        public void onClose() {}

        @Override
        public void start() {}

        @Override
        public void stop() {}

        @Override
        public boolean isRunning() {
            return false;
        }
    }
}
