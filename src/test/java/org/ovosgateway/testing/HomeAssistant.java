// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Runs a Home Assistant of PyPI on the loopback for one test at a time, connected to a broker on the loopback.
 *
 * <p>Where none can be had the class is skipped, with the reason on standard error; with
 * {@code OVOS_REQUIRE_HOME_ASSISTANT=true} in the environment the class fails instead. A release for which there is no
 * Python skips its test only.
 */
public final class HomeAssistant implements BeforeAllCallback, AfterEachCallback {

    private static final OutsideProgram PROGRAM = new OutsideProgram(
            "home-assistant", "python3 3.11, 3.12 or 3.13 with venv, and PyPI", "OVOS_REQUIRE_HOME_ASSISTANT");
    private static final ConditionFactory PATIENTLY =
            await().atMost(Duration.ofSeconds(40)).pollInterval(Duration.ofMillis(100));
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();

    private final Thread killOnExit = new Thread(this::kill, "kill-home-assistant");
    private Path program;
    private Path home;
    private String release;
    private int port;
    private int broker;
    private volatile Process process;

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        program = PROGRAM.installFor(context);
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        if (process != null) {
            stop();
            FileSystemUtils.deleteRecursively(home);
            Runtime.getRuntime().removeShutdownHook(killOnExit);
        }
    }

    /** Starts a release that knows nothing yet; returns when it answers. */
    public void start(String wanted, int brokerPort) throws IOException {
        if (!Files.exists(program.resolve("../../" + wanted + "/installed.txt").normalize())) {
            OutsideProgram.skip("HomeAssistantIT", "Home Assistant " + wanted, "There is no Python for it.");
        }
        release = wanted;
        broker = brokerPort;
        port = OutsideProgram.freePort();
        home = Files.createTempDirectory("home-assistant-test");
        Runtime.getRuntime().addShutdownHook(killOnExit);
        launch();
    }

    /** Stops it in good order and starts it again, with what it knows. */
    public void restart() throws IOException {
        stop();
        launch();
    }

    /** The state of an entity; a missing node where there is no such entity. */
    public JsonNode entity(String id) {
        return get("/api/states/" + id);
    }

    /** The states of all entities, by their ids. */
    public Map<String, String> states() {
        Map<String, String> states = new TreeMap<>();
        get("/api/states")
                .forEach(entity -> states.put(
                        entity.path("entity_id").asText(), entity.path("state").asText()));
        return states;
    }

    /** Waits until an entity is in this state. */
    public void awaitState(String entity, String state) {
        try {
            PATIENTLY.untilAsserted(() -> assertThat(states()).containsEntry(entity, state));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(e.getMessage() + "\nHome Assistant said:\n" + log(), e);
        }
    }

    /** Calls an action on an entity, such as {@code button.press}; the rest are names and values of its data. */
    public void act(String action, String entity, Object... data) {
        Map<String, Object> body = new TreeMap<>();
        body.put("entity_id", entity);
        for (int i = 0; i < data.length; i += 2) {
            body.put((String) data[i], data[i + 1]);
        }
        HttpResponse<String> answer = send(request("/api/services/" + action.replace('.', '/'))
                .POST(BodyPublishers.ofString(JSON.valueToTree(body).toString())));
        assertThat(answer.statusCode())
                .as("%s %s: %s", action, body, answer.body())
                .isEqualTo(200);
    }

    /** Sets up an integration by its config flow, with this input of a person; gives the title of the entry. */
    public String setUp(String integration, Map<String, Object> input) {
        String flows = "/api/config/config_entries/flow";
        String flow =
                post(flows, Map.of("handler", integration)).path("flow_id").asText();
        try {
            return PATIENTLY
                    .until(
                            () -> post(flows + "/" + flow, input),
                            step -> step.path("type").asText().equals("create_entry"))
                    .path("title")
                    .asText();
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(e.getMessage() + "\nHome Assistant said:\n" + log(), e);
        }
    }

    /** Posts JSON to its API; gives the answer. */
    public JsonNode post(String path, Map<String, Object> json) {
        return answer(
                path,
                send(request(path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(JSON.valueToTree(json).toString()))));
    }

    /** The text that one of its speech-to-text entities hears in samples of 16 bits, 16,000 a second. */
    public String hear(String entity, String language, byte[] samples) {
        String path = "/api/stt/" + entity;
        return answer(
                        path,
                        send(request(path)
                                .header(
                                        "X-Speech-Content",
                                        "format=wav; codec=pcm; sample_rate=16000; bit_rate=16; channel=1; language="
                                                + language)
                                .POST(BodyPublishers.ofByteArray(samples))))
                .path("text")
                .asText();
    }

    /** The sound that one of its text-to-speech entities makes of a text: a WAV file, in ISO 8859-1. */
    public String speak(String entity, String text) {
        // any other format would take ffmpeg
        Map<String, Object> request =
                Map.of("engine_id", entity, "message", text, "options", Map.of("preferred_format", "wav"));
        String path = post("/api/tts_get_url", request).path("path").asText();
        HttpResponse<String> sound = send(request(path).GET(), BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
        assertThat(sound.statusCode()).as("%s\n%s", path, log()).isEqualTo(200);
        return sound.body();
    }

    private JsonNode answer(String path, HttpResponse<String> answer) {
        assertThat(answer.statusCode())
                .as("%s: %s\n%s", path, answer.body(), log())
                .isEqualTo(200);
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it has logged since it was started first. */
    public String log() {
        try {
            return Files.readString(home.resolve("output.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void launch() throws IOException {
        process = new ProcessBuilder(
                        program.toString(), release, home.toString(), Integer.toString(port), Integer.toString(broker))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        home.resolve("output.log").toFile()))
                .start();
        PATIENTLY.until(() -> {
            assertThat(process.isAlive()).as(log()).isTrue();
            return answers();
        });
    }

    private boolean answers() {
        try {
            return get("/api/config").path("state").asText().equals("RUNNING");
        } catch (UncheckedIOException notYet) {
            return false;
        }
    }

    private void stop() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
        }
    }

    private void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            running.onExit().join();
        }
    }

    private HttpRequest.Builder request(String path) {
        try {
            return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .timeout(Duration.ofSeconds(20))
                    .header("Authorization", "Bearer " + Files.readString(home.resolve("token")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode get(String path) {
        HttpResponse<String> answer = send(request(path).GET());
        try {
            return answer.statusCode() == 200
                    ? JSON.readTree(answer.body())
                    : JSON.getNodeFactory().missingNode();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        return send(request, BodyHandlers.ofString());
    }

    private static HttpResponse<String> send(HttpRequest.Builder request, BodyHandler<String> reader) {
        try {
            return CLIENT.send(request.build(), reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Home Assistant was asked", e);
        }
    }
}
