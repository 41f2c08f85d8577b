// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;
import org.ovosgateway.testing.OnEveryAssistant.Except;
import org.springframework.util.FileSystemUtils;

/** Has each line ready for the tests that are {@link OnEveryAssistant}; all end when the last test has. */
final class EveryAssistant implements TestTemplateInvocationContextProvider {

    private static final String LINES = "test.lines";
    private static final String TIMES = "test.times";
    private static final String INSIST = "OVOS_REQUIRE_REAL_ASSISTANTS";
    private static final String NEEDS =
            "python3.11 with venv, PyPI, gcc, libasound2-dev, pulseaudio, pulseaudio-utils, libasound2-plugins, espeak-ng";

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return true;
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        OnEveryAssistant how = AnnotationSupport.findAnnotation(context.getTestMethod(), OnEveryAssistant.class)
                .orElseThrow();
        return IntStream.range(0, Integer.getInteger(TIMES, 1))
                .boxed()
                .flatMap(time -> lines().stream().map(line -> new OnLine(line, reason(how, line))));
    }

    private static Set<Line> lines() {
        String named = System.getProperty(LINES, "");
        return named.isBlank()
                ? EnumSet.allOf(Line.class)
                : Arrays.stream(named.split(","))
                        .map(Line::valueOf)
                        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Line.class)));
    }

    private static Optional<String> reason(OnEveryAssistant how, Line line) {
        return Arrays.stream(how.except())
                .filter(except -> List.of(except.line()).contains(line))
                .map(Except::because)
                .findFirst();
    }

    /** One run of a test. */
    private record OnLine(Line line, Optional<String> reason)
            implements TestTemplateInvocationContext,
                    ExecutionCondition,
                    BeforeEachCallback,
                    AfterEachCallback,
                    TestExecutionExceptionHandler,
                    ParameterResolver {

        @Override
        public String getDisplayName(int invocation) {
            return line.toString();
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(this);
        }

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return reason.map(because -> {
                        System.out.println(context.getParent().orElseThrow().getDisplayName() + " not on " + line + ": "
                                + because);
                        return ConditionEvaluationResult.disabled("not on " + line + ": " + because);
                    })
                    .orElseGet(() -> ConditionEvaluationResult.enabled(line.toString()));
        }

        @Override
        public void beforeEach(ExtensionContext context) throws IOException {
            Stand stand = stand(context);
            stand.take();
            store(context).put(Stand.class, stand);
            stand.journal().begin(test(context));
            try {
                stand.assistant().reset();
                stand.journal().awaitQuiet();
                stand.startGateway(context);
            } catch (RuntimeException | IOException e) {
                throw stand.told(test(context), e);
            }
            stand.journal().note("---- is ready");
        }

        /** Says which line it was, and what happened there. */
        @Override
        public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
            throw failure instanceof TestAbortedException
                    ? failure
                    : stand(context).told(test(context), failure);
        }

        private static String test(ExtensionContext context) {
            return context.getRequiredTestClass().getSimpleName() + "."
                    + context.getRequiredTestMethod().getName();
        }

        @Override
        public void afterEach(ExtensionContext context) throws MqttException {
            MqttProbe probe = store(context).remove(MqttProbe.class, MqttProbe.class);
            try {
                if (probe != null) {
                    probe.close();
                }
            } finally {
                Stand stand = store(context).remove(Stand.class, Stand.class);
                if (stand != null) {
                    stand.leave();
                }
            }
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return List.of(Assistant.class, Gateway.class, MqttProbe.class)
                    .contains(parameter.getParameter().getType());
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            Class<?> type = parameter.getParameter().getType();
            try {
                Stand stand = stand(context);
                if (type == Assistant.class) {
                    return stand.assistant();
                }
                return type == Gateway.class
                        ? stand.gateway()
                        : store(context).getOrComputeIfAbsent(MqttProbe.class, key -> stand.probe());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private Stand stand(ExtensionContext context) throws IOException {
            Stands stands = context.getRoot()
                    .getStore(Namespace.create(EveryAssistant.class))
                    .getOrComputeIfAbsent(Stands.class, key -> new Stands(lines()), Stands.class);
            try {
                return stands.on(line);
            } catch (CompletionException e) {
                if (!(e.getCause() instanceof IOException)) {
                    throw new IllegalStateException("The %s line did not start: %s".formatted(line, e.getMessage()), e);
                }
                OutsideProgram.skip(
                        context.getRequiredTestClass().getSimpleName() + " on " + line,
                        "a real assistant, which takes " + NEEDS,
                        String.valueOf(e.getCause().getMessage()),
                        INSIST);
                throw e;
            }
        }

        private static ExtensionContext.Store store(ExtensionContext context) {
            return context.getStore(Namespace.create(EveryAssistant.class));
        }
    }

    /** All lines, which start side by side when the first is wanted. */
    private static final class Stands implements ExtensionContext.Store.CloseableResource {

        private final Map<Line, CompletableFuture<Stand>> all = new EnumMap<>(Line.class);

        Stands(Set<Line> lines) {
            for (Line line : lines) {
                CompletableFuture<Stand> started = new CompletableFuture<>();
                all.put(line, started);
                Thread starter = new Thread(() -> start(line, started), "start-" + line);
                starter.setDaemon(true);
                starter.start();
            }
        }

        private static void start(Line line, CompletableFuture<Stand> started) {
            try {
                FileSystemUtils.deleteRecursively(line.folder());
                started.complete(new Stand(
                        line == Line.SIMULATED
                                ? new SimulatedLine()
                                : RealAssistant.start(line, RealAssistant.install(line))));
            } catch (Exception e) {
                started.completeExceptionally(e);
            }
        }

        Stand on(Line line) {
            return all.get(line).join();
        }

        @Override
        public void close() {
            List<Exception> failures = new ArrayList<>();
            for (CompletableFuture<Stand> stand : all.values()) {
                try {
                    stand.join().close();
                } catch (CompletionException neverStarted) {
                    // told by the tests
                } catch (IOException | MqttException | RuntimeException e) {
                    failures.add(e);
                }
            }
            if (!failures.isEmpty()) {
                throw new IllegalStateException("not all could be stopped: " + failures, failures.get(0));
            }
        }
    }

    /** An assistant with a gateway and a broker in front of it. */
    private static final class Stand {

        /** As many assistants as a small machine can attend to; the others wait in silence. */
        private static final Semaphore BUSY = new Semaphore(3);

        private final Assistant assistant;
        private final EmbeddedBroker broker = new EmbeddedBroker();
        /** One test at a time. */
        private final ReentrantLock taken = new ReentrantLock();

        /** Lines of the journal in the message of a failure. */
        private static final int TOLD = 60;

        private final Journal journal;
        private Gateway gateway;
        private MqttProbe listener;

        Stand(Assistant assistant) throws IOException {
            this.assistant = assistant;
            journal = new Journal(assistant.line().folder().resolve("journal.log"));
            journal.hear(assistant.bus());
            assistant.loudspeaker().tell(journal::note);
        }

        Assistant assistant() {
            return assistant;
        }

        Journal journal() {
            return journal;
        }

        /** A failure that names the line, with the end of the journal, which it writes beside the logs of the line. */
        AssertionError told(String test, Throwable failure) throws IOException {
            Files.write(assistant.line().folder().resolve("failed-" + test + ".log"), journal.sinceItBegan());
            List<String> notable = journal.notable();
            List<String> end = notable.subList(Math.max(0, notable.size() - TOLD), notable.size());
            AssertionError told = new AssertionError(
                    "On the %s line: %s%nThe last that happened there:%n  %s"
                            .formatted(assistant.line(), failure.getMessage(), String.join("\n  ", end)),
                    failure);
            told.setStackTrace(failure.getStackTrace());
            return told;
        }

        Gateway gateway() {
            return gateway;
        }

        void take() {
            taken.lock();
            BUSY.acquireUninterruptibly();
        }

        void leave() {
            BUSY.release();
            taken.unlock();
        }

        /** With the first test that runs on it. */
        void startGateway(ExtensionContext context) throws IOException {
            if (gateway == null) {
                broker.start();
                gateway = Gateway.on(assistant::busPort)
                        .broker(broker::port)
                        .with("ovos.assistant.check-interval", "1s")
                        .with("ovos.devices.default.answer-timeout", "3s")
                        .with("ovos.devices.default.companion-timeout", "30s")
                        // that parts are missing is what is tested
                        .with("logging.level.org.ovosgateway.bus", "error");
                gateway.beforeAll(context);
                listener = probe();
                listener.tell(message -> journal.note("mqtt " + message.topic() + " " + message.text()));
            }
            gateway.awaitBus();
            gateway.awaitBroker();
        }

        MqttProbe probe() {
            try {
                MqttProbe probe = MqttProbe.connect(broker.port()).subscribe("ovos/default/#");
                // what is retained comes after the answer, and is not to come when a test has begun
                probe.settle();
                return probe;
            } catch (MqttException e) {
                throw new IllegalStateException("the broker is not there", e);
            }
        }

        void close() throws IOException, MqttException {
            journal.close();
            if (gateway != null) {
                listener.close();
                gateway.afterAll(null);
                broker.stop();
            }
            assistant.close();
        }
    }
}
