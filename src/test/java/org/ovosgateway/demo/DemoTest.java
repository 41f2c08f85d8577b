// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.ovosgateway.testing.BusClient;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.mock.env.MockPropertySource;
import org.springframework.security.crypto.bcrypt.BCrypt;

import static org.assertj.core.api.Assertions.assertThat;

class DemoTest {

    private final MockEnvironment environment = new MockEnvironment();
    private final SpringApplication application = new SpringApplication();
    private final GenericApplicationContext context = new GenericApplicationContext();

    @BeforeEach
    void haveASystemEnvironment() {
        environment
                .getPropertySources()
                .addLast(new MockPropertySource(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME));
    }

    @BeforeEach
    void forgetTheInitializersOfSpring() {
        application.setInitializers(List.of());
    }

    @AfterEach
    void endTheDemo() {
        context.close();
    }

    @Test
    void neverStartsUnlessAskedFor() {
        environment.setActiveProfiles("production");
        new DemoEnvironment().postProcessEnvironment(environment, application);
        assertThat(environment.getPropertySources().contains("demo")).isFalse();
        assertThat(application.getInitializers()).isEmpty();
    }

    @Test
    void pointsTheGatewayAtASimulatedAssistant() throws Exception {
        environment.withProperty("ovos.devices.default.host", "the.real.one");
        Demo demo = start();
        assertThat(environment.getProperty("ovos.devices.default.host")).isEqualTo("127.0.0.1");
        Vertx vertx = Vertx.vertx();
        try (BusClient client = new BusClient(
                vertx,
                URI.create("ws://127.0.0.1:" + environment.getProperty("ovos.devices.default.port")
                        + environment.getProperty("ovos.devices.default.path")))) {
            String appKey = Base64.getEncoder()
                    .encodeToString(environment
                            .getRequiredProperty("ovos.devices.default.api-key")
                            .getBytes(StandardCharsets.UTF_8));
            client.send(Message.bare("ovos.api.info", Message.object().put("app_key", appKey)));
            assertThat(client.await("ovos.api.info.answer")
                            .data()
                            .get("core_version")
                            .asText())
                    .isNotEmpty();
        } finally {
            vertx.close();
        }
        assertThat(demo.properties()).containsEntry("ovos.devices.default.path", "/core");
    }

    @Test
    void hasOneUserWithThePasswordItShows() throws Exception {
        Demo demo = start();
        var users = new ObjectMapper()
                .readTree(Path.of(environment.getProperty("ovos.auth.users")).toFile());
        assertThat(users).hasSize(1);
        assertThat(users.get(0).get("user").asText()).isEqualTo("demo");
        assertThat(users.get(0).get("active").asBoolean()).isTrue();
        String password = demo.welcome(environment).replaceAll("(?s).*Password +(\\w{20})\n.*", "$1");
        assertThat(BCrypt.checkpw(password, users.get(0).get("password").asText()))
                .isTrue();
    }

    @Test
    void makesAnotherPasswordEachTime() {
        try (Demo one = Demo.start(Names.OLD);
                Demo two = Demo.start(Names.OLD)) {
            assertThat(one.welcome(environment)).isNotEqualTo(two.welcome(environment));
            assertThat(one.properties().get("ovos.devices.default.api-key"))
                    .isNotEqualTo(two.properties().get("ovos.devices.default.api-key"));
        }
    }

