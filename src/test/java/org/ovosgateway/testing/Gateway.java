// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.ovosgateway.GatewayApplication;
import org.ovosgateway.HostName;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.demo.Sounds;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.security.crypto.bcrypt.BCrypt;
import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The whole gateway as it is shipped, on free ports, with users and state in a folder of its own, for one test class.
 *
 * <p>Whatever it answers to a {@link Call} is held against the contract, and must hold no secret, nothing of the headers
 * of the request and nothing of the inside of the gateway. Register it behind the bus, with {@code @Order}.
 */
public final class Gateway implements BeforeAllCallback, AfterAllCallback {

    /** The user of the contract's examples, who may do everything. */
    public static final String USER = "jarvis";

    /** What the detail of a problem is, unless it begins with the name of a field. */
    private static final String SENTENCE = "(?s)[A-Z'].*\\.";

    /** The same for problems that name fields. */
    private static final String SENTENCE_ON_A_FIELD = "(?s)\\S+ .*\\.";

    /** The form that the detail of this problem must have. */
    public static String sentence(JsonNode problem) {
        return problem.has("errors") ? SENTENCE_ON_A_FIELD : SENTENCE;
    }

    /** The password of every user. */
    public static final String PASSWORD = "correct horse battery staple";

    /** What the gateway and a companion skill share. */
    public static final String API_KEY = SimulatedAssistant.SECRET_MARK + "key-of-the-gateway";

