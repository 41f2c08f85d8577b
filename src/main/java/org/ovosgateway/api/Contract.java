// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.Json;
import org.ovosgateway.Nearest;
import org.ovosgateway.http.Document;
import org.ovosgateway.http.ErrorFormat;
import org.ovosgateway.http.HttpProperties.Cors;
import org.ovosgateway.http.RequestTarget;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.resolver.CoreScalarResolver;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import org.snakeyaml.engine.v2.schema.Schema;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** One version of a contract, read once: what guards the API, what callers are shown, and what routes are held against. */
public final class Contract {

    /** How contracts are written: YAML 1.2, in which {@code <<} is a key like any other. */
    public static final Schema YAML = new CoreSchema() {
        @Override
        public ScalarResolver getScalarResolver() {
            return new CoreScalarResolver(false);
        }
    };

    /** The same as {@code ovos.http.cors}, for the paths of this contract. */
    private static final String CORS = "x-cors";

    /** Whether a slash at the end of a path may be there or not. */
    private static final String SLASH_OPTIONAL = "x-slash-optional";

    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

    /** The list of servers, up to the next key of the document. */
    private static final Pattern SERVERS = Pattern.compile("(?m)^servers:.*\\R(?:[ \\t#-].*(?:\\R|\\z)|\\R)*");

    private static final Pattern URL = Pattern.compile("(?m)^([ \\t-]*url:\\s*[\"']?)(/[^\\s\"'#]*)");

    private static final String NO_PATH =
            "a path that nobody can call: one begins with /, and has no empty parts, dots or needless escapes";

    private static final Pattern VARIABLE = Pattern.compile("\\{[^{}/]+}");
    private static final String SECURITY = "security";
    private static final Set<String> OF_OPERATIONS =
            Set.of("x-scope", "x-command", "x-max-body", "x-stream", "x-upload");
    private static final int MOST_CHARACTERS = 2_000_000;
    private static final int PER_NODE = 16;

    private final Api api;
    private final byte[] mounted;
    private final String basePath;
    private final Set<String> paths = new TreeSet<>();
    private final Map<String, Object> operations = new TreeMap<>();
    private final Map<String, String> commands = new TreeMap<>();
    private final Set<String> scopes = new TreeSet<>();
    private final Map<String, Document> documents = new HashMap<>();
    private final Handler<RoutingContext> cors;
    private final boolean passwords;
    private final ErrorFormat errors;
    private final boolean slashOptional;
    private volatile List<Operation> compiled = List.of();

    private Contract(Api api, byte[] bytes, Map<?, ?> tree) throws IOException {
        this.api = api;
        this.mounted = MountableContract.of(tree);
        this.basePath = basePath(tree);
        this.errors = ErrorTemplate.of(tree.get(ErrorTemplate.KEY));
        this.slashOptional = Boolean.TRUE.equals(tree.get(SLASH_OPTIONAL));
        this.cors = tree.containsKey(CORS) ? cors(map(tree.get(CORS))).handler() : null;
        this.passwords = map(map(tree.get("components")).get("securitySchemes")).values().stream()
                .anyMatch(scheme ->
                        "basic".equalsIgnoreCase(String.valueOf(map(scheme).get("scheme"))));
        requireRequirements(tree, "the contract");
        requireNoneOf(tree);
        requirePaths(map(tree.get("paths")));
        map(tree.get("paths")).keySet().forEach(path -> paths.add(path.toString()));
        map(tree.get("paths")).values().forEach(item -> requireNoneOf(map(item)));
        map(tree.get("paths"))
                .forEach((path, item) -> map(item).forEach((method, operation) -> {
                    if (METHODS.contains(method)) {
                        add(method + " " + path, map(operation));
                    }
                }));
        String folder = api.isOwn() ? "" : basePath;
        documents.put(
                folder + "/openapi.yaml",
                Document.of(
                        "application/yaml",
                        shown(new String(bytes, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8)));
        documents.put(
                folder + "/openapi.json", Document.of("application/json", Json.PLAIN.writeValueAsBytes(shown(tree))));
    }

    /**
     * @param file its name in messages about what is wrong with it
     * @throws RuntimeException when it is no contract that can be served
     */
    public static Contract parse(Api api, String file, byte[] yaml) throws IOException {
        Object tree = new Load(
                        LoadSettings.builder().setLabel(file).setSchema(YAML).build())
                .loadFromString(new String(yaml, StandardCharsets.UTF_8));
        requireModest(tree, MOST_CHARACTERS);
        Object version = map(tree).get("openapi");
        if (!String.valueOf(version).startsWith("3.0.")) {
            // the parser reads 3.1 into a model whose types are elsewhere, and input would pass unchecked
            throw new IllegalArgumentException("the contract is OpenAPI " + version + "; 'openapi' must be 3.0.3");
        }
        if (!(map(tree).get("paths") instanceof Map)) {
            throw new IllegalArgumentException("the contract has no 'paths', or nothing in it");
        }
        return new Contract(api, yaml, map(tree));
    }

    /** Written out, aliases of aliases fill the memory, and those that hold themselves have no end. */
    private static int requireModest(Object node, int left) {
        int rest = left - PER_NODE;
        if (node instanceof Map<?, ?> map) {
            if (map.containsKey("<<")) {
                // the parser would merge what has not been checked
                throw new IllegalArgumentException(
                        "the contract has '<<', which YAML 1.2 does not know; write its members out, or use a $ref");
            }
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                rest = requireModest(entry.getValue(), requireModest(entry.getKey(), rest));
            }
        } else if (node instanceof Collection<?> list) {
            for (Object entry : list) {
                rest = requireModest(entry, rest);
            }
        } else if (node instanceof String text) {
            rest -= text.length();
        }
        if (rest < 0) {
            throw new IllegalArgumentException(
                    "the contract is too large, at least with all its aliases written out; it may have some %d characters"
                            .formatted(MOST_CHARACTERS));
        }
        return rest;
    }

