// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.SSLOptions;
import org.ovosgateway.HostName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.stereotype.Component;

/**
 * Serves the API, from when all routes are there until the last request is answered.
 *
 * <p>The actual port is the property {@code local.server.port}.
 */
@Component
public class HttpServer implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final Set<String> TLS_VERSIONS = Set.of("TLSv1.2", "TLSv1.3");
    private static final int MAX_STREAMS = 32;
    private static final int SEND_BUFFER = 64 << 10;
    private static final long HANDSHAKE_SECONDS = 5;
    private static final long CERTIFICATE_CHECK_MILLIS = 10_000;
    private static final long START_SECONDS = 30;
    private static final long CLOSE_MILLIS = 5_000;

    private final List<HttpListener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final Vertx vertx;
    private final Site site;
    private final Pages pages;
    private final RequestMetrics metrics;
    private final TrustedProxies proxies;
    private final Load load;
    private final HttpProperties http;
    private final ServerProperties at;
    private final ConfigurableEnvironment environment;
    private volatile String deployment;
    private volatile boolean serving;
    private volatile Certificate certificate;

    HttpServer(
            Vertx vertx,
            Site site,
            Pages pages,
            RequestMetrics metrics,
            TrustedProxies proxies,
            Load load,
            MeterRegistry registry,
            HttpProperties http,
            ServerProperties at,
            ConfigurableEnvironment environment) {
        this.vertx = vertx;
        this.site = site;
        this.pages = pages;
        this.metrics = metrics;
        this.proxies = proxies;
        this.load = load;
        this.http = http;
        this.at = at;
        this.environment = environment;
        Gauge.builder("ovos.http.connections", connections, AtomicInteger::get)
                .description("Open connections of callers")
                .register(registry);
    }

    /** Whether callers are served; not yet while the gateway starts, not any more while it stops. */
    public boolean isServing() {
        return serving;
    }

    /** Completes when every event loop of the server has answered. */
    public Future<Void> pulse() {
        return Future.all(listeners.stream().map(HttpListener::pulse).toList()).mapEmpty();
    }

    /** The port that is listened on, or -1. */
    public int port() {
        return serving ? listeners.get(0).port() : -1;
    }

    // Camel starts its routes when the context is refreshed, which is after the lifecycle's own start
    @EventListener(ApplicationStartedEvent.class)
    @Override
    public void start() {
        if (deployment != null) {
            return;
        }
        certificate = at.tls() ? new Certificate(vertx, at.ssl()) : null;
        HttpServerOptions options = options(certificate == null ? null : certificate.read());
        int eventLoops = http.effectiveEventLoops();
        try {
            deployment = await(
                    vertx.deployVerticle(() -> listener(options), new DeploymentOptions().setInstances(eventLoops)),
                    TimeUnit.SECONDS.toMillis(START_SECONDS));
        } catch (Exception e) {
            listeners.clear();
            throw CannotListenException.at(
                    "The API", at.address(), at.port(), "server", e.getCause() == null ? e : e.getCause());
        }
        serving = true;
        LocalPorts.publish(environment, "local.server.port", port());
        if (certificate != null) {
            vertx.setPeriodic(
                    CERTIFICATE_CHECK_MILLIS,
                    tick -> vertx.executeBlocking(() -> {
                        renewCertificate();
                        return null;
                    }));
        } else if (!at.address().startsWith("127.")
                && !at.address().equals("localhost")
                && !at.address().equals("::1")) {
            LOG.warn(
                    "Passwords and tokens travel unencrypted to {}; set server.ssl.*, or serve TLS in front of it",
                    at.address());
        }
        LOG.info("Serving on {}://{}:{}", at.tls() ? "https" : "http", host(), port());
    }

    @Override
    public void stop(Runnable stopped) {
        serving = false;
        Future<?> drained =
                Future.all(listeners.stream().map(HttpListener::drain).toList());
        withTimeout(drained, http.shutdownTimeout().toMillis())
                .onFailure(late -> LOG.warn("Stopping with requests still unanswered after {}", http.shutdownTimeout()))
                .eventually(() -> withTimeout(vertx.undeploy(deployment), CLOSE_MILLIS))
                .onComplete(closed -> {
                    listeners.clear();
                    deployment = null;
                    stopped.run();
                });
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public boolean isRunning() {
        return deployment != null;
    }

    @Override
    public boolean isAutoStartup() {
        return false;
    }

    /** Stops before Camel does, whose phase is some 2000 lower, so that routes can still answer. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE - 100;
    }

    private HttpListener listener(HttpServerOptions options) {
        HttpListener listener = new HttpListener(options, http, site, pages, metrics, proxies, load, connections);
        listeners.add(listener);
        return listener;
    }

    private HttpServerOptions options(PemKeyCertOptions certificate) {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(new HostName(at.address()).forVertx())
                // Vert.x: a negative port is a free one that all listeners share
                .setPort(at.port() == 0 ? -1 : at.port())
                .setTcpNoDelay(true)
                // else the system keeps up to 4 MB for each caller who does not read
                .setSendBufferSize(SEND_BUFFER)
                .setMaxInitialLineLength((int) http.maxRequestLine().toBytes())
                .setMaxHeaderSize((int) http.maxHeaders().toBytes())
                .setCompressionSupported(http.compression())
                .setDecompressionSupported(false)
                // there are no WebSockets: their handlers would see each request
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(MAX_STREAMS)
                        .setMaxHeaderListSize(http.maxHeaders().toBytes()))
                // HTTP/2 only where it was negotiated: no protocol switch that a proxy in front does not see
                .setHttp2ClearTextEnabled(false);
        if (certificate != null) {
            options.setSsl(true)
                    .setUseAlpn(true)
                    .setEnabledSecureTransportProtocols(TLS_VERSIONS)
                    .setSslEngineOptions(new Handshakes(connections))
                    .setSslHandshakeTimeout(HANDSHAKE_SECONDS)
                    .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS)
                    .setKeyCertOptions(certificate);
        }
        return options;
    }

    /** Looks whether the certificate's files have changed, and uses them if they are good; blocks. */
    void renewCertificate() {
        if (certificate.changed() && serving) {
            try {
                SSLOptions ssl = options(certificate.read()).getSslOptions();
                listeners
                        .get(0)
                        .update(ssl)
                        .onSuccess(done -> LOG.info("The certificate has changed and is used from now on"))
                        .onFailure(e -> LOG.warn("The changed certificate is not used", e));
            } catch (CannotListenException e) {
                LOG.warn(
                        "The changed certificate is not used, the previous one stays. {} {}",
                        e.getMessage(),
                        e.remedy());
            }
        }
    }

    private String host() {
        return new HostName(at.address()).inUrl();
    }

    private <T> Future<T> withTimeout(Future<T> future, long millis) {
        return millis <= 0 ? future : future.timeout(millis, TimeUnit.MILLISECONDS);
    }

    private static <T> T await(Future<T> future, long millis) throws Exception {
        try {
            return future.toCompletionStage().toCompletableFuture().get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("Vert.x did not answer within " + millis + " ms", e);
        }
    }
}
