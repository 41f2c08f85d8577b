// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.health;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.apache.camel.impl.health.DefaultHealthCheckRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.StateDirectory;
import org.ovosgateway.http.TestServer;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Import;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

class ManagementServerTest {

    private static final String ADDRESS_FILE = "ovos.management.address-file";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static ConfigurableApplicationContext context;
    private static BusCheck bus;

    @BeforeAll
    static void start() {
        context = start("ovos.management.port=0");
        bus = new BusCheck();
        HealthCheckRegistry.get(context.getBean(CamelContext.class)).register(bus);
    }

    @AfterAll
    static void stop() {
        context.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//health",
                "/health/",
                "/health//live",
                "/health/./live",
                "/%68ealth",
                "/health%2Flive",
                "/health/live/",
                "/health;a",
                "/metrics/",
                "/Metrics",
                "/metrics%00"
            })
    void takesPathsAsTheyAreSent(String path) throws Exception {
        assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 404 ")
                .contains("application/problem+json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/health/live", "/metrics"})
    void answersHeadAsGetWithoutABody(String path) throws Exception {
        bus.up = true;
        HttpResponse<String> head = CLIENT.send(
                HttpRequest.newBuilder(uri(path))
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        HttpResponse<String> get = get(path);
        assertThat(head.statusCode()).isEqualTo(get.statusCode());
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().map().keySet()).isEqualTo(get.headers().map().keySet());
    }

    @Test
    void refusesOtherMethodsAndTellsThoseThereAre() throws Exception {
        assertThat(raw("POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 405 ")
                .containsIgnoringCase("\r\nallow: GET, HEAD, OPTIONS\r\n");
        assertThat(raw("OPTIONS /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 204 ");
    }

    @Test
    void refusesRequestsThatCanBeReadInTwoWays() throws Exception {
        for (String header : List.of("Host: b", "Transfer-Encoding: x", "Content-Length: 0\r\nContent-Length: 1")) {
            String answer = raw("GET /health HTTP/1.1\r\nHost: a\r\n" + header + "\r\n\r\n"
                    + "GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(answer).matches("(?s)HTTP/1.1 (400|501) .*").contains("application/problem+json");
            assertThat(answer.split("HTTP/1.1 ")).hasSize(2);
        }
    }

    private static String raw(String request) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", uri("/").getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void isReadyWhenAllChecksAreWell() throws Exception {
        bus.up = true;
        HttpResponse<String> answer = get("/health/ready");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer).get("status").asText()).isEqualTo("UP");
        assertThat(json(answer).get("checks")).isEmpty();
    }

    @Test
    void isAliveButNotReadyWithoutBus() throws Exception {
        bus.up = false;
        HttpResponse<String> ready = get("/health/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        JsonNode down = json(ready).get("checks");
        assertThat(down).hasSize(1);
        assertThat(down.get(0).get("name").asText()).isEqualTo("bus-kitchen");
        assertThat(down.get(0).get("status").asText()).isEqualTo("DOWN");
        assertThat(down.get(0).get("message").asText()).isEqualTo("not connected");
        assertThat(down.get(0).get("since").asText()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void tellsSinceWhenACheckHasBeenDown() throws Exception {
        bus.up = false;
        bus.since = null;
        try {
            assertThat(json(get("/health/ready")).at("/checks/0/since").asText())
                    .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");
        } finally {
            bus.since = "2026-01-01T00:00:00Z";
        }
    }

    @Test
    void showsAllChecks() throws Exception {
        bus.up = true;
        HttpResponse<String> answer = get("/health");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer).get("checks").findValuesAsText("name")).contains("http", "camel", "bus-kitchen");
        assertThat(answer.body()).doesNotContain("check.id", "invocation.count");
    }

    @Test
    void keepsStackTracesToItself() throws Exception {
        bus.up = false;
        assertThat(get("/health").body()).doesNotContain("IllegalState", "at org.", "secret");
    }

    @Test
    void isNotReadyWhereStateCannotBeKept(@TempDir Path folder) throws Exception {
        Path obstacle = Files.createFile(folder.resolve("state"));
        try (ConfigurableApplicationContext broken = start("ovos.management.port=0", "ovos.state=" + obstacle)) {
            HttpResponse<String> ready = get(broken, "/health/ready");

            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(json(ready).findValuesAsText("name")).contains("state");
            assertThat(ready.body()).contains("is no folder");
            assertThat(get(broken, "/health/live").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void servesMetrics() throws Exception {
        HttpResponse<String> answer = get("/metrics");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type"))
                .get()
                .asString()
                .startsWith("text/plain; version=0.0.4");
        assertThat(answer.body())
                .contains(
                        "ovos_http_connections",
                        "jvm_memory_used_bytes",
                        "process_uptime_seconds",
                        "jvm_threads_live_threads",
                        "process_files_open_files");
    }

    @Test
    void servesNothingElse() throws Exception {
        assertThat(get("/").statusCode()).isEqualTo(404);
        assertThat(get("/env").statusCode()).isEqualTo(404);
    }

    @Test
    void readsNoRequestsWhoseAnswersAreNotTaken() throws Exception {
        try (SocketChannel caller = SocketChannel.open()) {
            caller.setOption(StandardSocketOptions.SO_RCVBUF, 4 << 10);
            caller.connect(new InetSocketAddress("127.0.0.1", port()));
            caller.configureBlocking(false);
            byte[] requests =
                    "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1000).getBytes(US_ASCII);
            AtomicInteger inARow = new AtomicInteger();
            await().atMost(Duration.ofSeconds(40))
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> {
                        boolean taken = caller.write(ByteBuffer.wrap(requests)) > 0;
                        return (taken ? inARow.getAndSet(0) : inARow.incrementAndGet()) > 100;
                    });
            assertThat(get("/health/live").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void endsTheOldestConnectionForOneMore() throws Exception {
        List<Socket> callers = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                callers.add(new Socket("127.0.0.1", port()));
            }
            callers.get(0).setSoTimeout(20_000);
            assertThatThrownBy(() -> callers.get(0).getInputStream().read()).isInstanceOf(SocketException.class);
            assertThat(get("/health/live").statusCode()).isEqualTo(200);
        } finally {
            for (Socket caller : callers) {
                caller.close();
            }
        }
    }

    @Test
    void canBeSwitchedOff() {
        try (ConfigurableApplicationContext off = start("ovos.management.port=-1")) {
            assertThat(off.getEnvironment().getProperty("local.management.port"))
                    .isNull();
            assertThat(off.getEnvironment().getProperty("local.server.port")).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "localhost"})
    void isFoundByTheHealthCheckOfTheContainer(String address, @TempDir Path folder) throws Exception {
        assumeThat(Path.of("/bin/bash")).exists();
        Path file = folder.resolve("management");
        try (ConfigurableApplicationContext served =
                start("ovos.management.port=0", "ovos.management.address=" + address, ADDRESS_FILE + "=" + file)) {
            assertThat(file)
                    .content()
                    .endsWith(" " + served.getEnvironment().getProperty("local.management.port") + "\n");
            assertThat(healthCheck(file)).isZero();
        }
        assertThat(file).doesNotExist();
        assertThat(healthCheck(file)).isNotZero();
    }

    @Test
    void startsWhereItsAddressCannotBeWritten(@TempDir Path folder) {
        try (ConfigurableApplicationContext served =
                start("ovos.management.port=0", ADDRESS_FILE + "=" + folder.resolve("no/such/folder"))) {
            assertThat(served.getEnvironment().getProperty("local.management.port"))
                    .isNotNull();
        }
    }

    /** Runs the command of the Dockerfile with another file. */
    private static int healthCheck(Path file) throws Exception {
        String dockerfile = Files.readString(Path.of("Dockerfile"));
        String json = dockerfile.substring(dockerfile.indexOf("[", dockerfile.indexOf("HEALTHCHECK")));
        Matcher inContainer =
                Pattern.compile("(?m)^ENV OVOS_MANAGEMENT_ADDRESSFILE=(\\S+)$").matcher(dockerfile);
        assertThat(inContainer.find()).isTrue();
        List<String> command = new ArrayList<>();
        new ObjectMapper().readTree(json).forEach(word -> command.add(word.textValue()));
        ProcessBuilder check = new ProcessBuilder(command);
        check.environment().put("OVOS_MANAGEMENT_ADDRESSFILE", file.toString());
        Process running = check.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(running.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return running.exitValue();
    }

    @Test
    void tellsThatItsPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> start("ovos.management.port=" + taken.getLocalPort()))
                    .hasStackTraceContaining(InvalidConfigurationException.class.getName())
                    .hasStackTraceContaining("Management (health and metrics) cannot listen on 127.0.0.1");
        }
    }

    private static ConfigurableApplicationContext start(String... properties) {
        return new SpringApplicationBuilder(Parts.class)
                .web(WebApplicationType.NONE)
                .properties("spring.config.location=optional:classpath:/none/", "spring.main.banner-mode=off")
                .registerShutdownHook(false)
                .run(Stream.concat(Stream.of("server.port=0"), Stream.of(properties))
                        .map("--"::concat)
                        .toArray(String[]::new));
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + context.getEnvironment().getProperty("local.management.port") + path);
    }

    private static int port() {
        return context.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return get(context, path);
    }

    private static HttpResponse<String> get(ConfigurableApplicationContext context, String path) throws Exception {
        String port = context.getEnvironment().getRequiredProperty("local.management.port");
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) throws Exception {
        return new ObjectMapper().readTree(answer.body());
    }

    private static final class BusCheck extends AbstractHealthCheck {

        private volatile boolean up;
        private volatile String since = "2026-01-01T00:00:00Z";

        BusCheck() {
            super("ovos", "bus-kitchen");
        }

        @Override
        protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
            if (up) {
                builder.up();
            } else {
                builder.down().message("not connected").error(new IllegalStateException("secret"));
                if (since != null) {
                    builder.detail("since", since);
                }
            }
        }

        @Override
        public boolean isLiveness() {
            return false;
        }
    }

    @Import(TestServer.Parts.class)
    @ComponentScan
    @ConfigurationPropertiesScan
    @EnableConfigurationProperties(StateDirectory.class)
    static class Parts {

        @Bean(initMethod = "start", destroyMethod = "stop")
        CamelContext camel() {
            DefaultCamelContext camel = new DefaultCamelContext();
            camel.getCamelContextExtension()
                    .addContextPlugin(HealthCheckRegistry.class, new DefaultHealthCheckRegistry(camel));
            return camel;
        }
    }
}
