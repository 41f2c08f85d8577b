// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringApplication.AbandonedRunException;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.LifecycleProcessor;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;

/**
 * The command {@code check}: reads all that a start would read, and says what is wrong with it. It opens no port, connects
 * to nothing, writes nothing to the state directory, and starts no route but those that wait for HTTP calls.
 */
public final class Check {

    private static final String TRIAL = "trial";

    private Check() {}

    /** Whether this is such a trial, and no start. */
    public static boolean isTrial(Environment environment) {
        return environment.getProperty(TRIAL, boolean.class, false);
    }

    /** Runs the command with the options of a start; returns the exit code: 0 when all is well, else 1. */
    static int run(String... options) {
        var trial = new SpringApplication(GatewayApplication.class) {
            @Override
            protected void afterRefresh(ConfigurableApplicationContext context, ApplicationArguments arguments) {
                throw new AbandonedRunException(context);
            }
        };
        trial.setRegisterShutdownHook(false);
        trial.addInitializers(Check::prepare);
        try {
            trial.run(Stream.concat(
                            Stream.of(options),
                            // what is wrong is said once, and by this command
                            Stream.of("root", "access", "org.ovosgateway", "org.apache.camel", "org.springframework")
                                    .map(logger -> "--logging.level." + logger + "=OFF"))
                    .toArray(String[]::new));
            throw new IllegalStateException("a trial ends before the start does");
        } catch (AbandonedRunException end) {
            return report(end.getApplicationContext());
        } catch (RuntimeException e) {
            if (new StartFailure(null).explain(e).isEmpty()) {
                Throwable root = e;
                while (root.getCause() != null) {
                    root = root.getCause();
                }
                System.err.println("The gateway cannot start: " + root.getMessage());
            }
            return 1;
        }
    }

    private static void prepare(ConfigurableApplicationContext context) {
        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource(TRIAL, Map.of(TRIAL, true)));
        context.getBeanFactory().registerSingleton("lifecycleProcessor", new Standstill());
        context.addBeanFactoryPostProcessor(beans -> beans.addBeanPostProcessor(new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                if (bean instanceof StateDirectory state) {
                    state.close();
                }
                return bean;
            }
        }));
    }

    private static int report(ApplicationContext context) {
        List<String> problems = new ArrayList<>();
        List<String> subjects = new ArrayList<>(List.of("settings"));
        context.getBeansOfType(Inspected.class).values().stream()
                .sorted(Comparator.comparing(Inspected::subject))
                .forEach(part -> {
                    subjects.add(part.subject());
                    problems.addAll(part.problems());
                });
        subjects.add("state directory");
        context.getBean(StateDirectory.class).check().ifPresent(problems::add);
        if (problems.isEmpty()) {
            System.out.println("All good: " + String.join(", ", subjects) + ".");
            return 0;
        }
        problems.forEach(System.err::println);
        return 1;
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