    /** What the tokens are signed with. */
    public static final String SECRET = SimulatedAssistant.SECRET_MARK + "0123456789abcdef0123456789abcdef";

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ConditionFactory PATIENTLY = await("the link to the bus or the broker")
            .atMost(PATIENCE)
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(5));
    private static final String ECHO = "canary-that-must-not-come-back";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();

    private final IntSupplier bus;
    private final Map<String, Object> properties = new LinkedHashMap<>();
    private final Map<String, Map<String, Object>> users = new LinkedHashMap<>();
    private final Map<String, String> routeFiles = new LinkedHashMap<>();
    private final Map<String, Tokens> tokens = new ConcurrentHashMap<>();
    private final ContractSchema contract = ContractSchema.shipped();
    private boolean routesToEdit;
    private Path folder;
    private ConfigurableApplicationContext application;
    private double publishedBefore;

    /** The tokens of a login. */
    public record Tokens(String access, String refresh) {}

    private Gateway(IntSupplier bus) {
        this.bus = bus;
        with("server.address", "127.0.0.1");
        with("server.port", 0);
        with("ovos.management.port", 0);
        with("ovos.auth.secret", SECRET);
        with("ovos.devices.default.host", "127.0.0.1");
        with("ovos.devices.default.api-key", API_KEY);
        with("ovos.devices.default.reconnect-delay", "20ms");
        with("ovos.devices.default.max-reconnect-delay", "200ms");
        with("ovos.devices.default.answer-timeout", "2s");
        with("ovos.devices.default.companion-timeout", "3s");
        with("ovos.http.shutdown-timeout", "1s");
        with("logging.level.root", "warn");
        with("logging.level.access", "warn");
        with("logging.level.org.ovosgateway", "warn");
        // the environment of whoever runs the tests has no say
        with("OVOS_ENV_FILE", "");
        user(USER);
    }

    /** In front of the bus at this port of 127.0.0.1, asked for when the gateway starts. */
    public static Gateway on(IntSupplier busPort) {
        return new Gateway(busPort);
    }

    /** Sets a property, before the start or for the next one. */
    public Gateway with(String property, Object value) {
        properties.put(property, value);
        return this;
    }

    /** The same with a value that is asked for at each start, such as the port of a broker. */
    public Gateway with(String property, Supplier<?> value) {
        properties.put(property, value);
        return this;
    }

    /** With MQTT, by the broker at this port of 127.0.0.1, asked for when the gateway starts. */
    public Gateway broker(IntSupplier brokerPort) {
        with("ovos.mqtt.host", "127.0.0.1");
        with("ovos.mqtt.port", brokerPort::getAsInt);
        with("ovos.mqtt.reconnect-delay", "20ms");
        with("ovos.mqtt.max-reconnect-delay", "200ms");
        return this;
    }

    /** Adds a user with these scopes; with none the user may do everything. */
    public Gateway user(String name, String... scopes) {
        Map<String, Object> user = new LinkedHashMap<>();
        user.put("user", name);
        user.put("password", Hash.OF_PASSWORD);
        user.put("active", true);
        if (scopes.length > 0) {
            user.put("scopes", List.of(scopes));
        }
        users.put(name, user);
        if (folder != null) {
            writeUsers();
        }
        return this;
    }

    /** Adds a file to the routes that are shipped. */
    public Gateway routes(String file, String yaml) {
        routeFiles.put(file, yaml);
        return this;
    }

    /** With a copy of the shipped routes, which a test may edit. */
    public Gateway withRoutesToEdit() {
        routesToEdit = true;
        return this;
    }

    /** The folder of the routes, where it is a copy. */
    public Path routes() {
        return folder.resolve("routes");
    }

    /** Lets a user in or not; the gateway notices a changed users file by itself. */
    public Gateway active(String name, boolean active) {
        users.get(name).put("active", active);
        if (folder != null) {
            writeUsers();
        }
        return this;
    }

    /** Limits a user to these devices. */
    public Gateway devices(String name, String... devices) {
        users.get(name).put("devices", List.of(devices));
        if (folder != null) {
            writeUsers();
        }
        return this;
    }

    /** Limits a user to, or keeps a user from, these skills: {@code list} is allow or deny. */
    public Gateway skills(String name, String list, String... skills) {
        users.get(name).put("skills", Map.of(list, List.of(skills)));
        if (folder != null) {
            writeUsers();
        }
        return this;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        HostName.askTheSystem();
        folder = Files.createTempDirectory("gateway-test");
        with("ovos.auth.users", folder.resolve("users.json"));
        with("ovos.state", folder.resolve("state"));
        with("ovos.routes.own", folder.resolve("routes.d"));
        writeUsers();
        if (routesToEdit || !routeFiles.isEmpty()) {
            Path routes = routes();
            FileSystemUtils.copyRecursively(Path.of("routes"), routes);
            for (var file : routeFiles.entrySet()) {
                Path written = routes.resolve(file.getKey());
                Files.createDirectories(written.getParent());
                Files.writeString(written, file.getValue());
            }
            with("ovos.routes.folder", routes);
        }
        start();
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        stop();
        FileSystemUtils.deleteRecursively(folder);
    }

    /** Starts it again with the same users and the same state. */
    public void restart() {
        stop();
        start();
    }

    /** Waits until it is connected to the bus. */
    public void awaitBus() {
        PATIENTLY.until(() -> gauge("ovos.bus.connected") == 1);
    }

    /** Waits until it has lost the bus. */
    public void awaitNoBus() {
        PATIENTLY.until(() -> gauge("ovos.bus.connected") == 0);
    }

    /** Waits until it is connected to the broker, and has published since, which it does after it has subscribed. */
    public void awaitBroker() {
        PATIENTLY.until(() -> gauge("ovos.mqtt.connected") == 1 && count("ovos.mqtt.published") > publishedBefore);
    }

    /** Waits until it has lost the broker. */
    public void awaitNoBroker() {
        PATIENTLY.until(() -> {
            publishedBefore = count("ovos.mqtt.published");
            return gauge("ovos.mqtt.connected") == 0;
        });
    }

    /** How often a counter was incremented, with all values of its tags; 0 before it exists. */
    public double count(String name) {
        return application.getBean(MeterRegistry.class).find(name).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    /** The same for one value of a tag. */
    public double count(String name, String tag, String value) {
        return application.getBean(MeterRegistry.class).find(name).tag(tag, value).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    /** How often a timer with this value of a tag was used; 0 before it exists. */
    public double timed(String name, String tag, String value) {
        return application.getBean(MeterRegistry.class).find(name).tag(tag, value).timers().stream()
                .mapToDouble(Timer::count)
                .sum();
    }

    /** The value of a gauge or of a counter. */
    public double gauge(String name) {
        return application
                .getBean(MeterRegistry.class)
                .get(name)
                .meter()
                .measure()
                .iterator()
                .next()
                .getValue();
    }

    /** A part of the running gateway. */
    public <T> T bean(Class<T> type) {
        return application.getBean(type);
    }

    /** The port of the API. */
    public int port() {
        return application.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    /** A property that the running gateway has, such as {@code local.mqtt.port}. */
    public <T> T property(String name, Class<T> type) {
        return application.getEnvironment().getRequiredProperty(name, type);
    }

    /** Where users and state are, and what else a test puts there. */
    public Path folder() {
        return folder;
    }

    /** The access token of a user who is logged in, once and for all calls. */
    public String token(String user) {
        return tokens.computeIfAbsent(user, this::logIn).access();
    }

    /** Logs a user in. */
    public Tokens logIn(String user) {
        JsonNode answer = call("POST", "/v1/auth/tokens")
                .anonymous()
                .json("{\"user\": \"%s\", \"password\": \"%s\"}".formatted(user, PASSWORD))
                .answers(200);
        return new Tokens(
                answer.get("access_token").textValue(),
                answer.get("refresh_token").textValue());
    }

    /** A new long-lived token of {@link #USER}: its {@code id}, {@code name} and {@code token}. */
    public JsonNode permatoken(String json) {
        return call("POST", "/v1/auth/permatokens").json(json).answers(201);
    }

    /** The id of a conversation of {@link #USER} that has begun with this text. */
    public String conversation(String text) {
        return call("POST", "/v1/conversation")
                .json(JSON.createObjectNode().put("text", text).toString())
                .answers(200)
                .path("conversation_id")
                .asText();
    }

    /** A call of {@link #USER}; the path is sent as it is. */
    public Call call(String method, String path) {
        return new Call(method, path);
    }

    /** The call of an operation that the contract gives as the example, with the token that it needs. */
    public Call example(ContractSchema.Operation operation) {
        JsonNode declared = contract.document().at(operation.at());
        String path = operation.path();
        StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
        for (JsonNode parameter : declared.path("parameters")) {
            JsonNode resolved = resolved(parameter);
            String name = resolved.path("name").asText();
            path = path.replace(
                    "{" + name + "}",
                    // one that exists
                    switch (name) {
                        case "permatoken_id" ->
                            permatoken("{\"name\": \"example\"}").path("id").asText();
                        default -> resolved.path("example").asText();
                    });
            if (name.equals("follow")) {
                // else it would not end
                query.add("follow=false");
            }
        }
        Call call = call(operation.method(), "/v1" + path + query);
        JsonNode body = resolved(declared.path("requestBody")).at("/content/application~1json/examples");
        if (resolved(declared.path("requestBody")).path("content").has("audio/*")) {
            call.body("audio/wav", Sounds.wav("what time is it"));
        } else if (!body.isMissingNode()) {
            call.json(body.elements().next().path("value").toString());
        }
        return switch (access(operation)) {
            case "" -> call.anonymous();
            case "refresh" -> call.token(logIn(USER).refresh());
            default -> call;
        };
    }

    /** The scheme of the token that an operation needs; empty when it needs none. */
    public String access(ContractSchema.Operation operation) {
        JsonNode own = contract.document().at(operation.at()).path("security");
        JsonNode schemes = own.isMissingNode() ? contract.document().path("security") : own;
        return schemes.isEmpty() ? "" : schemes.get(0).fieldNames().next();
    }

    /** The scope that an operation needs; empty when it needs none. */
    public String scope(ContractSchema.Operation operation) {
        return contract.document().at(operation.at()).path("x-scope").asText();
    }

    /** Sends this text, byte for byte, on a connection of its own, and gives what comes back until it is closed. */
    public String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref")
                ? contract.document()
                        .at(contract.resolve(
                                JsonPointer.compile(node.get("$ref").asText().substring(1))))
                : node;
    }

    private void start() {
        publishedBefore = 0;
        with("ovos.devices.default.port", bus.getAsInt());
        if (!properties.containsKey("ovos.mqtt.host") && !properties.containsKey("ovos.mqtt.broker.enabled")) {
            // a test finds on the bus what it has caused, and nothing else
            properties.putIfAbsent("ovos.assistant.check-interval", "0s");
        }
        // the example of the contract
        properties.putIfAbsent("ovos.bus-messages.allow", "mycroft.mic.get_status");
        application = new SpringApplicationBuilder(GatewayApplication.class)
                .registerShutdownHook(false)
                .run(properties.entrySet().stream()
                        .map(property -> "--" + property.getKey() + "=" + given(property.getValue()))
                        .toArray(String[]::new));
    }

    private static Object given(Object value) {
        return value instanceof Supplier<?> supplier ? supplier.get() : value;
    }

    private void stop() {
        if (application != null) {
            application.close();
            application = null;
        }
    }

    private void writeUsers() {
        try {
            Path next = Files.writeString(folder.resolve("users.new"), JSON.writeValueAsString(users.values()));
            Files.move(next, folder.resolve("users.json"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void check(HttpResponse<String> answer) {
        String called = answer.request().uri().getPath();
        if (called.startsWith("/v1/") && !called.startsWith("/v1/avs/")) {
            contract.assertConforms(answer);
        }
        String all = answer.headers().map() + answer.body();
        assertThat(all).doesNotContain(SimulatedAssistant.SECRET_MARK).doesNotContain(ECHO);
        assertThat(answer.headers().firstValue("X-Request-Id")).isPresent();
        assertThat(answer.statusCode()).as(all).isNotEqualTo(500);
        if (answer.statusCode() >= 400) {
            // a name of another system
            assertThat(all.replace("InvalidAccessTokenException", ""))
                    .doesNotContain("Exception")
                    .doesNotContain("\\tat ")
                    .doesNotContain("org.apache")
                    .doesNotContain("java.");
        }
    }

    /** One call of the API. */
    public final class Call {

        private final String method;
        private final String path;
        private final List<String> headers = new ArrayList<>();
        private byte[] body;
        private String user = USER;
        private String token;

        private Call(String method, String path) {
            this.method = method;
            this.path = path;
        }

        /** On behalf of another user. */
        public Call as(String name) {
            user = name;
            return this;
        }

        /** With this token, whatever it is. */
        public Call token(String bearer) {
            token = bearer;
            return this;
        }

        /** Without any token. */
        public Call anonymous() {
            user = null;
            return this;
        }

        /** With one more header. */
        public Call header(String name, String value) {
            headers.addAll(List.of(name, value));
            return this;
        }

        /** With this text as JSON. */
        public Call json(String json) {
            return body("application/json", json.getBytes(StandardCharsets.UTF_8));
        }

        /** With these bytes as what they are said to be; null for not saying it. */
        public Call body(String contentType, byte[] bytes) {
            body = bytes;
            return contentType == null ? this : header("Content-Type", contentType);
        }

        /** Sends it and checks the answer. */
        public HttpResponse<String> send() {
            try {
                return sendAsync().join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof Error failed) {
                    throw failed;
                }
                throw e;
            }
        }

        /** The same without waiting for the answer. */
        public CompletableFuture<HttpResponse<String>> sendAsync() {
            return sendAsync(StandardCharsets.UTF_8);
        }

        private CompletableFuture<HttpResponse<String>> sendAsync(Charset charset) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                    .timeout(PATIENCE)
                    .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
                    .header("X-Canary", ECHO)
                    .header("Cookie", "canary=" + ECHO)
                    .header("User-Agent", ECHO);
            String bearer = token != null || user == null ? token : Gateway.this.token(user);
            if (bearer != null) {
                request.header("Authorization", "Bearer " + bearer);
            }
            for (int i = 0; i < headers.size(); i += 2) {
                request.header(headers.get(i), headers.get(i + 1));
            }
            return CLIENT.sendAsync(request.build(), BodyHandlers.ofString(charset))
                    .thenApply(answer -> {
                        check(answer);
                        if (bearer != null && !bearer.isEmpty()) {
                            assertThat(answer.headers().map() + answer.body()).doesNotContain(bearer);
                        }
                        return answer;
                    });
        }

        /** The same as {@link #send}, with a body whose characters are bytes (ISO 8859-1). */
        public HttpResponse<String> sendBytes() {
            return sendAsync(StandardCharsets.ISO_8859_1).join();
        }

        /** Sends it, asserts the status and the type of the answer, and gives it byte for byte. */
        public byte[] answersBytes(int status, String contentType) {
            // each byte is a character of this set
            HttpResponse<String> answer = sendBytes();
            assertThat(answer.statusCode()).as("%s: %s", this, answer.body()).isEqualTo(status);
            assertThat(answer.headers().firstValue("Content-Type"))
                    .as(toString())
                    .hasValue(contentType);
            return answer.body().getBytes(StandardCharsets.ISO_8859_1);
        }

        /** Sends it, asserts the status, and gives the body; a missing node when there is none. */
        public JsonNode answers(int status) {
            HttpResponse<String> answer = send();
            assertThat(answer.statusCode()).as("%s: %s", this, answer.body()).isEqualTo(status);
            try {
                return JSON.readTree(answer.body());
            } catch (JsonProcessingException e) {
                throw new AssertionError(this + " answered no JSON: " + answer.body(), e);
            }
        }

        /** Sends it, asserts the status and the body. */
        public void answers(int status, String json) {
            try {
                assertThat(answers(status)).as(toString()).isEqualTo(JSON.readTree(json));
            } catch (JsonProcessingException e) {
                throw new IllegalArgumentException(json, e);
            }
        }

        /** Sends it, asserts that it is refused with this status and type of problem, and gives the problem. */
        public JsonNode isRefused(int status, String type) {
            JsonNode problem = answers(status);
            assertThat(problem.path("type").asText()).as(toString()).isEqualTo("urn:ovos-gateway:" + type);
            assertThat(problem.path("detail").asText()).as(toString()).matches(sentence(problem));
            return problem;
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    /** Made once, and cheap: what is tested here is not bcrypt. */
    private static final class Hash {
        static final String OF_PASSWORD = BCrypt.hashpw(PASSWORD, BCrypt.gensalt("$2b", 4));
    }
}
