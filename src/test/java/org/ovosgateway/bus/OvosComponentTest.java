// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Context;
import org.apache.camel.AsyncProducer;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.FailedToCreateProducerException;
import org.apache.camel.Processor;
import org.apache.camel.ResolveEndpointFailedException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.DryRun;
import org.ovosgateway.demo.Message;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.ovosgateway.bus.TestDevice.data;

class OvosComponentTest {

    @RegisterExtension
    final FakeBus bus = new FakeBus();

    @RegisterExtension
    final TestDevice test = new TestDevice(bus);

    private DefaultCamelContext camel;
    private Context loop;

    @BeforeEach
    void startCamel() {
        loop = bus.vertx().getOrCreateContext();
        camel = new DefaultCamelContext();
        camel.addComponent("ovos", new OvosComponent(test.devices()));
        camel.start();
    }

    @AfterEach
    void stopCamel() {
        camel.stop();
    }

    private Object send(String uri, Object body, Map<String, Object> headers) {
        return camel.createProducerTemplate().requestBodyAndHeaders(uri, body, headers);
    }

    @Test
    void sendsTheBodyAsDataAndLeavesIt() {
        Object body = send("ovos:speak", Map.of("utterance", "hi"), Map.of());

        assertThat(bus.awaitFrame("speak").data()).isEqualTo(data("utterance", "hi"));
        assertThat(body).isEqualTo(Map.of("utterance", "hi"));
    }

    @Test
    void sendsNoDataWhereTheBodyIsNone() {
        send("ovos:mycroft.stop", "some text", Map.of());

        assertThat(bus.awaitFrame("mycroft.stop").data()).isEmpty();
    }

    @Test
    void sendsTheDataThatItsOptionsName() {
        send("ovos:skillmanager.activate?data.skill=${header.id}&data.none=${header.none}", null, Map.of("id", "a\"b"));

        assertThat(bus.awaitFrame("skillmanager.activate").data()).isEqualTo(data("skill", "a\"b"));
    }

    @Test
    void sendsTrueAndFalseAsBooleans() {
        send("ovos:mycroft.volume.set?data.play_sound=false&data.percent=${body}", 0.5, Map.of());

        assertThat(bus.awaitFrame("mycroft.volume.set").data())
                .isEqualTo(Message.object().put("play_sound", false).put("percent", 0.5));
    }

    @Test
    void theAnswerBecomesTheBody() {
        bus.whenAsked("recognizer_loop:state.get").reply("recognizer_loop:state", Map.of("state", "wakeword"));

        Object body = send("ovos:recognizer_loop:state.get?reply=recognizer_loop:state", null, Map.of());

        assertThat(body).isEqualTo(Map.of("state", "wakeword"));
    }

    @Test
    void theRestOfARouteRunsOnTheEventLoopItBeganOnUnlessTheAnswerIsLarge() throws Exception {
        bus.whenAsked("few").reply("said", Map.of("text", "short"));
        bus.whenAsked("much").reply("said", Map.of("text", "long".repeat(5_000)));
        String here = onLoop(Thread::currentThread).get().getName();

        assertThat(threadAfter("ovos:few?reply=said")).isEqualTo(here).contains("eventloop");
        assertThat(threadAfter("ovos:much?reply=said")).contains("worker");
        assertThat(threadAfter("ovos:speak")).isEqualTo(here);
    }

    /** The thread on which a step goes on that was begun on an event loop. */
    private String threadAfter(String uri) throws Exception {
        AsyncProducer producer = camel.getEndpoint(uri).createAsyncProducer();
        CompletableFuture<String> after = new CompletableFuture<>();
        onLoop(() -> producer.process(
                        producer.getEndpoint().createExchange(),
                        doneSync -> after.complete(Thread.currentThread().getName())))
                .get();
        return after.get(30, TimeUnit.SECONDS);
    }

    private <T> CompletableFuture<T> onLoop(Supplier<T> action) {
        CompletableFuture<T> done = new CompletableFuture<>();
        loop.runOnContext(nothing -> done.complete(action.get()));
        return done;
    }

    @Test
    void anAnswerIsRememberedForAsLongAsItsOptionSays() {
        bus.whenAsked("ask").reply("said", Map.of("ok", true));
        for (int i = 0; i < 3; i++) {
            assertThat(send("ovos:ask?reply=said&remember=1h", null, Map.of())).isEqualTo(Map.of("ok", true));
        }

        assertThat(bus.frames("ask")).hasSize(1);
    }

    @Test
    void whatOneCallerDoesToAnAnswerIsNotSeenByTheNext() {
        Map<String, Object> data = Map.of("ok", true, "nested", Map.of("list", List.of(Map.of("a", 1))));
        bus.whenAsked("ask").reply("said", data);
        String uri = "ovos:ask?reply=said&remember=1h";
        Map<?, ?> nested = (Map<?, ?>) ((Map<?, ?>) send(uri, null, Map.of())).get("nested");
        List<?> list = (List<?>) nested.get("list");

        assertThatThrownBy(nested::clear).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(list::clear).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(((Map<?, ?>) list.get(0))::clear).isInstanceOf(UnsupportedOperationException.class);
        ((Map<?, ?>) send(uri, null, Map.of())).clear();
        assertThat(send(uri, null, Map.of())).isEqualTo(data);
    }

    @Test
    void failsWhenTheEndpointIsMadeIfAnOptionIsUnknown() {
        assertThatThrownBy(() -> send("ovos:speak?rply=x", null, Map.of()))
                .hasRootCauseInstanceOf(ResolveEndpointFailedException.class)
                .hasStackTraceContaining("rply");
    }

