// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import org.ovosgateway.HostName;
import org.ovosgateway.Inspected;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.LogText;
import org.ovosgateway.api.OwnServer;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.NamedUsers;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.http.HttpProperties;
import org.ovosgateway.http.Load;
import org.ovosgateway.http.LocalPorts;
import org.ovosgateway.http.Networks;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.stereotype.Component;

/**
 * Listens for clients of the Wyoming protocol, from when all routes are there, and passes on what they ask to routes that begin
 * with {@code wyoming:}.
 *
 * <p>All connections are on one event loop. The actual port is the property {@code local.apis.wyoming.port}.
 */
@Component
@ConditionalOnBooleanProperty("ovos.apis.wyoming.enabled")
class WyomingServer implements SmartLifecycle, OwnServer, Inspected {

    private static final Logger LOG = LoggerFactory.getLogger(WyomingServer.class);
    private static final String API = "wyoming";
    private static final int SOCKET_BUFFER = 64 << 10;
    private static final long LOOK_MILLIS = 1_000;
    private static final long SAY_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long START_SECONDS = 30;
    /** Home Assistant waits for one second in all. */
    private static final Duration INFO_TIMEOUT = Duration.ofMillis(700);

    private final Map<Service, WyomingConsumer> services = new ConcurrentHashMap<>();
    private final Set<Connection> connections = new LinkedHashSet<>();
    private final ConversationIds conversations = new ConversationIds();
    private final Vertx vertx;
    private final WyomingProperties properties;
    private final HttpProperties limits;
    private final Load load;
    private final NamedUsers users;
    private final Devices devices;
    private final ConfigurableEnvironment environment;
    private final Networks allowed;
    private final Counter refused;
    private final Announcement announcement;
    private Context context;
    private volatile NetServer listening;
    private volatile int connected;
    private long quietUntil = System.nanoTime();
    private long timer;

    WyomingServer(
            Vertx vertx,
            WyomingProperties properties,
            HttpProperties limits,
            Load load,
            NamedUsers users,
            Devices devices,
            MeterRegistry meters,
            ConfigurableEnvironment environment) {
        this.vertx = vertx;
        this.properties = properties;
        this.limits = limits;
        this.load = load;
        this.users = users;
        this.devices = devices;
        this.environment = environment;
        this.allowed = properties.allowed();
        this.announcement = new Announcement(properties);
        this.refused = Counter.builder("ovos.wyoming.refused")
                .description("Connections of clients of the Wyoming protocol that were not let in")
                .register(meters);
        Gauge.builder("ovos.wyoming.connections", this, server -> server.connected)
                .description("Open connections of clients of the Wyoming protocol")
                .register(meters);
    }

    @Override
    public String api() {
        return API;
    }

    Vertx vertx() {
        return vertx;
    }

    WyomingProperties properties() {
        return properties;
    }

    HttpProperties limits() {
        return limits;
    }

    Load load() {
        return load;
    }

    ConversationIds conversations() {
        return conversations;
    }

    void add(WyomingConsumer route) {
        services.put(route.service(), route);
        announce();
    }

    void remove(WyomingConsumer route) {
        services.remove(route.service(), route);
        announce();
        if (services.isEmpty() && isRunning()) {
            onContext(() -> List.copyOf(connections).forEach(Connection::abort));
        }
    }

    private synchronized void announce() {
        if (isRunning() && !services.isEmpty()) {
            announcement.begin(listening.actualPort());
        } else {
            announcement.end();
        }
    }

    /** What clients are told: the services that are there, with the languages that the assistant has for them. */
    Future<Event> info() {
        Promise<Event> info = Promise.promise();
        try {
            Device device = devices.of(caller(), null);
            Map<Service, Future<List<String>>> asked = new EnumMap<>(Service.class);
            services.forEach((service, route) ->
                    asked.put(service, route.languages(device, INFO_TIMEOUT).otherwise(List.of())));
            Future.join(new ArrayList<>(asked.values()))
                    .onComplete(all -> onContext(() -> {
                        Map<Service, List<String>> languages = new EnumMap<>(Service.class);
                        asked.forEach((service, known) -> {
                            if (!known.result().isEmpty()) {
                                languages.put(service, known.result());
                            }
                        });
                        if (languages.isEmpty()) {
                            info.fail(device.lost());
                        } else {
                            info.complete(Info.of(languages));
                        }
                    }));
        } catch (RuntimeException e) {
            info.fail(e);
        }
        return info.future();
    }

    /** Runs the route of a service; completes on the event loop of the connections. */
    Future<WyomingConsumer.Answer> ask(Service service, Object body, Map<String, Object> headers) {
        Promise<WyomingConsumer.Answer> answer = Promise.promise();
        try {
            WyomingConsumer route = services.get(service);
            if (route == null) {
                throw new ProblemException(new Problem(
                        "not-found",
                        "Not found",
                        404,
                        "No route begins with wyoming:%s here.".formatted(service.label())));
            }
            Map<String, Object> given = new HashMap<>(headers);
            route.run(vertx, caller(), body, given)
                    .onComplete(done -> onContext(() -> {
                        if (done.failed()) {
                            failed(done.cause());
                        }
                        answer.handle(done);
                    }));
        } catch (RuntimeException e) {
            answer.fail(e);
        }
        return answer.future();
    }

    private void onContext(Runnable step) {
        context.runOnContext(nothing -> step.run());
    }

