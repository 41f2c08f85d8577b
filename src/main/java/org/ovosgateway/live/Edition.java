// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

import org.apache.camel.builder.RouteConfigurationBuilder;
import org.apache.camel.dsl.yaml.YamlRoutesBuilderLoader;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.RouteTemplateParameterDefinition;
import org.apache.camel.model.TemplatedRouteDefinition;
import org.apache.camel.model.TemplatedRouteParameterDefinition;
import org.apache.camel.model.rest.RestDefinition;
import org.apache.camel.model.rest.VerbDefinition;
import org.apache.camel.support.CamelContextHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.util.URISupport;
import org.ovosgateway.Nearest;
import org.ovosgateway.api.Api;
import org.ovosgateway.api.Contract;
import org.ovosgateway.api.Contracts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One version of a route file, on its way from text to routes that are ready to start. */
final class Edition {

    /** What begins with a path at the address of an API. */
    private static final Pattern PATHS = Pattern.compile("(?:platform-http|vertx-websocket):");

    /** An entry that needs a broker. */
    private static final Pattern OF_A_BROKER = Pattern.compile(
            "^[\\s-]*((uri|to|toD|from):\\s*[\"']?(paho-mqtt5|button):"
                    + "|routeTemplateRef:\\s*[a-z0-9-]+-button\\s*$)",
            Pattern.MULTILINE);

    /** How a contract is served: by one route, which begins as {@link #mount} says. */
    private static final String MOUNT = "- rest: { id: contract, openApi: { routeId: api, specification: contract } }";

    private static final Logger LOG = LoggerFactory.getLogger(Edition.class);

    private final ModelCamelContext context;
    private final Api api;
    private final String file;
    private final RoutesFolder.Text text;
    private final boolean mqtt;
    private final List<LiveRoute> routes = new ArrayList<>();
    private Contract contract;
    private Entries entries = Entries.NONE;
    private YamlRoutesBuilderLoader loader;
    private RouteConfigurationBuilder builder;

    /** @param mqtt whether MQTT is on; a file that needs a broker is left out else */
    Edition(ModelCamelContext context, Api api, String file, RoutesFolder.Text text, boolean mqtt) {
        this.context = context;
        this.api = api;
        this.file = file;
        this.text = text;
        this.mqtt = mqtt;
    }

    /** The same text once more, to be loaded with what it refers to as it is now. */
    Edition again() {
        return new Edition(context, api, file, text, mqtt);
    }

    RoutesFolder.Text text() {
        return text;
    }

    boolean hasText(RoutesFolder.Text other) {
        return other != null && Arrays.equals(text.bytes(), other.bytes());
    }

    String file() {
        return file;
    }

    /** The API that the file belongs to. */
    Api api() {
        return api;
    }

    List<LiveRoute> routes() {
        return routes;
    }

    /** The contract that this file is; null when it is one of routes, or not read yet. */
    Contract contract() {
        return contract;
    }

    /** The operations of the contract that this file is. */
    Set<String> operations() {
        return contract == null ? Set.of() : contract.operations().keySet();
    }

    /** The scopes that these operations need. */
    Set<String> scopes() {
        return contract == null ? Set.of() : contract.scopes();
    }

    /** The reason with the line of the contract that says what stands in quotes in it. */
    Failure.Located inContract(Exception reason) {
        return new Failure.Located(lines().ofQuoted(String.valueOf(reason.getMessage())), reason);
    }

    /** The operations that its contracts make commands, by the names of these. */
    Map<String, String> commands() {
        return contract == null ? Map.of() : contract.commands();
    }

    /** The line of a route on which a name stands; that of the route, if it is nowhere; 0 when not even that is known. */
    int line(LiveRoute route, String name) {
        int entry = entryLine(route.name());
        return lines().ofWord(name, entry > 0 ? entry : route.line());
    }

    /** The line of an entry of a template; its route has the lines of the template. */
    private int entryLine(String name) {
        return lines().ofRouteId(api.plain(name));
    }

    private LineNumbers lines() {
        return new LineNumbers(text.bytes());
    }

    boolean isShared() {
        return entries.has(Entries.SHARED);
    }

    /** Whether what it shares is not as it was in the version before, so that routes of all files have to begin anew. */
    boolean sharesOtherThan(Edition before) {
        List<Map<String, Object>> shared = before.entries.of(Entries.SHARED);
        // templates can stay as they are; beans and configurations come to life anew with the file
        return !shared.equals(entries.of(Entries.SHARED))
                || shared.stream().anyMatch(entry -> !Entries.TEMPLATES.containsAll(entry.keySet()));
    }

    /** Whether it serves HTTP paths of its own, beside the contract's. */
    boolean isHttp() {
        return !isContract()
                && (entries.has(Entries.RESTS)
                        || text.bytes() != null
                                && PATHS.matcher(new String(text.bytes(), StandardCharsets.UTF_8))
                                        .find());
    }