    /** The parser drops what is no requirement, and a list of none lets everybody in. */
    private static void requireRequirements(Map<?, ?> secured, String name) {
        if (!secured.containsKey(SECURITY)) {
            return;
        }
        boolean good = secured.get(SECURITY) instanceof List<?> all
                && all.stream()
                        .allMatch(one -> one instanceof Map<?, ?> requirement
                                && requirement.values().stream().allMatch(List.class::isInstance));
        if (!good) {
            throw new IllegalArgumentException(
                    "The security of '%s' must be a list of schemes, each with a list of its own: [ { token: [] } ]"
                            .formatted(name));
        }
    }

    /** Without its scope, an operation is for every user. */
    private static void requireNoMistyped(Map<?, ?> operation, String name) {
        for (Object key : operation.keySet()) {
            String extension = String.valueOf(key);
            if (extension.regionMatches(true, 0, "x-", 0, 2) && !OF_OPERATIONS.contains(extension)) {
                Nearest.of(extension, OF_OPERATIONS, 2).ifPresent(nearest -> {
                    throw new IllegalArgumentException(
                            "The '%s' of '%s' is not known; the nearest is '%s'".formatted(extension, name, nearest));
                });
            }
        }
    }

    private static void requireNoneOf(Map<?, ?> outside) {
        OF_OPERATIONS.stream().filter(outside::containsKey).findFirst().ifPresent(extension -> {
            throw new IllegalArgumentException(
                    "'%s' counts for one operation only, beside its operationId".formatted(extension));
        });
    }

    private void add(String where, Map<?, ?> operation) {
        Object id = operation.get("operationId");
        requireRequirements(operation, id == null ? where : id.toString());
        requireNoMistyped(operation, id == null ? where : id.toString());
        Object twin =
                operations.put(api.qualified(id == null ? where + " without operationId" : id.toString()), operation);
        if (twin != null) {
            throw new IllegalArgumentException("The operationId '%s' is that of two operations".formatted(id));
        }
        Object command = operation.get("x-command");
        String other =
                command == null || id == null ? null : commands.put(command.toString(), api.qualified(id.toString()));
        if (other != null) {
            throw new IllegalArgumentException("x-command of '%s' is '%s', which is that of '%s' already"
                    .formatted(id, command, api.plain(other)));
        }
        Object scope = operation.get("x-scope");
        if (scope != null) {
            scopes.add(scope.toString());
        }
    }

    public Api api() {
        return api;
    }

    /** What {@code rest-openapi} reads: the tree that was read here, as JSON. */
    byte[] mounted() {
        return mounted;
    }

    /** The path of the first server, below which all paths are; empty when they are below none. */
    public String basePath() {
        return basePath;
    }

    /** What the contract says of each operation, by the name of the operation among those of all APIs. */
    public Map<String, Object> operations() {
        return operations;
    }

    /** The names of the operations that it makes commands, by the names of these. */
    public Map<String, String> commands() {
        return commands;
    }

    /** The scopes that its operations need. */
    public Set<String> scopes() {
        return scopes;
    }

    /** The contract as callers may read it, by path. */
    Map<String, Document> documents() {
        return documents;
    }

    /** Lets the web pages of other origins call that the contract names; null when it names none. */
    Handler<RoutingContext> cors() {
        return cors;
    }

    /** Whether users can show their password to its operations. */
    boolean takesPasswords() {
        return passwords;
    }

    /** How failures below its base path are written. */
    ErrorFormat errors() {
        return errors;
    }

    /** Whether the path of a request may have one slash more at its end. */
    boolean isSlashOptional() {
        return slashOptional;
    }

