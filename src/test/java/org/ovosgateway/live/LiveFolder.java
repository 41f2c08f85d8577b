// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.component.rest.openapi.DefaultRestOpenapiProcessorStrategy;
import org.apache.camel.component.rest.openapi.RestOpenApiComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.ovosgateway.api.ApiProperties;
import org.ovosgateway.api.Contracts;
import org.springframework.core.env.StandardEnvironment;

/** A routes folder with a real Camel that follows it. */
final class LiveFolder implements AutoCloseable {

    final DefaultCamelContext context = new DefaultCamelContext();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Path folder;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<String, ApiProperties.Settings> apis = new HashMap<>();
    private LiveRoutes routes;
    private ProducerTemplate template;

    LiveFolder(Path folder) {
        this.folder = folder;
    }

    /** With a real HTTP server on a port of its own. */
    LiveFolder withHttp() throws Exception {
        var configuration = new VertxPlatformHttpServerConfiguration();
        configuration.setBindHost("127.0.0.1");
        configuration.setBindPort(0);
        context.addService(new VertxPlatformHttpServer(configuration));
        var strategy = new LastingStrategy();
        strategy.setCamelContext(context);
        context.getComponent("rest-openapi", RestOpenApiComponent.class).setRestOpenapiProcessorStrategy(strategy);
        return this;
    }

    /** With the API in this folder. */
    LiveFolder withApi(String name) {
        apis.put(name, new ApiProperties.Settings(true, null, null));
        return this;
    }

    LiveFolder start() throws Exception {
        var direct = new SwitchedDirect();
        context.addComponent("direct", direct);
        var properties = new LiveProperties(
                folder, folder.resolve("own.d"), true, Duration.ofSeconds(60), Duration.ofMillis(20));
        routes = new LiveRoutes(
                context,
                properties,
                direct,
                new Contracts(),
                new ApiProperties(apis),
                meters,
                new StandardEnvironment(),
                List.of());
        routes.register();
        context.start();
        template = context.createProducerTemplate();
        return this;
    }

    /** As an editor does: beside the file, then in its place. */
    LiveFolder write(String file, String text) {
        try {
            Path written = folder.resolve(file);
            Files.createDirectories(written.getParent());
            Path draft = Files.writeString(written.resolveSibling("." + written.getFileName() + ".swp"), text);
            Files.move(draft, written, StandardCopyOption.ATOMIC_MOVE);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void delete(String file) throws IOException {
        Files.delete(folder.resolve(file));
    }

    /** The answer of {@code direct:<name>}; the reason when there is none. */
    String ask(String name) {
        try {
            return template.requestBody("direct:" + name, "", String.class);
        } catch (CamelExecutionException e) {
            return e.getCause().getClass().getSimpleName();
        }
    }

    HttpResponse<String> get(String path) {
        return send(path).join();
    }

    CompletableFuture<HttpResponse<String>> send(String path) {
        int port = router().getServer().getServer().actualPort();
        var uri = URI.create("http://127.0.0.1:" + port + path);
        return client.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    /** How many routes Vert.x has for a path. */
    long doors(String path) {
        return router().getRoutes().stream()
                .filter(route -> path.equals(String.valueOf(route.getPath()).replaceAll("/?\\*?$", "")))
                .count();
    }

    private VertxPlatformHttpRouter router() {
        return context.getRegistry().findSingleByType(VertxPlatformHttpRouter.class);
    }

    void onChange(Consumer<Boolean> listener) {
        routes.onChange(listener);
    }

    void send(String endpoint, Object body) {
        template.sendBody(endpoint, body);
    }

    /** What a check of the configuration says. */
    List<String> problems() {
        return routes.problems();
    }

    List<Failure> failures() {
        return routes.failures();
    }

    ConditionFactory soon() {
        return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20));
    }

    void awaitFailure(String part) {
        soon().until(() -> failures().stream().anyMatch(f -> f.toString().contains(part)));
    }

    void awaitAnswer(String name, String answer) {
        soon().until(() -> ask(name), answer::equals);
    }

    /** A file with one route that begins with {@code direct:<name>} and answers with a text. */
    static String answering(String name, String answer) {
        return """
                - route:
                    id: %s
                    from:
                      uri: direct:%s
                      steps:
                        - setBody:
                            constant: %s
                """.formatted(name, name, answer);
    }

    /** A file with one timer, period in milliseconds, whose body goes to the bean {@code count}. */
    static String ticking(String version, String period) {
        return """
                - route:
                    id: ticking
                    from:
                      uri: timer:tick
                      parameters: { period: %s, delay: 0 }
                      steps:
                        - setBody: { constant: %s }
                        - process: { ref: count }
                """.formatted(period, version);
    }

    /** A file with a path of its own, under that of the contract. */
    static String mine(String answer) {
        return """
                - route:
                    id: mine
                    from:
                      uri: platform-http:/v1/mine
                      steps:
                        - setBody: { constant: %s }
                """.formatted(answer);
    }

    /** A contract with pairs of path and operationId. */
    static String contract(String... operations) {
        StringBuilder text = new StringBuilder("""
                openapi: 3.0.3
                info: { title: Test, version: "1" }
                servers: [ { url: /v1 } ]
                components: { schemas: {} }
                paths:
                """);
        for (int i = 0; i < operations.length; i += 2) {
            text.append("  ").append(operations[i]).append(": { get: { operationId: ");
            text.append(operations[i + 1]).append(", responses: { \"200\": { description: ok } } } }\n");
        }
        return text.toString();
    }

    /** Camel stops the strategy with every consumer that goes, though all share it. */
    private static final class LastingStrategy extends DefaultRestOpenapiProcessorStrategy {
        @Override
        protected void doStop() {
            // goes with the context
        }
    }

    @Override
    public void close() {
        context.stop();
    }
}