    boolean isContract() {
        return RoutesFolder.isContract(file);
    }

    /** Reads the text; nothing outside is touched. */
    void read() throws Exception {
        if (text.trouble() != null) {
            throw new IOException(text.trouble());
        }
        if (isContract()) {
            readContract();
            return;
        }
        String yaml = new String(text.bytes(), StandardCharsets.UTF_8);
        Entries read = Entries.parse(file, yaml);
        if (read == Entries.NONE) {
            return; // only comments: a file that is switched off
        }
        if (!mqtt && OF_A_BROKER.matcher(yaml).find()) {
            LOG.info("{} waits until MQTT is on: MQTT_HOST, or ovos.mqtt.broker.enabled", file);
            return;
        }
        load(read);
    }

    private void readContract() throws Exception {
        try {
            contract = Contract.parse(api, file, text.bytes());
        } catch (IllegalArgumentException e) {
            throw inContract(e);
        }
        load(Entries.NONE);
    }

    private void load(Entries read) {
        entries = read;
        // a loader of our own: Camel's shared one remembers beans of a file that failed
        loader = new YamlRoutesBuilderLoader();
        loader.setCamelContext(context);
        loader.start();
    }

    /** Makes known what other definitions refer to: beans and route configurations. */
    void declare() throws Exception {
        if (loader == null) {
            return;
        }
        var resource =
                ResourceHelper.fromBytes(file, isContract() ? MOUNT.getBytes(StandardCharsets.UTF_8) : text.bytes());
        loader.preParseRoute(resource);
        builder = (RouteConfigurationBuilder) loader.loadRoutesBuilder(resource);
        builder.addRouteConfigurationsToCamelContext(context);
    }

    /** Turns the text into definitions, and makes its route templates known unless they have stayed. */
    void define(boolean shared) throws Exception {
        if (builder == null) {
            return;
        }
        builder.configureRoutes(context);
        builder.configureRests(context);
        // inlined routes would merge routes of different files into one
        context.getRestConfiguration().setInlineRoutes(false);
        if (!builder.getRouteCollection().getInterceptSendTos().isEmpty()
                || configurations().stream()
                        .anyMatch(c -> !c.getInterceptSendTos().isEmpty())) {
            throw new IllegalArgumentException(
                    "interceptSendToEndpoint cannot be taken back by a later edit; use intercept or interceptFrom");
        }
        if (shared) {
            context.addRouteTemplateDefinitions(templates());
        }
        for (RestDefinition rest : rests()) {
            if (rest.getOpenApi() != null && !isContract()) {
                throw new IllegalArgumentException("openApi is not for route files: openapi.yaml is served as it is,"
                        + " and another contract in a folder of its own");
            }
            if (!api.isOwn() && !isContract()) {
                throw new IllegalArgumentException(
                        "rest is not for the folder of an API: its operations are in its openapi.yaml");
            }
        }
    }

    /**
     * Adds the routes to Camel, ready but not started; what is as it was in the version before stays untouched, unless
     * what the files share is new.
     */
    void create(Edition before, boolean shared) throws Exception {
        if (builder == null) {
            return;
        }
        boolean sameSurroundings = before != null
                && !shared
                && !hasText(before.text)
                && before.entries.surroundings().equals(entries.surroundings());
        List<RouteDefinition> definitions =
                List.copyOf(builder.getRouteCollection().getRoutes());
        List<Map<String, Object>> contents = entries.of(Entries.ROUTES);
        for (int i = 0; i < definitions.size(); i++) {
            RouteDefinition definition = definitions.get(i);
            Object content = contents.get(i);
            String name = name(definition.getId());
            LiveRoute old = sameSurroundings ? before.route(name, content) : null;
            if (old != null) {
                routes.add(old);
            } else {
                add(name, content, () -> {
                    definition.setId(unusedId(name));
                    placeWithItsApi(definition);
                    context.addRouteDefinition(definition);
                });
            }
        }
        for (RestDefinition rest : rests()) {
            for (RouteDefinition definition : rest.asRouteDefinition(context)) {
                String name = name(definition.getId() != null ? definition.getId() : verbId(rest, definition));
                definition.setId(unusedId(name));
                if (isContract()) {
                    definition.getInput().setUri(mount());
                }
                builder.getRouteCollection().route(definition);
                Object content = isContract() ? contract.operations() : entries.of(Entries.RESTS);
                add(name, content, () -> context.addRouteDefinition(definition));
            }
        }
        contents = entries.of(Entries.TEMPLATED);
        List<TemplatedRouteDefinition> templated =
                builder.getTemplatedRouteCollection().getTemplatedRoutes();
        for (int i = 0; i < templated.size(); i++) {
            TemplatedRouteDefinition definition = templated.get(i);
            Object content = contents.get(i);
            String name = name(definition.getRouteId());
            LiveRoute old = sameSurroundings ? before.route(name, content) : null;
            if (old != null) {
                routes.add(old);
            } else {
                add(name, content, () -> {
                    checkParameters(name, definition);
                    definition.setRouteId(unusedId(name));
                    context.addRouteFromTemplatedRoute(definition);
                });
            }
        }
    }

