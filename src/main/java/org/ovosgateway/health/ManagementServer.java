// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.health;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.HostName;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.Json;
import org.ovosgateway.http.HttpServer;
import org.ovosgateway.http.LocalPorts;
import org.ovosgateway.http.StrictServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.stereotype.Component;

/**
 * Serves health and metrics on an address of their own, from before the API until after it.
 *
 * <p>The actual port is the property {@code local.management.port}.
 */
@Component
class ManagementServer implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(ManagementServer.class);
    private static final String JSON_TYPE = "application/json";
    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final long PULSE_MILLIS = 2_000;
    private static final long CHECK_MILLIS = 5_000;
    private static final long CLOSE_SECONDS = 5;
    private static final int SEND_BUFFER = 64 << 10;
    private static final Duration WORKER_PATIENCE = Duration.ofSeconds(60);

    private final Vertx vertx;
    private final HttpServer http;
    private final Health health;
    private final PrometheusMeterRegistry metrics;
    private final ManagementProperties at;
    private final ConfigurableEnvironment environment;
    private final WorkerPulse workerPulse;
    private WorkerExecutor workers;
    private io.vertx.core.http.HttpServer server;

    ManagementServer(
            Vertx vertx,
            HttpServer http,
            Health health,
            PrometheusMeterRegistry metrics,
            ManagementProperties at,
            ConfigurableEnvironment environment) {
        this.vertx = vertx;
        this.http = http;
        this.health = health;
        this.metrics = metrics;
        this.at = at;
        this.environment = environment;
        this.workerPulse = new WorkerPulse(vertx, WORKER_PATIENCE);
    }

    @Override
    public void start() {
        if (at.port() < 0 || server != null) {
            return;
        }
        // threads of its own: health must be told also when the routes hold all others
        workers = vertx.createSharedWorkerExecutor("management", 2);
        Router router = Router.router(vertx);
        router.route().handler(ctx -> {
            ctx.response().putHeader("X-Content-Type-Options", "nosniff").putHeader("Cache-Control", "no-store");
            ctx.next();
        });
        read(router, "/health/live").handler(this::live);
        read(router, "/health/ready").handler(ctx -> ready(ctx, false));
        read(router, "/health").handler(ctx -> ready(ctx, true));
        read(router, "/metrics").handler(this::metrics);
        HttpServerOptions options = new HttpServerOptions()
                .setIdleTimeout(60)
                .setSendBufferSize(SEND_BUFFER)
                .setHttp2ClearTextEnabled(false)
                .setHost(new HostName(at.address()).forVertx())
                .setPort(at.port());
        var listening = StrictServer.serve(vertx.createHttpServer(options), options, router)
                .listen();
        try {
            server = listening.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw InvalidConfigurationException.cannotListen(
                    "Management (health and metrics)",
                    at.address(),
                    at.port(),
                    "ovos.management",
                    e.getCause() == null ? e : e.getCause());
        }
        LocalPorts.publish(environment, "local.management.port", server.actualPort());
        writeAddress(server.actualPort());
        LOG.info("Health and metrics on http://{}:{}", at.address(), server.actualPort());
    }

    private static Route read(Router router, String path) {
        return router.get(path).method(HttpMethod.HEAD);
    }

    /** For a health check, which cannot know the settings. */
    private void writeAddress(int port) {
        if (at.addressFile().isBlank()) {
            return;
        }
        try {
            boolean everywhere = InetAddress.getByName(at.address()).isAnyLocalAddress();
            String line = (everywhere ? "127.0.0.1" : at.address()) + " " + port + "\n";
            Files.writeString(Path.of(at.addressFile()), line);
        } catch (IOException | InvalidPathException e) {
            LOG.warn("ovos.management.address-file cannot be written, so nothing can look there: {}", e.toString());
        }
    }

    private void deleteAddress() {
        if (!at.addressFile().isBlank()) {
            try {
                Files.deleteIfExists(Path.of(at.addressFile()));
            } catch (IOException | InvalidPathException e) {
                LOG.debug("The address file stays", e);
            }
        }
    }

    @Override
    public void stop() {
        deleteAddress();
        try {
            server.close().toCompletionStage().toCompletableFuture().get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.debug("Management did not close in time", e);
        }
        workers.close();
        server = null;
    }

    @Override
    public boolean isRunning() {
        return server != null;
    }

    /** Starts first and stops last, so that a stopping gateway is seen as not ready. */
    @Override
    public int getPhase() {
        return Integer.MIN_VALUE + 100;
    }

    /** 200 as long as event loops and workers answer; a bus that is down is no reason to restart the gateway. */
    private void live(RoutingContext ctx) {
        if (!workerPulse.isAlive()) {
            json(ctx, 503, Map.of("status", "DOWN", "message", "All worker threads are stuck"));
            return;
        }
        http.pulse()
                .timeout(PULSE_MILLIS, TimeUnit.MILLISECONDS)
                .onSuccess(all -> json(ctx, 200, Map.of("status", "UP")))
                .onFailure(stalled ->
                        json(ctx, 503, Map.of("status", "DOWN", "message", "An event loop does not answer")));
    }

    private void ready(RoutingContext ctx, boolean all) {
        blocking(health::report)
                .onSuccess(report -> {
                    Health.Report shown = all ? report : report.down();
                    json(ctx, report.up() ? 200 : 503, document(report.up(), shown.checks()));
                })
                .onFailure(e -> {
                    LOG.warn("Health could not be checked", e);
                    json(ctx, 503, Map.of("status", "DOWN", "message", "The checks failed or took too long"));
                });
    }

    private void metrics(RoutingContext ctx) {
        blocking(metrics::scrape)
                .onSuccess(text -> {
                    Buffer body = Buffer.buffer(text);
                    ctx.response()
                            .putHeader("Content-Type", METRICS_TYPE)
                            .putHeader("Content-Length", Integer.toString(body.length()))
                            .end(body);
                })
                .onFailure(ctx::fail);
    }

    private <T> Future<T> blocking(Callable<T> work) {
        return workers.executeBlocking(work, false).timeout(CHECK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static Map<String, Object> document(boolean up, List<Health.Check> checks) {
        return Map.of(
                "status",
                status(up),
                "checks",
                checks.stream().map(ManagementServer::document).toList());
    }

    private static Map<String, Object> document(Health.Check check) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", check.name());
        document.put("status", status(check.up()));
        if (check.message() != null) {
            document.put("message", check.message());
        }
        check.details().forEach(document::putIfAbsent);
        return document;
    }

    private static String status(boolean up) {
        return up ? "UP" : "DOWN";
    }

    private static void json(RoutingContext ctx, int status, Map<String, Object> document) {
        try {
            byte[] body = Json.PLAIN.writeValueAsBytes(document);
            ctx.response()
                    .setStatusCode(status)
                    .putHeader("Content-Type", JSON_TYPE)
                    // Vert.x leaves it out for HEAD
                    .putHeader("Content-Length", Integer.toString(body.length))
                    .end(Buffer.buffer(body));
        } catch (JsonProcessingException e) {
            ctx.fail(e);
        }
    }
}