    @Test
    void failsWhenTheEndpointIsMadeIfTheDeviceIsUnknown() {
        assertThatThrownBy(() -> send("ovos:speak?device=attic", null, Map.of()))
                .hasStackTraceContaining("no device 'attic'")
                .hasStackTraceContaining("there are default.")
                .isNotNull();
    }

    @Test
    void failsToSendToAPattern() {
        assertThatThrownBy(() -> send("ovos:mycroft.*", null, Map.of()))
                .hasStackTraceContaining(FailedToCreateProducerException.class.getSimpleName())
                .hasStackTraceContaining("Only a consumer may use *");
    }

    @Test
    void aDryRunNotesWhatItWouldSendAndSendsNothing() {
        DryRun dryRun = new DryRun();
        Exchange exchange = camel.createProducerTemplate().send("ovos:speak?data.utterance=hi", dryRun::join);
        camel.createProducerTemplate().send("ovos:ask?reply=said", asked -> {
            dryRun.join(asked);
            asked.getMessage().setBody(Map.of("what", 1));
        });

        assertThat(dryRun.notes())
                .containsExactly(
                        Map.of("sends", "speak", "data", Map.of("utterance", "hi"), "device", "default"),
                        Map.of("sends", "ask", "data", Map.of("what", 1), "device", "default"));
        assertThat(exchange.getException()).isNull();
        send("ovos:mycroft.stop", null, Map.of());
        assertThat(bus.frames()).extracting(Message::type).containsExactly("mycroft.stop");
    }

    @Test
    void aDryRunGoesOnWithAnEmptyAnswer() {
        Exchange exchange = camel.createProducerTemplate().send("ovos:ask?reply=said", new DryRun()::join);

        assertThat(exchange.getMessage().getBody()).isEqualTo(Map.of());
    }

    @Test
    void aFailureReachesTheRouteAsItIs() {
        assertThatThrownBy(() -> send("ovos:ask?reply=said&timeout=50ms&answeredBy=nobody", null, Map.of()))
                .isInstanceOf(CamelExecutionException.class)
                .cause()
                .isInstanceOf(NoAnswerException.class)
                .hasMessageContaining("0.05 s")
                .hasMessageContaining("nobody");
    }

    @Test
    void aRouteBeginsWithAMessage() throws Exception {
        List<Message> seen = new CopyOnWriteArrayList<>();
        from("ovos:recognizer_loop:wakeword", seen);

        bus.send("recognizer_loop:wakeword", Map.of("utterance", "hey"), Map.of("session", Map.of("session_id", "x")));
        bus.send("recognizer_loop:other", Map.of());

        await().atMost(Duration.ofSeconds(30)).until(() -> seen.size() == 1);
        assertThat(seen.get(0).type()).isEqualTo("recognizer_loop:wakeword");
        assertThat(seen.get(0).data()).isEqualTo(data("utterance", "hey"));
        assertThat(seen.get(0).sessionId()).isEqualTo("x");
    }

    @Test
    void aStarStandsForAnyPartOfAType() throws Exception {
        List<Message> seen = new CopyOnWriteArrayList<>();
        from("ovos:mycroft.mic.*", seen);

        bus.send("mycroft.stop", Map.of());
        bus.send("mycroftXmic.mute", Map.of());
        bus.send("mycroft.mic.mute", Map.of());
        bus.send("mycroft.mic.unmute", Map.of());

        await().atMost(Duration.ofSeconds(30)).until(() -> seen.size() == 2);
        assertThat(seen).extracting(Message::type).containsExactly("mycroft.mic.mute", "mycroft.mic.unmute");
    }

    @Test
    void messagesNeverSwapEvenWhereTheRouteWaits() throws Exception {
        bus.whenAsked("ask").reply("said", Map.of());
        List<Integer> seen = new CopyOnWriteArrayList<>();
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("ovos:speak")
                        .setProperty("n", simple("${body[n]}", Integer.class))
                        .choice()
                        .when(simple("${exchangeProperty.n} range '0..20'"))
                        .to("ovos:ask?reply=said")
                        .end()
                        .process(exchange -> seen.add(exchange.getProperty("n", Integer.class)));
            }
        });
        for (int i = 0; i < 100; i++) {
            bus.send("speak", Map.of("n", i));
        }

        await().atMost(Duration.ofSeconds(30)).until(() -> seen.size() == 100);
        assertThat(seen).isSorted();
    }

    @Test
    void aRouteThatFailsDoesNotStopTheNextMessage() throws Exception {
        List<Message> seen = new CopyOnWriteArrayList<>();
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(noErrorHandler());
                from("ovos:speak").process(exchange -> {
                    seen.add(null);
                    throw new IllegalStateException("on purpose");
                });
            }
        });

        bus.send("speak", Map.of());
        bus.send("speak", Map.of());

        await().atMost(Duration.ofSeconds(30)).until(() -> seen.size() == 2);
    }

    private void from(String uri, List<Message> seen) throws Exception {
        Processor collect = exchange -> seen.add(new Message(
                exchange.getMessage().getHeader(OvosConstants.TYPE, String.class),
                object(exchange.getMessage().getBody()),
                object(exchange.getMessage().getHeader(OvosConstants.CONTEXT))));
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(uri).process(collect);
            }
        });
    }

    private static ObjectNode object(Object map) {
        return BusMessage.JSON.valueToTree(map);
    }
}