    /** Camel takes any parameter, so a misspelt one would do nothing, and nobody would know. */
    private void checkParameters(String name, TemplatedRouteDefinition entry) {
        RouteTemplateDefinition template = context.getRouteTemplateDefinition(entry.getRouteTemplateRef());
        if (template == null || entry.getParameters() == null || template.getTemplateParameters() == null) {
            return;
        }
        List<String> known = template.getTemplateParameters().stream()
                .map(RouteTemplateParameterDefinition::getName)
                .toList();
        for (TemplatedRouteParameterDefinition parameter : entry.getParameters()) {
            if (!known.contains(parameter.getName())) {
                throw new IllegalArgumentException("the entry %s has the parameter '%s'; the template %s has %s%s"
                        .formatted(
                                name,
                                parameter.getName(),
                                entry.getRouteTemplateRef(),
                                String.join(", ", known),
                                Nearest.hint(parameter.getName(), known)));
            }
        }
    }

    /** Stops and removes what {@link #create} added, except what the version before goes on using. */
    void discard(Edition before) {
        for (LiveRoute route : routes) {
            if (before == null || !before.routes.contains(route)) {
                route.remove();
            }
        }
    }

    Collection<RouteConfigurationDefinition> configurations() {
        return builder == null
                ? List.of()
                : builder.getRouteConfigurationCollection().getRouteConfigurations();
    }

    Collection<RouteTemplateDefinition> templates() {
        return builder == null
                ? List.of()
                : builder.getRouteTemplateCollection().getRouteTemplates();
    }

    private List<RestDefinition> rests() {
        return builder.getRestCollection().getRests();
    }

    private interface Addition {
        void run() throws Exception;
    }

    private void add(String name, Object content, Addition addition) throws Exception {
        var listener = new ModelLifecycleStrategySupport() {
            @Override
            public void onAddRouteDefinition(RouteDefinition definition) {
                String autoStartup = definition.getAutoStartup();
                Boolean starts = CamelContextHelper.parseBoolean(context, autoStartup);
                definition.setAutoStartup("false");
                // two versions of a route may not have the same place in the order
                definition.setStartupOrder(null);
                routes.add(new LiveRoute(context, name, content, definition, !Boolean.FALSE.equals(starts)));
            }
        };
        context.addModelLifecycleStrategy(listener);
        int known = routes.size();
        try {
            addition.run();
        } catch (Exception e) {
            int line = entryLine(name);
            throw routes.size() > known
                    ? new Failure.Located(line > 0 ? line : routes.get(known).line(), e)
                    : line > 0 ? new Failure.Located(line, e) : e;
        } finally {
            context.removeModelLifecycleStrategy(listener);
        }
    }

    private LiveRoute route(String name, Object content) {
        return routes.stream()
                .filter(route -> route.name().equals(name) && route.content().equals(content))
                .findFirst()
                .orElse(null);
    }

    /** The id its owner gave it, or file and number: the same at every reload. */
    private String name(String id) {
        if (id != null) {
            return api.qualified(context.resolvePropertyPlaceholders(id));
        }
        String stem = file.substring(file.lastIndexOf('/') + 1).replaceFirst("\\.camel\\.yaml$", "");
        return api.qualified(stem + "-" + (routes.size() + 1));
    }

    /** A path outside of the contract is served where the API is. */
    private void placeWithItsApi(RouteDefinition definition) {
        String uri = definition.getInput().getUri();
        if (!api.isOwn() && PATHS.matcher(uri).lookingAt()) {
            definition.getInput().setUri(uri + (uri.contains("?") ? "&" : "?") + "api=" + api.name());
        }
    }

    /** Where the route of the contract begins. */
    private String mount() throws Exception {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("missingOperation", "ignore");
        options.put("basePath", contract.basePath().isEmpty() ? "/" : contract.basePath());
        if (!api.isOwn()) {
            options.put("api", api.name());
        }
        return "rest-openapi:" + Contracts.location(api) + "#contract?" + URISupport.createQueryString(options);
    }

    private static String verbId(RestDefinition rest, RouteDefinition definition) {
        return rest.getVerbs().stream()
                .filter(verb -> definition.getOutputs().contains(verb.getTo()))
                .map(VerbDefinition::getId)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Camel knows a route by an id of its own, so a version beside another one gets a number. */
    private String unusedId(String name) {
        String id = name;
        for (int i = 2; context.getRouteDefinition(id) != null; i++) {
            id = name + "~" + i;
        }
        return id;
    }
}
