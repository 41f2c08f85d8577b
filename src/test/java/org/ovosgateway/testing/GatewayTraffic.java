// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import org.awaitility.core.ConditionFactory;
import org.ovosgateway.demo.Message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What the gateway puts on a bus, overheard by another client of that bus. */
public final class GatewayTraffic implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final ConditionFactory PATIENTLY = await("the bus")
            .atMost(Duration.ofSeconds(30))
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(5));

    private final BusClient ear;

    /** Listens from now on. */
    public GatewayTraffic(Vertx vertx, URI bus) throws Exception {
        ear = new BusClient(vertx, bus);
        settle();
    }

    /** All that the gateway has sent until now, in order. */
    public List<Message> sent() {
        settle();
        List<Message> sent = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (String frame : ear.received()) {
            Message.parse(frame).ifPresent(message -> {
                String id = message.context().path("gw_request_id").asText();
                // the first with an id is the question, the others are answers; which companion is there is asked now
                // and then
                if (!id.isEmpty() && ids.add(id) && !message.type().equals("ovos.api.is_awake")) {
                    sent.add(message);
                }
            });
        }
        return sent;
    }

    /** The types of what the gateway has sent until now, in order. */
    public List<String> sentTypes() {
        return sent().stream().map(Message::type).toList();
    }

    /** Asserts that the gateway has sent just one message, with these data, to the device itself. */
    public void assertSent(String type, Map<String, ?> data) {
        assertThat(sentTypes()).containsExactly(type);
        assertToDevice(sent().get(0), data);
    }

    /** Asserts that the gateway has sent this message, with these data, and then the question whether it was done. */
    public void assertSent(String type, Map<String, ?> data, String confirm) {
        assertThat(sentTypes()).containsExactly(type, confirm);
        assertToDevice(sent().get(0), data);
        assertToDevice(sent().get(1), Map.of());
    }

    /** Asserts that a message is meant for the device itself, and has these data. */
    public static void assertToDevice(Message message, Map<String, ?> data) {
        assertThat(message.data()).isEqualTo(JSON.<ObjectNode>valueToTree(data));
        Set<String> context = new HashSet<>();
        message.context().fieldNames().forEachRemaining(context::add);
        // a question has a source, so that its answer has a destination
        if (message.context().path("source").asText().startsWith("ovos-gateway-")) {
            context.remove("source");
        }
        // with a source and a destination, or in another session, OVOS would ignore it
        assertThat(context).containsExactlyInAnyOrder("gw_request_id", "session");
        assertThat(message.context().get("session")).isEqualTo(Message.object().put("session_id", "default"));
    }

    /** Sends a message as somebody else. */
    public void send(String type) {
        ear.send(Message.bare(type, Message.object()));
    }

    /** Waits until the gateway has sent so many messages of a type. */
    public void awaitSent(String type, int number) {
        PATIENTLY.until(() -> sentTypes().stream().filter(type::equals).count() >= number);
    }

    /** The bus has one order for all: with our own message, all before it have come. */
    private void settle() {
        String marker = "test.marker." + UUID.randomUUID();
        send(marker);
        PATIENTLY.until(() -> ear.received().stream().anyMatch(frame -> frame.contains(marker)));
    }

    @Override
    public void close() {
        ear.close();
    }
}