    @Test
    void leavesNothingBehind() {
        start();
        Path folder = Path.of(environment.getProperty("ovos.state")).getParent();
        assertThat(folder).isDirectory();
        context.close();
        assertThat(folder).doesNotExist();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void keepsItsFilesToItsOwner() throws Exception {
        start();
        Path users = Path.of(environment.getProperty("ovos.auth.users"));
        Path state = Path.of(environment.getProperty("ovos.state"));
        assertThat(List.of(users, state, state.getParent()))
                .allSatisfy(path -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                        .matches("rw[-x]------"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                                            | http://127.0.0.1:8000/docs",
                "server.port=9000                            | http://127.0.0.1:9000/docs",
                "server.port=0,local.server.port=4711        | http://127.0.0.1:4711/docs",
                "server.address=0.0.0.0                      | http://127.0.0.1:8000/docs",
                "server.address=192.0.2.1                    | http://192.0.2.1:8000/docs",
                "server.address=::1                          | http://[::1]:8000/docs",
                "server.ssl.certificate=cert.pem             | https://127.0.0.1:8000/docs",
                "server.ssl.certificate=c,server.ssl.enabled=false | http://127.0.0.1:8000/docs",
            })
    void saysWhereItIs(String properties, String docs) {
        if (properties != null) {
            for (String property : properties.split(",")) {
                environment.withProperty(property.split("=")[0], property.split("=")[1]);
            }
        }
        assertThat(start().welcome(environment)).startsWith("\nDEMO: ").contains(docs + "\n");
    }

    @Test
    void saysWhereProgramsOfOtherSystemsFindIt() {
        assertThat(start().welcome(environment))
                .contains("  Ollama         http://127.0.0.1:8000/ollama\n")
                .contains("  OpenAI         http://127.0.0.1:8000/openai/v1\n")
                .containsPattern("  Kalliope       http://127\\.0\\.0\\.1:[1-9]\\d+\n")
                .containsPattern("  Wyoming        tcp://127\\.0\\.0\\.1:[1-9]\\d+\n");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void showsACommandThatCanBePasted() throws Exception {
        Demo demo = start();
        Vertx vertx = Vertx.vertx();
        try {
            ObjectNode seen = Message.object();
            int port = vertx.createHttpServer()
                    .requestHandler(request -> request.bodyHandler(body -> {
                        HttpServerResponse response = request.response();
                        if (request.path().equals("/v1/auth/tokens")) {
                            seen.put("login", body.toString());
                            response.end("{\"access_token\":\"a.b-c_d\",\"refresh_token\":\"e.f.g\"}");
                        } else {
                            seen.put("path", request.path())
                                    .put("authorization", request.getHeader("Authorization"))
                                    .put("speech", body.toString());
                            response.end("spoken");
                        }
                    }))
                    .listen(0, "127.0.0.1")
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS)
                    .actualPort();
            environment.withProperty("server.port", Integer.toString(port));
            String command = demo.welcome(environment)
                    .lines()
                    .filter(line -> line.startsWith("curl"))
                    .findFirst()
                    .orElseThrow();
            Process shell = new ProcessBuilder(List.of("sh", "-c", command)).start();
            String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(shell.waitFor()).isZero();
            assertThat(output).isEqualTo("spoken");
            assertThat(seen.get("login").asText()).startsWith("{\"user\":\"demo\",\"password\":\"");
            assertThat(seen.get("authorization").asText()).isEqualTo("Bearer a.b-c_d");
            assertThat(seen.get("path").asText()).isEqualTo("/v1/voice/speech");
            assertThat(seen.get("speech").asText()).isEqualTo("{\"utterance\":\"Hello from the gateway\"}");
        } finally {
            vertx.close();
        }
    }

    @Test
    void switchesItsOwnBrokerOnUnlessAnotherIsAskedFor() {
        start();
        assertThat(environment.getProperty("ovos.mqtt.broker.enabled")).isEqualTo("true");
        assertThat(environment.getProperty("ovos.mqtt.broker.port")).isIn("1883", "0");
        environment.withProperty("ovos.mqtt.broker.enabled", "false");
        assertThat(environment.getProperty("ovos.mqtt.broker.enabled")).isEqualTo("false");
    }

    @Test
    void showsHowToPublishWhereThereIsABroker() {
        Demo demo = start();
        assertThat(demo.welcome(environment)).doesNotContain("mosquitto_pub");
        environment.withProperty("local.mqtt.port", "4711");
        assertThat(demo.welcome(environment).lines().filter(line -> line.startsWith("mosquitto_pub")))
                .singleElement()
                .asString()
                .matches("mosquitto_pub -h 127.0.0.1 -p 4711 -u demo -P \\w{20} -t ovos/default/speak/set"
                        + " -m 'Hello from MQTT'");
    }

    @Test
    void letsNoSpeakerControlTheTerminal() {
        assertThat(Demo.line("says: \"red \u001b[31m alert\r\nDEMO: \u009b2J\u2028\u202e\""))
                .isEqualTo("The assistant says: \"red  [31m alert  DEMO:  2J  \"");
    }

    private Demo start() {
        environment.setActiveProfiles("demo");
        new DemoEnvironment().postProcessEnvironment(environment, application);
        application.getInitializers().forEach(this::initialize);
        context.refresh();
        return context.getBean(Demo.class);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private void initialize(ApplicationContextInitializer initializer) {
        initializer.initialize(context);
    }
}