    private Caller caller() {
        return users.find(properties.user())
                .orElseThrow(() -> new ProblemException(new Problem(
                        "forbidden",
                        "This user may not do that",
                        403,
                        "The user '%s' (%s.user) is not in the users file, or not active."
                                .formatted(properties.user(), WyomingProperties.PREFIX))));
    }

    // Camel starts its routes when the context is refreshed, which is after the lifecycle's own start
    @EventListener(ApplicationStartedEvent.class)
    @Override
    public void start() {
        if (isRunning()) {
            return;
        }
        problem().ifPresent(problem -> {
            throw new InvalidConfigurationException(
                            problem,
                            "Set it to a user of the users file; add-user makes one, with no more scopes than are needed.")
                    .about(WyomingProperties.PREFIX + ".user");
        });
        context = vertx.getOrCreateContext();
        Promise<NetServer> listens = Promise.promise();
        onContext(() -> vertx.createNetServer(options())
                .connectHandler(this::connected)
                .listen()
                .onComplete(listens));
        try {
            listening =
                    listens.future().toCompletionStage().toCompletableFuture().get(START_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw InvalidConfigurationException.cannotListen(
                    "The Wyoming server",
                    properties.address(),
                    properties.port(),
                    WyomingProperties.PREFIX,
                    e.getCause() == null ? e : e.getCause());
        }
        timer = vertx.setPeriodic(LOOK_MILLIS, tick -> onContext(this::look));
        LocalPorts.publish(environment, "local.apis." + API + ".port", listening.actualPort());
        LOG.info("Serving Wyoming on {}:{}", new HostName(properties.address()).inUrl(), listening.actualPort());
        if (!properties.isLoopback()) {
            LOG.warn(
                    "Wyoming has no passwords and no encryption: whoever connects from {} may do what user '{}' may",
                    String.join(", ", properties.networks()),
                    properties.user());
        }
        announce();
    }

    private NetServerOptions options() {
        return new NetServerOptions()
                .setHost(new HostName(properties.address()).forVertx())
                .setPort(properties.port())
                .setTcpNoDelay(true)
                .setReuseAddress(true)
                // else the system keeps some megabytes for each client who does not read
                .setSendBufferSize(SOCKET_BUFFER)
                .setReceiveBufferSize(SOCKET_BUFFER);
    }

    private void connected(NetSocket socket) {
        if (!allowed.contain(socket.remoteAddress().hostAddress())) {
            refuse(
                    socket,
                    "%s is not in %s.networks"
                            .formatted(socket.remoteAddress().hostAddress(), WyomingProperties.PREFIX));
        } else if (services.isEmpty()) {
            refuse(socket, "no route begins with wyoming:");
        } else if (connections.size() >= properties.maxConnections() && !closeIdlest()) {
            refuse(
                    socket,
                    "there are %d connections (%s.max-connections)"
                            .formatted(connections.size(), WyomingProperties.PREFIX));
        } else {
            connections.add(new Connection(socket, this));
            connected = connections.size();
        }
    }

    private void refuse(NetSocket socket, String why) {
        socket.close();
        refused.increment();
        say("A client of Wyoming is not let in: {}", why);
    }

    private boolean closeIdlest() {
        Optional<Connection> idlest =
                connections.stream().filter(Connection::isIdle).min(Comparator.comparing(Connection::since));
        idlest.ifPresent(connection -> {
            forget(connection);
            connection.abort();
        });
        return idlest.isPresent();
    }

    void forget(Connection connection) {
        connections.remove(connection);
        connected = connections.size();
    }

    /** A client was told an error. What is up to the client is not for the log, and a message may quote what it has sent. */
    void failed(Throwable why) {
        LOG.debug("A client of Wyoming was told an error", why);
        if (!(why instanceof ProblemException known)) {
            say("A client of Wyoming was told an error: {}", why.getClass().getName());
        } else if (known.problem().status() >= 500) {
            say("A client of Wyoming was told an error: {}", known.problem().type());
        }
    }

    /** Once a minute at most: others decide how often it happens. */
    private void say(String message, String what) {
        if (System.nanoTime() - quietUntil >= 0) {
            quietUntil = System.nanoTime() + SAY_AGAIN_NANOS;
            LOG.warn(message, LogText.of(what));
        }
    }

    private void look() {
        long now = System.nanoTime();
        List.copyOf(connections).forEach(connection -> connection.look(now));
    }

    @Override
    public String subject() {
        return "Wyoming";
    }

    @Override
    public List<String> problems() {
        return problem().stream().toList();
    }

    private Optional<String> problem() {
        String setting = WyomingProperties.PREFIX + ".user";
        if (properties.user().isBlank()) {
            return Optional.of(
                    setting + " is not set: Wyoming has no credentials, so it needs a user whose rights clients have.");
        }
        try {
            return users.isKnown(properties.user())
                    ? Optional.empty()
                    : Optional.of("%s is '%s', and there is no such user.".formatted(setting, properties.user()));
        } catch (ProblemException unknown) {
            return Optional.of("%s is '%s', and there are no users.".formatted(setting, properties.user()));
        }
    }

    @Override
    public void stop() {
        NetServer last = listening;
        if (last == null) {
            return;
        }
        vertx.cancelTimer(timer);
        listening = null;
        announcement.end();
        try {
            last.close().toCompletionStage().toCompletableFuture().get(START_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            LOG.warn("The Wyoming server does not close: {}", e.toString());
        }
        announcement.awaitEnd();
    }

    @Override
    public boolean isRunning() {
        return listening != null;
    }

    @Override
    public boolean isAutoStartup() {
        return false;
    }

    /** Stops before Camel does, whose phase is some 2000 lower. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE - 100;
    }
}
