// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.ovosgateway.testing.BusClient;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * What real assistants said in each scenario, compared with what the simulated one says to the same: types, data and
 * context, in the order of each sender. {@code src/test/ovos/record/record.py} recorded it.
 */
class TrafficReplayTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration UNTIL_STOPPED = Duration.ofHours(1);
    private static final Duration SOON = Duration.ofMillis(500);

    static Stream<Arguments> scenarios() {
        return Stream.of(RecordedLine.values())
                .flatMap(line -> Recording.scenarios(line.folder()).map(scenario -> arguments(line, scenario)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("scenarios")
    void saysWhatTheRealOneSaid(RecordedLine line, String scenario) throws Exception {
        Recording recording = Recording.of(line.folder(), scenario);
        try (Replay replay = new Replay(recording, line.device())) {
            replay.run();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(Frames.differences(recording.messages(), replay.said()))
                            .filteredOn(difference -> !line.differsIn(difference))
                            .isEmpty());
        }
    }

    /** The simulated assistant in a scenario. */
    private static final class Replay implements AutoCloseable {

        private final Recording recording;
        private final FakeBus bus;
        private final BusClient client;
        private int awaited;
        private int recordings;
        private boolean ends;

        Replay(Recording recording, SimulatedAssistant.Builder device) throws Exception {
            this.recording = recording;
            boolean stops = recording.has("mycroft.stop.handled");
            boolean several = sent("speak") + sent("mycroft.audio.speech.stop") > 1;
            this.bus = new FakeBus(device.without(AssistantPart.COMPANION)
                    .listening(UNTIL_STOPPED)
                    .synthesis(several && !stops ? SOON : Duration.ZERO)
                    .speech(stops ? UNTIL_STOPPED : several ? SOON : Duration.ZERO));
            this.client = new BusClient(bus.vertx(), bus.uri());
        }

        private long sent(String type) {
            return recording.steps().stream()
                    .filter(step ->
                            step.has("sent") && step.get("type").textValue().equals(type))
                    .count();
        }

        void run() {
            for (JsonNode step : recording.steps()) {
                if (step.has("awaited")) {
                    await(step.get("awaited").textValue());
                } else if (step.has("said")) {
                    say(step.get("said").textValue());
                } else if (step.has("sent")) {
                    send(step);
                } else {
                    follow(step.get("type").textValue());
                }
            }
        }

        private void send(JsonNode step) {
            Message message = Recording.message(step);
            ends |= message.type().equals("recognizer_loop:record_stop");
            if (message.data().path("audio").asText().startsWith("say:")) {
                message.data().put("audio", Sound.of(understood()));
            }
            if (step.has("echo_session")) {
                message.context().set("session", lastSession(message.sessionId()));
            }
            client.send(message);
        }

        // what the real one understood of the sound, which may be nothing
        private String understood() {
            return recording.messages().stream()
                    .flatMap(message ->
                            Stream.of("/utterances/0", "/transcriptions/0/0").map(message.data()::at))
                    .filter(JsonNode::isTextual)
                    .map(JsonNode::textValue)
                    .findFirst()
                    .orElse("");
        }

        private void say(String text) {
            if (text.startsWith("tone ")) {
                bus.assistant().wake();
            } else {
                bus.assistant().hear(understood());
                ends = true;
            }
        }

        // a recording that nothing else ends is ended by silence
        private void follow(String type) {
            if (type.equals("recognizer_loop:record_begin")) {
                recordings++;
                ends = false;
                await("recognizer_loop:record_begin", recordings);
            } else if (type.equals("recognizer_loop:record_end") && !ends) {
                bus.assistant().hear(understood());
            }
        }

        private void await(String type, int number) {
            Awaitility.await(type)
                    .atMost(PATIENCE)
                    .until(() -> client.received(type).size() >= number);
        }

        private void await(String type) {
            Pattern wanted = Pattern.compile(type);
            int from = awaited;
            awaited = Awaitility.await(type).atMost(PATIENCE).until(() -> behind(wanted, from), i -> i > 0);
        }

        private int behind(Pattern wanted, int from) {
            List<Message> all = all();
            for (int i = from; i < all.size(); i++) {
                if (wanted.matcher(all.get(i).type()).matches()) {
                    return i + 1;
                }
            }
            return 0;
        }

        private JsonNode lastSession(String id) {
            ObjectNode last = null;
            for (Message message : all()) {
                if (message.sessionId().equals(id)) {
                    last = (ObjectNode) message.context().get("session");
                }
            }
            return last;
        }

        private List<Message> all() {
            return client.received().stream()
                    .flatMap(frame -> Message.parse(frame).stream())
                    .toList();
        }

        /** What the assistant sent. */
        List<Message> said() {
            List<String> sent = new ArrayList<>();
            for (JsonNode step : recording.steps()) {
                if (step.has("sent")) {
                    sent.add(step.get("type").textValue() + " "
                            + step.at("/context/gw_request_id").asText());
                }
            }
            return all().stream()
                    .filter(message -> !message.type().equals("connected"))
                    .filter(message -> !sent.remove(message.type() + " "
                            + message.context().path("gw_request_id").asText()))
                    .toList();
        }

        @Override
        public void close() {
            client.close();
            bus.close();
        }
    }
}
