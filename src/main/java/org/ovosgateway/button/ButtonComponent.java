// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.vertx.core.Future;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.util.PropertiesHelper;
import org.ovosgateway.Json;
import org.ovosgateway.Nearest;
import org.ovosgateway.StateDirectory;
import org.ovosgateway.assistant.Call;
import org.ovosgateway.assistant.Commands;
import org.ovosgateway.mqtt.ConditionalOnMqtt;
import org.ovosgateway.mqtt.Mqtt;
import org.ovosgateway.mqtt.Refusal;
import org.ovosgateway.mqtt.Refusals;
import org.ovosgateway.problem.ProblemException;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** {@code button:<family>}: reads presses out of a message, and runs the commands that the gestures stand for. */
@Component("button-component")
@ConditionalOnMqtt
class ButtonComponent extends DefaultComponent {

    private static final List<String> OPTIONS =
            List.of("device", "button", "source", "others", "window", "path", "values", "on.single");

    private static final long KEEP_MILLIS = 1_000;
    /** Topics whose unreadable messages are remembered. */
    private static final int TOPICS = 500;

    private static final int LONGEST_TOPIC = 500;
    private static final int REPORTS_PER_TOPIC = 10;

    private final Function<Call, Future<Object>> commands;
    private final Consumer<String> requireDevice;
    private final Reports reports;
    private final PressMemory memory;
    /** By topic: what could not be read there, as it was reported. */
    private final Cache<String, Set<String>> unreadable;

    private ScheduledExecutorService timer;
    private boolean keeping;

    /** Where a person reads why a button did nothing. */
    interface Reports {

        /** A message on this topic did not act, or not in full. */
        void refused(String topic, Refusal refusal);

        /** The same as reported before. */
        void refusedAgain(Refusal refusal);

        /** Something is wrong that is not the fault of a message. */
        void trouble(String detail);
    }

    @Autowired
    ButtonComponent(
            Commands commands,
            Mqtt mqtt,
            Refusals refusals,
            StateDirectory state,
            @Value("${ovos.mqtt.guard.duplicate-window:400ms}") Duration echo,
            @Value("${ovos.mqtt.guard.max-age:10s}") Duration maxAge) {
        this(
                commands::run,
                commands::requireDevice,
                state,
                echo,
                Ticker.systemTicker(),
                nanos -> mqtt.uncertainty(nanos).compareTo(maxAge) <= 0,
                new BridgeEvents(mqtt, refusals));
    }

    /** Reports on {@code <base>/bridge/event}; what is found at the start waits for the broker. */
    private static final class BridgeEvents implements Reports {

        private final Mqtt mqtt;
        private final Refusals refusals;
        private String waiting;

        BridgeEvents(Mqtt mqtt, Refusals refusals) {
            this.mqtt = mqtt;
            this.refusals = refusals;
            mqtt.onConnected(this::connected);
        }

        @Override
        public void refused(String topic, Refusal refusal) {
            refusals.add(topic, refusal);
        }

        @Override
        public void refusedAgain(Refusal refusal) {
            refusals.count(refusal);
        }

        @Override
        public synchronized void trouble(String detail) {
            if (!mqtt.isConnected()) {
                waiting = detail;
                return;
            }
            mqtt.publish(
                    mqtt.base() + "/bridge/event",
                    Json.write(
                            Map.of("type", "incident", "data", Map.of("reason", "presses-not-kept", "detail", detail))),
                    false);
        }

        private synchronized void connected() {
            if (waiting != null) {
                trouble(waiting);
                waiting = null;
            }
        }
    }

    ButtonComponent(
            Function<Call, Future<Object>> commands,
            Consumer<String> requireDevice,
            StateDirectory state,
            Duration echo,
            Ticker ticker,
            PressMemory.Freshness freshness,
            Reports reports) {
        this.commands = commands;
        this.requireDevice = requireDevice;
        this.reports = reports;
        this.unreadable = Caffeine.newBuilder()
                .maximumSize(TOPICS)
                .expireAfterWrite(Duration.ofDays(1))
                .ticker(ticker)
                .build();
        this.memory = new PressMemory(
                ticker, InstantSource.system(), new LastPresses(state, reports::trouble), echo, freshness);
    }

    /** Runs commands. */
    Function<Call, Future<Object>> commands() {
        return commands;
    }

    /** Outlives endpoints, so that an edited route knows what was pressed before. */
    PressMemory memory() {
        return memory;
    }

    Reports reports() {
        return reports;
    }

    /**
     * Counts what cannot be read, when it was reported in the last day: a device that sends it again and again is reported
     * once.
     */
    boolean wasReported(String topic, RuntimeException failure) {
        if (!(failure instanceof ProblemException told)
                || !told.problem().type().equals("unreadable")
                || topic.length() > LONGEST_TOPIC) {
            return false;
        }
        String detail = told.problem().detail();
        Set<String> before = unreadable.get(topic, each -> ConcurrentHashMap.newKeySet());
        if (before.size() < REPORTS_PER_TOPIC && before.add(detail)) {
            return false;
        }
        reports.refusedAgain(new Refusal(told.problem().type(), detail));
        return true;
    }

    /** For what waits whether more follows; made when it is first needed. */
    synchronized ScheduledExecutorService timer() {
        if (timer == null) {
            timer = getCamelContext()
                    .getExecutorServiceManager()
                    .newSingleThreadScheduledExecutor(this, "button-timer");
        }
        return timer;
    }

    /** Keeps what was heard soon, together with what is heard until then: for reports that do nothing. */
    synchronized void keepSoon() {
        if (!keeping) {
            keeping = true;
            timer().schedule(this::keep, KEEP_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void keep() {
        synchronized (this) {
            keeping = false;
        }
        memory.keep();
    }

    @Override
    protected void doStop() throws Exception {
        synchronized (this) {
            if (timer != null) {
                getCamelContext().getExecutorServiceManager().shutdownNow(timer);
                timer = null;
            }
            keeping = false;
        }
        memory.keep();
        super.doStop();
    }

    @Override
    protected Endpoint createEndpoint(String uri, String family, Map<String, Object> parameters) throws Exception {
        Map<String, Object> on = PropertiesHelper.extractProperties(parameters, "on.");
        ButtonEndpoint endpoint = new ButtonEndpoint(uri, this, Family.of(family), on);
        setProperties(endpoint, parameters);
        parameters.keySet().stream().findFirst().ifPresent(option -> {
            throw new IllegalArgumentException(
                    "button: has no option '%s'%s".formatted(option, Nearest.hint(option, OPTIONS)));
        });
        requireDevice.accept(endpoint.getDevice());
        return endpoint;
    }
}
