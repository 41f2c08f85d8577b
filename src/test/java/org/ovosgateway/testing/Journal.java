// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import static org.awaitility.Awaitility.await;

/** All that happens on a line, one thing a line with its time: what its bus says, what the gateway tells, what sounds. */
final class Journal implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");
    /** A test takes no more. */
    private static final int KEPT = 2_000;

    private static final int LONGEST = 400;
    private static final Pattern BUS = Pattern.compile("[0-9:.]+ bus  (?<type>\\S+) (?<data>\\{.*?}) .*");
    private static final Predicate<String> QUESTION = Pattern.compile("mycroft\\.\\w+\\.is_(alive|ready)"
                    + "|mycroft\\.(audio\\.speak\\.status|mic\\.get_status|volume\\.get)|recognizer_loop:state\\.get"
                    + "|ovos\\.audio\\.is_speaking")
            .asMatchPredicate();
    private static final Predicate<String> ANSWER = Pattern.compile(
                    "mycroft\\.\\w+\\.is_(alive|ready)\\.response"
                            + "|mycroft\\.(audio\\.is_speaking|(mic\\.get_status|volume\\.get)\\.response)|recognizer_loop:state")
            .asMatchPredicate();

    private static final Duration A_MOMENT = Duration.ofSeconds(1);
    private static final Duration GIVEN_UP = Duration.ofSeconds(6);

    private final Deque<String> latest = new ArrayDeque<>();
    private final PrintWriter file;
    /** What is under way, as far as the bus tells. */
    private final Set<String> underWay = new HashSet<>();

    private long lastSign = System.nanoTime();
    private WebSocket bus;

    Journal(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        this.file = new PrintWriter(Files.newBufferedWriter(file), true);
    }

    void hear(URI uri) {
        bus = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(uri, new Ear())
                .join();
    }

    synchronized void note(String what) {
        String line =
                TIME.format(LocalTime.now()) + " " + (what.length() > LONGEST ? what.substring(0, LONGEST) : what);
        file.println(line);
        latest.add(line);
        if (latest.size() > KEPT) {
            latest.remove();
        }
    }

    /** Begins anew, for the next test. */
    synchronized void begin(String test) {
        latest.clear();
        note("---- " + test);
    }

    /** What has happened since it began. */
    synchronized List<String> sinceItBegan() {
        return List.copyOf(latest);
    }

    /** The same without what is asked all the time, and answered as before. */
    List<String> notable() {
        Map<String, String> answers = new HashMap<>();
        return sinceItBegan().stream()
                .filter(line -> {
                    Matcher bus = BUS.matcher(line);
                    if (!bus.matches()) {
                        return true;
                    }
                    String type = bus.group("type");
                    String data = bus.group("data");
                    return !QUESTION.test(type) && !(ANSWER.test(type) && data.equals(answers.put(type, data)));
                })
                .toList();
    }

    /**
     * Waits until nothing is recorded, understood or spoken any more, and nothing of that has come for a moment: what is under
     * way when a test ends would happen in the next one. A recording that was given up and a part that was killed tell no end.
     */
    void awaitQuiet() {
        await("the end of what was under way")
                .atMost(Duration.ofSeconds(60))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(50))
                .until(this::isQuiet);
    }

    private synchronized boolean isQuiet() {
        return System.nanoTime() - lastSign > (underWay.isEmpty() ? A_MOMENT : GIVEN_UP).toNanos();
    }

    private synchronized void heard(String type) {
        switch (type) {
            case "recognizer_loop:record_begin", "ovos.listener.record.started" -> begins("a recording");
            case "recognizer_loop:speech.recognition.unknown", "ovos.listener.recognition.failed" ->
                ends("a recording");
            case "recognizer_loop:utterance", "ovos.utterance.handle" -> {
                ends("a recording");
                begins("an utterance");
            }
            case "ovos.utterance.handled", "ovos.utterance.cancelled" -> ends("an utterance");
            case "speak", "ovos.utterance.speak", "recognizer_loop:audio_output_start", "ovos.audio.output.started" ->
                begins("a speech");
            case "recognizer_loop:audio_output_end", "ovos.audio.output.ended" -> ends("a speech");
            default -> {}
        }
    }

    private void begins(String what) {
        underWay.add(what);
        lastSign = System.nanoTime();
    }

    private void ends(String what) {
        underWay.remove(what);
        lastSign = System.nanoTime();
    }

    @Override
    public void close() {
        if (bus != null) {
            bus.abort();
        }
        file.close();
    }

    private final class Ear implements WebSocket.Listener {

        private final StringBuilder frame = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            frame.append(part);
            if (last) {
                note("bus  " + shortened(frame.toString()));
                frame.setLength(0);
            }
            return WebSocket.Listener.super.onText(socket, part, last);
        }

        private String shortened(String frame) {
            try {
                JsonNode message = JSON.readTree(frame);
                JsonNode context = message.path("context");
                heard(message.path("type").asText());
                return "%s %s%s %s%s"
                        .formatted(
                                message.path("type").asText(),
                                message.path("data"),
                                context.path("_namespace_compat_twin").asBoolean() ? " twin" : "",
                                context.path("gw_request_id").asText(),
                                context.path("skill_id").asText());
            } catch (JsonProcessingException e) {
                return frame;
            }
        }
    }
}