    /** Whether a path is below the base path. */
    boolean isAbove(String path) {
        return path.startsWith(basePath)
                && (path.length() == basePath.length() || path.charAt(basePath.length()) == '/');
    }

    /** Whether one of its paths can be below another base path, or that is its own. */
    public boolean leadsTo(String other) {
        if (other.equals(basePath)) {
            return true;
        }
        return isAbove(other) && paths.stream().anyMatch(path -> leads(path, other.substring(basePath.length())));
    }

    private static boolean leads(String path, String other) {
        String[] parts = path.split("/");
        String[] wanted = other.split("/");
        boolean leads = parts.length >= wanted.length;
        for (int i = 1; leads && i < wanted.length; i++) {
            leads = parts[i].startsWith("{") || parts[i].equals(wanted[i]);
        }
        return leads;
    }

    /** The operations as they are served. */
    List<Operation> compiled() {
        return compiled;
    }

    void compiled(List<Operation> operations) {
        compiled = List.copyOf(operations);
    }

    private static String basePath(Map<?, ?> tree) {
        if (!(tree.get("servers") instanceof List<?> servers) || servers.isEmpty()) {
            return "";
        }
        Map<?, ?> server = map(servers.get(0));
        String url = String.valueOf(server.get("url"));
        for (Map.Entry<?, ?> variable : map(server.get("variables")).entrySet()) {
            url = url.replace(
                    "{" + variable.getKey() + "}",
                    String.valueOf(map(variable.getValue()).get("default")));
        }
        try {
            String path =
                    Objects.requireNonNullElse(URI.create(url).getRawPath(), "").replaceFirst("/$", "");
            if (!RequestTarget.isPath(path + "/")) {
                throw new IllegalArgumentException(
                        "the path of the first of its 'servers' is " + path + ", " + NO_PATH);
            }
            return path;
        } catch (IllegalArgumentException e) {
            throw e.getCause() instanceof URISyntaxException
                    ? new IllegalArgumentException("the url of the first of its 'servers' is no URL: " + url, e)
                    : e;
        }
    }

    /** Each of them could be called if nothing stood in front of it, whatever its variables are. */
    private static void requirePaths(Map<?, ?> paths) {
        for (Object path : paths.keySet()) {
            if (!String.valueOf(path).startsWith("x-")
                    && !RequestTarget.isPath(VARIABLE.matcher(path.toString()).replaceAll("x"))) {
                throw new IllegalArgumentException("'" + path + "' is " + NO_PATH);
            }
        }
    }

    private static Cors cors(Map<?, ?> given) {
        try {
            Map<String, Object> settings = new HashMap<>();
            given.forEach((name, value) -> {
                if (value instanceof Collection<?> list) {
                    int i = 0;
                    for (Object entry : list) {
                        settings.put(name + "[" + i++ + "]", entry);
                    }
                } else {
                    settings.put(name.toString(), value);
                }
            });
            Cors cors = new Binder(new MapConfigurationPropertySource(settings))
                    .bind("", Bindable.of(Cors.class), new NoUnboundElementsBindHandler(BindHandler.DEFAULT))
                    .get();
            cors.requireValid();
            return cors;
        } catch (BindException | IllegalArgumentException e) {
            Throwable reason = e instanceof BindException ? e.getCause() : e;
            throw new IllegalArgumentException(
                    "'" + CORS + "' takes origins, methods, headers and max-age: " + reason.getMessage());
        }
    }

    /** Servers count from where the contract is (OpenAPI 3.0.3, Server Object), be it below the prefix of a proxy. */
    private String shown(String yaml) {
        return SERVERS.matcher(yaml)
                .replaceFirst(servers -> Matcher.quoteReplacement(URL.matcher(servers.group())
                        .replaceAll(url -> Matcher.quoteReplacement(url.group(1) + relative(url.group(2))))));
    }

    private Map<?, ?> shown(Map<?, ?> tree) {
        if (!(tree.get("servers") instanceof List<?> servers)) {
            return tree;
        }
        List<Object> relative = new ArrayList<>();
        for (Object server : servers) {
            Map<Object, Object> copy = new LinkedHashMap<>(map(server));
            copy.computeIfPresent("url", (key, url) -> relative(url.toString()));
            relative.add(copy);
        }
        Map<Object, Object> copy = new LinkedHashMap<>(tree);
        copy.put("servers", relative);
        return copy;
    }

    private String relative(String url) {
        if (!url.matches("/\\w.*")) {
            return url;
        }
        if (api.isOwn()) {
            return url.substring(1);
        }
        return url.equals(basePath) ? ".." + url.substring(url.lastIndexOf('/')) : url;
    }

    private static Map<?, ?> map(Object node) {
        return node instanceof Map<?, ?> map ? map : Map.of();
    }
}
