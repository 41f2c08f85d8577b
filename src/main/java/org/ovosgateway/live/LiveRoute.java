// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.apache.camel.Consumer;
import org.apache.camel.EndpointAware;
import org.apache.camel.Route;
import org.apache.camel.Suspendable;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SetBodyDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.language.ConstantExpression;
import org.apache.camel.spi.NormalizedEndpointUri;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One route in Camel, and the switches that let it run beside its successor. */
final class LiveRoute {

    private static final Logger LOG = LoggerFactory.getLogger(LiveRoute.class);
    private static final Set<String> HTTP = Set.of("platform-http", "rest", "rest-openapi", "vertx-websocket");

    private static final Pattern COMMAND = Pattern.compile("command:(?://)?([^?]+)(?:\\?.*)?");
    private static final Set<String> OURS = Set.of("ovos", "paho-mqtt5", "command", "property");

    private final ModelCamelContext context;
    private final String name;
    private final Object content;
    private final RouteDefinition definition;
    private final boolean autoStarted;
    private final List<io.vertx.ext.web.Route> doors = new ArrayList<>();
    private final List<NormalizedEndpointUri> endpointKeys = new ArrayList<>();
    private Route route;
    private boolean started;
    private boolean hidden;

    LiveRoute(ModelCamelContext context, String name, Object content, RouteDefinition definition, boolean autoStarted) {
        this.context = context;
        this.name = name;
        this.content = content;
        this.definition = definition;
        this.autoStarted = autoStarted;
    }

    /** The id its owner gave it. */
    String name() {
        return name;
    }

    /** Camel's id of it. */
    String id() {
        return definition.getId();
    }

    /** Line of the file, counted from 1; 0 when it is not known. */
    int line() {
        int line = definition.getLineNumber();
        return Math.max(
                0,
                line > 0 || definition.getInput() == null
                        ? line
                        : definition.getInput().getLineNumber());
    }

    /** The entry of the file it was made from. */
    Object content() {
        return content;
    }

    /** Where it begins, without options, such as {@code direct://getInfo}. */
    String from() {
        return route().getEndpoint().getEndpointBaseUri();
    }

    /** The command that it is. */
    Referring.Receiver receiver() {
        return (Referring.Receiver) route().getEndpoint();
    }

    /** The endpoints of its own and of its steps that name what other files define. */
    List<Referring> references() {
        List<Referring> references = new ArrayList<>();
        if (exists()) {
            Stream.concat(
                            Stream.of(route.getEndpoint()),
                            route.filter("*").stream()
                                    .filter(EndpointAware.class::isInstance)
                                    .map(step -> ((EndpointAware) step).getEndpoint()))
                    .filter(Referring.class::isInstance)
                    .map(Referring.class::cast)
                    .distinct()
                    .forEach(references::add);
        }
        return references;
    }

    /**
     * Checks the constants that a step makes and the next one sends to a command.
     *
     * @throws Referring.Mistake when the command does not take it
     */
    void checkConstants(Referring.Names names) {
        if (exists()) {
            checkConstants(definition.getOutputs(), names);
        }
    }

    private static void checkConstants(List<ProcessorDefinition<?>> steps, Referring.Names names) {
        for (int i = 0; i < steps.size(); i++) {
            checkConstants(steps.get(i).getOutputs(), names);
            if (i > 0
                    && steps.get(i - 1) instanceof SetBodyDefinition made
                    && made.getExpression() instanceof ConstantExpression constant
                    && constant.getResultTypeName() == null
                    && steps.get(i) instanceof ToDefinition to) {
                check(to, constant.getExpression(), names);
            }
        }
    }

    private static void check(ToDefinition to, String constant, Referring.Names names) {
        Matcher matcher = COMMAND.matcher(String.valueOf(to.getUri()));
        // a placeholder is known when a message comes
        if (!matcher.matches() || constant == null || constant.contains("{{")) {
            return;
        }
        Referring.Receiver command = names.commands().get(matcher.group(1));
        if (command != null) {
            try {
                command.check(constant);
            } catch (IllegalArgumentException e) {
                throw new Referring.Mistake(
                        "it runs the command '%s' with '%s': %s".formatted(matcher.group(1), constant, e.getMessage()),
                        constant);
            }
        }
    }

    boolean isHttp() {
        return HTTP.contains(scheme());
    }

