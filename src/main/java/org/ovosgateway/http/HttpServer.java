// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.SSLOptions;
import org.ovosgateway.Certificate;
import org.ovosgateway.HostName;
import org.ovosgateway.InvalidConfigurationException;
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
    private static final int WEB_SOCKET_CLOSING_SECONDS = 5;
    private static final long HANDSHAKE_SECONDS = 5;
    private static final long CERTIFICATE_CHECK_MILLIS = 10_000;
    private static final long START_SECONDS = 30;
    private static final long CLOSE_MILLIS = 5_000;

    /** By the names of the addresses they serve. */
    private final Map<String, List<HttpListener>> listeners = new ConcurrentHashMap<>();

    private final AtomicInteger connections = new AtomicInteger();
    private final Vertx vertx;
    private final Content content;
    private final Pages pages;
    private final RequestMetrics metrics;
    private final TrustedProxies proxies;
    private final Load load;
    private final HttpProperties http;
    private final ServerProperties at;
    private final ConfigurableEnvironment environment;
    private final List<String> deployments = new CopyOnWriteArrayList<>();
    private volatile boolean serving;
    private volatile Certificate certificate;

    HttpServer(
            Vertx vertx,
            Content content,
            Pages pages,
            RequestMetrics metrics,
            TrustedProxies proxies,
            Load load,
            MeterRegistry registry,
            HttpProperties http,
            ServerProperties at,
            ConfigurableEnvironment environment) {
        this.vertx = vertx;
        this.content = content;
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
        return Future.all(all().map(HttpListener::pulse).toList()).mapEmpty();
    }

    /** The port that is listened on, or -1. */
    public int port() {
        return serving ? port(Content.MAIN) : -1;
    }

    // Camel starts its routes when the context is refreshed, which is after the lifecycle's own start
    @EventListener(ApplicationStartedEvent.class)
    @Override
    public void start() {
        if (isRunning()) {
            return;
        }
        certificate = at.tls() ? at.certificate() : null;
        KeyManagerFactory keys = certificate == null ? null : certificate.read();
        Map<String, Content.Address> elsewhere = content.addresses();
        requireDifferent(elsewhere);
        int listenersInAll = http.effectiveEventLoops() * (1 + elsewhere.size());
        listen(Content.MAIN, "The API", at.address(), at.port(), "server", keys, listenersInAll);
        elsewhere.forEach((name, address) -> listen(
                name, "The API '" + name + "'", host(address), port(address), address.keys(), keys, listenersInAll));
        serving = true;
        LocalPorts.publish(environment, "local.server.port", port());
        elsewhere.keySet().forEach(name -> LocalPorts.publish(environment, "local.apis." + name + ".port", port(name)));
        if (certificate != null) {
            vertx.setPeriodic(
                    CERTIFICATE_CHECK_MILLIS,
                    tick -> vertx.executeBlocking(() -> {
                        renewCertificate();
                        return null;
                    }));
        } else {
            Stream.concat(Stream.of(at.address()), elsewhere.values().stream().map(this::host))
                    .distinct()
                    .filter(host -> !new HostName(host).isLoopback())
                    .forEach(host -> LOG.warn(
                            "Passwords and tokens travel unencrypted to {}; set server.ssl.*, or serve TLS in front of it",
                            host));
        }
        LOG.info("Serving on {}", url(at.address(), port()));
        elsewhere.forEach(
                (name, address) -> LOG.info("Serving the API '{}' on {}", name, url(host(address), port(name))));
    }

    private void listen(
            String name,
            String what,
            String host,
            int port,
            String settings,
            KeyManagerFactory keys,
            int listenersInAll) {
        // Vert.x: a negative port is a free one that all listeners with the same number share
        HttpServerOptions options = options(host, port == 0 ? -1 - listeners.size() : port, keys);
        DeploymentOptions instances = new DeploymentOptions().setInstances(http.effectiveEventLoops());
        try {
            deployments.add(await(
                    vertx.deployVerticle(() -> listener(name, options, listenersInAll), instances),
                    TimeUnit.SECONDS.toMillis(START_SECONDS)));
        } catch (Exception e) {
            listeners.clear();
            deployments.forEach(vertx::undeploy);
            deployments.clear();
            throw InvalidConfigurationException.cannotListen(
                    what, host, port, settings, e.getCause() == null ? e : e.getCause());
        }
    }

    /** Within one process two servers of Vert.x share a port, and a caller would meet either. */
    private void requireDifferent(Map<String, Content.Address> elsewhere) {
        Map<String, String> keys = new HashMap<>();
        keys.put(at.address() + " port " + at.port(), "server");
        elsewhere.values().forEach(address -> {
            String where = host(address) + " port " + port(address);
            String other = port(address) == 0 ? null : keys.put(where, address.keys());
            if (other != null) {
                throw new InvalidConfigurationException(
                        "%s and %s are both %s.".formatted(other, address.keys(), where),
                        "Set %1$s.port to a free port, or leave out %1$s.address and %1$s.port; then this API is served together with the gateway's own."
                                .formatted(address.keys()));
            }
        });
    }

    private String host(Content.Address address) {
        return address.host() == null ? at.address() : address.host();
    }

    private int port(Content.Address address) {
        return address.port() == null ? at.port() : address.port();
    }

    private int port(String name) {
        return listeners.get(name).get(0).port();
    }

    private Stream<HttpListener> all() {
        return listeners.values().stream().flatMap(List::stream);
    }

    @Override
    public void stop(Runnable stopped) {
        serving = false;
        Future<?> drained = Future.all(all().map(HttpListener::drain).toList());
        withTimeout(drained, http.shutdownTimeout().toMillis())
                .onFailure(late -> LOG.warn("Stopping with requests still unanswered after {}", http.shutdownTimeout()))
                .eventually(() -> withTimeout(
                        Future.all(deployments.stream().map(vertx::undeploy).toList()), CLOSE_MILLIS))
                .onComplete(closed -> {
                    listeners.clear();
                    deployments.clear();
                    stopped.run();
                });
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public boolean isRunning() {
        return !deployments.isEmpty();
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

    private HttpListener listener(String name, HttpServerOptions options, int listenersInAll) {
        HttpListener listener = new HttpListener(
                options, http, content, name, pages, metrics, proxies, load, connections, listenersInAll);
        listeners.computeIfAbsent(name, n -> new CopyOnWriteArrayList<>()).add(listener);
        return listener;
    }

    private HttpServerOptions options(String host, int port, KeyManagerFactory keys) {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(new HostName(host).forVertx())
                .setPort(port)
                .setTcpNoDelay(true)
                // else the system keeps up to 4 MB for each caller who does not read
                .setSendBufferSize(SEND_BUFFER)
                .setMaxInitialLineLength((int) http.maxRequestLine().toBytes())
                .setMaxHeaderSize((int) http.maxHeaders().toBytes())
                .setCompressionSupported(http.compression())
                .setDecompressionSupported(false)
                .setMaxWebSocketFrameSize((int) http.maxMessage().toBytes())
                .setMaxWebSocketMessageSize((int) http.maxMessage().toBytes())
                .setWebSocketClosingTimeout(WEB_SOCKET_CLOSING_SECONDS)
                // "bearer, <token>", for browsers, which cannot set headers
                .setWebSocketSubProtocols(List.of("bearer"))
                // each peer would cost as much memory as its window
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(MAX_STREAMS)
                        .setMaxHeaderListSize(http.maxHeaders().toBytes()))
                // HTTP/2 only where it was negotiated: no protocol switch that a proxy in front does not see
                .setHttp2ClearTextEnabled(false);
        if (keys != null) {
            options.setSsl(true)
                    .setUseAlpn(true)
                    .setEnabledSecureTransportProtocols(TLS_VERSIONS)
                    .setSslEngineOptions(new Handshakes(connections))
                    .setSslHandshakeTimeout(HANDSHAKE_SECONDS)
                    .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS)
                    .setKeyCertOptions(KeyCertOptions.wrap(keys));
        }
        return options;
    }

    /** Looks whether the certificate's files have changed, and uses them if they are good; blocks. */
    void renewCertificate() {
        try {
            certificate.readIfChanged().filter(keys -> serving).ifPresent(this::use);
        } catch (InvalidConfigurationException e) {
            LOG.warn("The changed certificate is not used, the previous one stays. {} {}", e.getMessage(), e.remedy());
        }
    }

    private void use(KeyManagerFactory keys) {
        SSLOptions ssl = options(at.address(), at.port(), keys).getSslOptions();
        Future.all(listeners.values().stream()
                        .map(sharing -> sharing.get(0).update(ssl))
                        .toList())
                .onSuccess(done -> LOG.info("The certificate has changed and is used from now on"))
                .onFailure(e -> LOG.warn("The changed certificate is not used", e));
    }

    private String url(String host, int port) {
        return (at.tls() ? "https" : "http") + "://" + new HostName(host).inUrl() + ":" + port;
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
