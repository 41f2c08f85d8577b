// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import org.ovosgateway.api.HttpRouter;
import org.ovosgateway.problem.Problem;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.validation.ValidationAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** The HTTP server alone, on a free port and without Camel; closing it stops it as the gateway does. */
public final class TestServer implements AutoCloseable {

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ConfigurableApplicationContext context;

    private TestServer(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** Starts it with properties such as {@code ovos.http.max-body=1KB}. */
    static TestServer start(String... properties) {
        String[] arguments = Arrays.stream(properties).map("--"::concat).toArray(String[]::new);
        return new TestServer(new SpringApplicationBuilder(Parts.class, Meters.class)
                .web(WebApplicationType.NONE)
                .properties(
                        "server.port=0",
                        "spring.config.location=optional:classpath:/none/",
                        "spring.main.banner-mode=off")
                .registerShutdownHook(false)
                .run(arguments));
    }

    HttpRouter router() {
        return context.getBean(HttpRouter.class);
    }

    /** The port of another address that was {@link #start set}. */
    int port(String address) {
        return context.getEnvironment().getRequiredProperty("local.apis." + address + ".port", Integer.class);
    }

    /** Reads the body of a caller with a token. */
    static Handler<RoutingContext> body(long most) {
        return body(true, most);
    }

    static Handler<RoutingContext> body(boolean known, long most) {
        return ctx -> HttpCall.of(ctx).body(known, most).onFailure(ctx::fail).onSuccess(body -> {
            ctx.addEndHandler(v -> HttpCall.of(ctx).releaseBody());
            ((RoutingContextInternal) ctx).setBody(body);
            ctx.next();
        });
    }

    /** Shows this document, and no other. */
    void show(String path, Document document) {
        context.getBean(TestContent.class).documents = Map.of(path, document);
    }

    HttpServer server() {
        return context.getBean(HttpServer.class);
    }

    MeterRegistry metrics() {
        return context.getBean(MeterRegistry.class);
    }

    int port() {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = request(path).GET();
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(Duration.ofSeconds(60));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpClient client() {
        return client;
    }

    Socket connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", port());
        socket.setSoTimeout(60_000);
        return socket;
    }

    /** Sends these bytes as they are, and gives what comes back until the server closes the connection. */
    String raw(byte[] bytes) throws IOException {
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
            return readAll(socket.getInputStream());
        }
    }

    /** A caller with a small window who sends this and reads nothing. */
    Socket stuck(String request) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4 << 10);
        socket.setSoTimeout(60_000);
        socket.connect(new InetSocketAddress("127.0.0.1", port()));
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    /** The status line with which GET of this path begins to be answered. */
    String head(String path) throws IOException {
        try (Socket socket = stuck("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n")) {
            return new String(socket.getInputStream().readNBytes(15), StandardCharsets.ISO_8859_1);
        }
    }

    static String readAll(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            in.transferTo(all);
        } catch (java.net.SocketException e) {
            // closed with bytes unread, which TCP tells as a reset
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        context.close();
    }

    /** The beans of the server, which needs a registry of meters beside them. */
    @ImportAutoConfiguration({ConfigurationPropertiesAutoConfiguration.class, ValidationAutoConfiguration.class})
    @EnableConfigurationProperties({HttpProperties.class, ServerProperties.class})
    @Import({HttpConfiguration.class, HttpServer.class, RequestMetrics.class, Pages.class})
    public static class Parts {

        @Bean
        HttpRouter router(Vertx vertx) {
            return new HttpRouter(vertx);
        }

        @Bean
        TestContent content(HttpRouter router, @Value("${test.elsewhere:}") List<String> elsewhere) {
            return new TestContent(router, elsewhere);
        }
    }

    /** What a test serves: its routes, which are the same at all addresses, and a document. */
    private static final class TestContent implements Content {

        private final HttpRouter router;
        private final List<String> elsewhere;
        private volatile Map<String, Document> documents = Map.of();

        TestContent(HttpRouter router, List<String> elsewhere) {
            this.router = router;
            this.elsewhere = elsewhere;
        }

        /** From {@code name=host:port}. */
        @Override
        public Map<String, Address> addresses() {
            Map<String, Address> addresses = new LinkedHashMap<>();
            for (String entry : elsewhere) {
                String[] words = entry.split("[=:]");
                addresses.put(words[0], new Address(words[1], Integer.valueOf(words[2]), "ovos.apis." + words[0]));
            }
            return addresses;
        }

        @Override
        public Router router(String address) {
            return router.router();
        }

        @Override
        public Document document(String address, String path) {
            return documents.get(path);
        }

        @Override
        public Handler<RoutingContext> cors(String address, String path) {
            return null;
        }

        @Override
        public boolean takesPasswords(String address, String path) {
            return path.startsWith("/password");
        }

        @Override
        public ErrorFormat errors(String address, String path) {
            return ErrorFormat.PROBLEM;
        }

        @Override
        public Optional<Problem> outage() {
            return Optional.empty();
        }
    }

    static class Meters {

        @Bean
        MeterRegistry meterRegistry() {
            return new SimpleMeterRegistry();
        }
    }
}
