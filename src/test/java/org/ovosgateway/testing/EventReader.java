// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.awaitility.Awaitility;

import static org.assertj.core.api.Assertions.assertThat;

/** Reads the events of a gateway, as a browser does. */
public final class EventReader implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final List<JsonNode> events = new CopyOnWriteArrayList<>();
    private final List<String> ids = new CopyOnWriteArrayList<>();
    private final Stream<String> lines;
    private volatile boolean over;

    /**
     * Opens an event stream, which must be answered with 200.
     *
     * @param token null for none
     * @param path with its query
     */
    public EventReader(Gateway gateway, String token, String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<Stream<String>> answer = CLIENT.sendAsync(request.build(), HttpResponse.BodyHandlers.ofLines())
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/event-stream");
        lines = answer.body();
        Thread thread = new Thread(this::read, "event-reader");
        thread.setDaemon(true);
        thread.start();
    }

    private void read() {
        try {
            lines.forEach(line -> {
                if (line.startsWith("id: ")) {
                    ids.add(line.substring("id: ".length()));
                } else if (line.startsWith("data: ")) {
                    events.add(parse(line.substring("data: ".length())));
                }
            });
        } catch (RuntimeException e) {
            // cut off, or closed here
        } finally {
            over = true;
        }
    }

    private static JsonNode parse(String data) {
        try {
            return JSON.readTree(data);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(data, e);
        }
    }

    /** What was heard until now. */
    public List<JsonNode> events() {
        return List.copyOf(events);
    }

    /** The types of what was heard until now. */
    public List<String> types() {
        return events.stream().map(event -> event.path("type").asText()).toList();
    }

    /** The ids of the events that had one. */
    public List<String> ids() {
        return List.copyOf(ids);
    }

    /** The id of the last event that had one. */
    public String lastId() {
        return ids.get(ids.size() - 1);
    }

    /** Waits for an event, if it has not come yet. */
    public JsonNode await(Predicate<JsonNode> wanted) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(events).anyMatch(wanted));
        return events.stream().filter(wanted).findFirst().orElseThrow();
    }

    /** The same for one of this type. */
    public JsonNode await(String type) {
        return await(event -> event.path("type").asText().equals(type));
    }

    /** Waits until the gateway has ended it. */
    public void awaitEnd() {
        Awaitility.await().atMost(PATIENCE).until(() -> over);
    }

    @Override
    public void close() {
        lines.close();
    }
}
