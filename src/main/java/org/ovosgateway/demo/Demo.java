// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import org.ovosgateway.Json;
import org.ovosgateway.mqtt.Mqtt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;
import org.springframework.security.crypto.bcrypt.BCrypt;
import org.springframework.util.FileSystemUtils;

/** A bus on loopback with a simulated assistant behind it, a user for the gateway, and how to try both. */
final class Demo implements ApplicationListener<ApplicationReadyEvent>, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Demo.class);
    private static final String LOOPBACK = "127.0.0.1";
    private static final int MQTT_PORT = 1883;
    private static final int KALLIOPE_PORT = 5000;
    private static final int WYOMING_PORT = 10700;
    private static final String USER = "demo";
    private static final String ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private static final int SECRET_LENGTH = 20;
    private static final int PATIENCE_SECONDS = 30;
    private static final int BROKER_SECONDS = 5;
    private static final String LIVE_ROUTES = "org.ovosgateway.live";

    private final Vertx vertx;
    private final MessageBus bus;
    private final SimulatedAssistant assistant;
    private final Path folder;
    private final Path users;
    private final Path state;
    private final String apiKey;
    private final String password;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Demo(Vertx vertx, MessageBus bus, Path folder, Names names) throws IOException {
        this.vertx = vertx;
        this.bus = bus;
        this.folder = folder;
        this.apiKey = secret();
        this.password = secret();
        // temporary ones are their owner's only, on every system
        this.users = Files.writeString(Files.createTempFile(folder, "users", ".json"), usersFile(password));
        this.state = Files.createTempDirectory(folder, "state");
        this.assistant = SimulatedAssistant.builder()
                .apiKey(apiKey)
                .gatewayCompanion()
                .names(names)
                .alerts()
                .synthesis(Duration.ofMillis(300))
                .speech(Duration.ofSeconds(1))
                .tail(Duration.ofSeconds(2))
                .listening(Duration.ofSeconds(5))
                .onAction(action -> System.out.println(line(action)))
                .start(vertx, bus.uri());
    }

    /** Starts bus and assistant; their threads are daemons, so that a gateway that fails to start can end. */
    static Demo start(Names names) {
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setUseDaemonThread(true));
        try {
            MessageBus bus = join(MessageBus.listen(vertx, LOOPBACK, 0));
            Demo demo = new Demo(vertx, bus, Files.createTempDirectory("ovos-gateway-demo"), names);
            join(demo.assistant.connected());
            return demo;
        } catch (IOException e) {
            vertx.close();
            throw new UncheckedIOException("the demo cannot make its temporary folder", e);
        }
    }

    /** What the gateway has to be set to. */
    Map<String, Object> properties() {
        return Map.of(
                "ovos.devices.default.host",
                LOOPBACK,
                "ovos.devices.default.port",
                bus.port(),
                "ovos.devices.default.path",
                MessageBus.PATH,
                "ovos.devices.default.api-key",
                apiKey,
                "ovos.auth.users",
                users.toString(),
                "ovos.state",
                state.toString(),
                "ovos.apis.ollama.enabled",
                true,
                "ovos.apis.openai.enabled",
                true,
                "ovos.apis.avs.enabled",
                true);
    }

    /** A broker of its own, for who asks for nothing else; MQTT's usual port if it is free. */
    Map<String, Object> mqtt() {
        return Map.of("ovos.mqtt.host", "", "ovos.mqtt.broker.enabled", true, "ovos.mqtt.broker.port", free(MQTT_PORT));
    }

    /** What other systems talk to the assistant by, all of them on, for who asks for nothing else. */
    Map<String, Object> doors() {
        return Map.of(
                "ovos.apis.kalliope.enabled",
                true,
                "ovos.apis.kalliope.port",
                known(free(KALLIOPE_PORT)),
                "ovos.apis.wyoming.enabled",
                true,
                "ovos.apis.wyoming.port",
                known(free(WYOMING_PORT)),
                "ovos.apis.wyoming.user",
                USER);
    }

    /** The port, or any, where another program has it. */
    private static int free(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(LOOPBACK, port));
            return port;
        } catch (IOException taken) {
            return 0;
        }
    }

    /** A port that can be told before it is listened on. */
    private static int known(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(LOOPBACK, port));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("the demo finds no free port", e);
        }
    }

    @Override
    public void onApplicationEvent(ApplicationReadyEvent ready) {
        // what is pasted at once is to be heard
        ready.getApplicationContext().getBeanProvider(Mqtt.class).ifAvailable(Demo::awaitBroker);
        Environment environment = ready.getApplicationContext().getEnvironment();
        System.out.println(welcome(environment));
        showEdits(environment);
    }

    /** From here on, since the routes of the start are no news. */
    private static void showEdits(Environment environment) {
        if (environment.getProperty("logging.level." + LIVE_ROUTES) == null) {
            LoggingSystem.get(Demo.class.getClassLoader()).setLogLevel(LIVE_ROUTES, LogLevel.INFO);
        }
    }

    private static void awaitBroker(Mqtt mqtt) {
        CountDownLatch connected = new CountDownLatch(1);
        mqtt.onConnected(connected::countDown);
        try {
            if (!mqtt.isConnected() && !connected.await(BROKER_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("The demo's gateway has not found the MQTT broker");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    String welcome(Environment environment) {
        DemoAddress address = DemoAddress.of(environment);
        return """

                DEMO: the assistant behind this gateway is simulated; user and password are good until it stops.

                  API            %1$s/v1
                  Documentation  %1$s/docs
                  User           %2$s
                  Password       %3$s

                Have the assistant speak:

                %4$s
                %5$s%6$s""".formatted(
                address.base(), USER, password, curl(address), mosquitto(environment), others(address, environment));
    }

    private static String others(DemoAddress address, Environment environment) {
        Map<String, String> addresses = new LinkedHashMap<>();
        addresses.put("Ollama", address.base() + "/ollama");
        addresses.put("OpenAI", address.base() + "/openai/v1");
        addresses.put(
                "Kalliope", address.withPort(port(environment, "kalliope")).base());
        addresses.put("Wyoming", "tcp://127.0.0.1:" + port(environment, "wyoming"));
        addresses.keySet().removeIf(api -> !environment.getProperty(enabled(api), Boolean.class, false));
        return addresses.isEmpty()
                ? ""
                : addresses.entrySet().stream()
                        .map(api -> "  %-14s %s\n".formatted(api.getKey(), api.getValue()))
                        .collect(Collectors.joining("", "\nFor programs that know other systems:\n\n", ""));
    }

    private static String enabled(String api) {
        return "ovos.apis." + api.toLowerCase(Locale.ROOT) + ".enabled";
    }

    private static int port(Environment environment, String api) {
        return environment.getProperty("ovos.apis." + api + ".port", Integer.class, 0);
    }

    private String mosquitto(Environment environment) {
        String port = environment.getProperty("local.mqtt.port");
        if (port == null) {
            return "";
        }
        return """

                The same by MQTT:

                mosquitto_pub -h 127.0.0.1 -p %s -u %s -P %s -t %s/default/speak/set -m 'Hello from MQTT'
                """.formatted(port, USER, password, environment.getProperty("ovos.mqtt.base", "ovos"));
    }

    private String curl(DemoAddress address) {
        String curl = address.secure() ? "curl -sk" : "curl -s";
        return curl + " " + address.base() + "/v1/voice/speech -H 'Content-Type: application/json'"
                + " -d '{\"utterance\":\"Hello from the gateway\"}' -H \"Authorization: Bearer $("
                + curl + " " + address.base() + "/v1/auth/tokens -H 'Content-Type: application/json'"
                + " -d '{\"user\":\"" + USER + "\",\"password\":\"" + password + "\"}'"
                + " | sed 's/.*\"access_token\" *: *\"\\([^\"]*\\)\".*/\\1/')\"";
    }

    /** The body of a log in. */
    Map<String, String> credentials() {
        return Map.of("user", USER, "password", password);
    }

    /** Leaves nothing behind; may be called more than once. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        try {
            join(assistant.close().transform(left -> bus.close()).transform(closed -> vertx.close()));
            FileSystemUtils.deleteRecursively(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("the demo cannot delete " + folder, e);
        }
    }

    private static String usersFile(String password) {
        return Json.write(
                List.of(Map.of("user", USER, "password", BCrypt.hashpw(password, BCrypt.gensalt()), "active", true)));
    }

    // whoever may speak must not get to control the terminal
    static String line(String action) {
        return "The assistant " + action.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", " ");
    }

    private static String secret() {
        SecureRandom random = new SecureRandom();
        StringBuilder secret = new StringBuilder(SECRET_LENGTH);
        for (int i = 0; i < SECRET_LENGTH; i++) {
            secret.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return secret.toString();
    }

    private static <T> T join(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the demo was interrupted", e);
        } catch (Exception e) {
            throw new IllegalStateException("the simulated assistant failed", e);
        }
    }
}