    /** Whether two versions may run at once; a timer or a subscription would do everything twice. */
    boolean runsBesideItsSuccessor() {
        return isHttp() || scheme().equals("direct");
    }

    /** Whether it begins to hear without waiting for another program. */
    boolean startsAtOnce() {
        return OURS.contains(scheme());
    }

    /** Whether both would do the same thing twice: the same route, or one that hears the same. */
    boolean takesThePlaceOf(LiveRoute before) {
        return exists() && (name.equals(before.name) || before.exists() && from().equals(before.from()));
    }

    Consumer consumer() {
        return route().getConsumer();
    }

    /** Null when a precondition keeps the route out. */
    boolean exists() {
        return route() != null;
    }

    /** Starts to consume; an HTTP route keeps its doors shut until {@link #open}. */
    void start() throws Exception {
        if (!autoStarted || !exists()) {
            return;
        }
        Set<io.vertx.ext.web.Route> others = isHttp() ? new HashSet<>(allDoors()) : Set.of();
        try {
            context.getRouteController().startRoute(definition.getId());
        } catch (Exception e) {
            throw new Failure.Located(line(), e);
        } finally {
            if (isHttp()) {
                List<io.vertx.ext.web.Route> added = allDoors();
                added.removeAll(others);
                added.forEach(io.vertx.ext.web.Route::disable);
                doors.addAll(added);
            }
        }
        started = true;
    }

    void open() {
        doors.forEach(io.vertx.ext.web.Route::enable);
    }

    /**
     * New requests pass by; those inside go on.
     *
     * <p>The last of them first: a request that passes a narrow one must not find a wider one behind it open.
     */
    static void shut(List<LiveRoute> routes) {
        Set<io.vertx.ext.web.Route> doors = new HashSet<>();
        routes.forEach(route -> doors.addAll(route.doors));
        List<io.vertx.ext.web.Route> inOrder =
                routes.isEmpty() ? List.of() : routes.get(0).allDoors();
        for (int i = inOrder.size() - 1; i >= 0; i--) {
            if (doors.contains(inOrder.get(i))) {
                inOrder.get(i).disable();
            }
        }
    }

    void pause() {
        if (started && consumer() instanceof Suspendable) {
            ServiceHelper.suspendService(consumer());
        } else if (started) {
            ServiceHelper.stopService(consumer());
        }
    }

    void resume() {
        if (started && consumer() instanceof Suspendable) {
            ServiceHelper.resumeService(consumer());
        } else if (started) {
            ServiceHelper.startService(consumer());
        }
    }

    /**
     * Takes it out of Camel's sight, so that its successor may consume from the same endpoint; where only one of them
     * runs, from an endpoint of its own, which does not go when this route goes.
     */
    void hide() {
        if (!exists()) {
            return;
        }
        hidden = true;
        context.getCamelContextExtension().removeRoute(route);
        if (!runsBesideItsSuccessor()) {
            var registry = context.getEndpointRegistry();
            registry.forEach((key, endpoint) -> {
                if (endpoint == route.getEndpoint()) {
                    endpointKeys.add(key);
                }
            });
            endpointKeys.forEach(registry::remove);
        }
    }

    void show() {
        if (hidden) {
            hidden = false;
            context.getCamelContextExtension().addRoute(route);
            endpointKeys.forEach(key -> context.getEndpointRegistry().put(key, route.getEndpoint()));
            endpointKeys.clear();
        }
    }

    int underWay() {
        return context.getInflightRepository().size(definition.getId());
    }

    void remove() {
        String id = definition.getId();
        try {
            if (underWay() > 0) {
                context.getRouteController().stopRoute(id, 1, TimeUnit.SECONDS);
            }
            context.removeRouteDefinition(definition);
        } catch (Exception e) {
            LOG.warn("Route {} could not be removed: {}", id, e.toString());
        }
    }

    private Route route() {
        if (route == null) {
            route = context.getRoute(definition.getId());
        }
        return route;
    }

    private String scheme() {
        String from = exists() ? from() : "";
        return from.substring(0, Math.max(0, from.indexOf(':')));
    }

    /** In the order in which a request comes to them. */
    private List<io.vertx.ext.web.Route> allDoors() {
        List<io.vertx.ext.web.Route> all = new ArrayList<>();
        context.getRegistry()
                .findByType(VertxPlatformHttpRouter.class)
                .forEach(router -> all.addAll(router.getRoutes()));
        return all;
    }
}
