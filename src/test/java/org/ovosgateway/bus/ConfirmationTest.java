// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.Message;
import org.ovosgateway.testing.FakeBus;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ovosgateway.bus.TestDevice.byId;
import static org.ovosgateway.bus.TestDevice.data;

class ConfirmationTest {

    private static final String MUTE = "ovos:mute?confirm=ask&answeredBy=the ear&expect.muted=true";

    /** For many at the same time. */
    private static final String PATIENTLY = MUTE + "&timeout=30s";

    @RegisterExtension
    final FakeBus bus = new FakeBus();

    @RegisterExtension
    final TestDevice test = new TestDevice(bus);

    private final CamelContext camel = new DefaultCamelContext();
    private ProducerTemplate template;

    @BeforeEach
    void startCamel() {
        camel.addComponent("ovos", test.component());
        camel.start();
        template = camel.createProducerTemplate();
    }

    @AfterEach
    void stopCamel() {
        camel.stop();
    }

    @Test
    void isAskedAfterTheDeedAndLeavesTheBody() {
        bus.whenAsked("ask").reply("ask.response", Map.of("muted", true));

        Object body = template.requestBody(MUTE, Map.of("key", "value"));

        assertThat(body).isEqualTo(Map.of("key", "value"));
        assertThat(bus.frames()).extracting(Message::type).containsExactly("mute", "ask");
        assertThat(bus.frames("mute").get(0).data()).isEqualTo(data("key", "value"));
        assertThat(bus.frames("ask").get(0).data()).isEmpty();
    }

    @Test
    void namesThePartThatIsSilentAndWhatToDo() {
        assertThatThrownBy(() -> send(MUTE, null))
                .isInstanceOf(NoAnswerException.class)
                .hasMessage(
                        "'mute' was sent, and nothing shows that it was done: the ear did not answer 'ask' within 2 s."
                                + " Check that it is running.");
    }

    @Test
    void failsWhereThePartSaysThatItWasNotDone() {
        bus.whenAsked("ask").reply("ask.response", Map.of("muted", false));

        assertThatThrownBy(() -> send(MUTE, null))
                .isInstanceOf(NotDoneException.class)
                .hasMessageContaining("the ear answers that 'muted' is false, and should be true");
    }

    /** The services of OVOS work in several threads. */
    @Test
    void asksAgainWhereTheAnswerMayBeOlderThanTheDeed() {
        AtomicInteger asked = new AtomicInteger();
        bus.whenAsked("ask").answer(question -> question.response(data("muted", asked.incrementAndGet() > 2)));

        template.requestBody(MUTE, (Object) null);

        assertThat(bus.frames("ask")).hasSize(3);
        assertThat(bus.frames("mute")).hasSize(1);
    }

    @Test
    void isNotProvedByWhatElseIsToldMeanwhile() {
        tellMeanwhile("b.stop");

        assertThatThrownBy(() -> send("ovos:a.mute?confirm=ask&expect.muted=true", null))
                .isInstanceOf(NotDoneException.class);
    }

    @Test
    void isNotDisprovedByWhatTakesItBackMeanwhile() {
        tellMeanwhile("a.unmute");

        send("ovos:a.mute?confirm=ask&expect.muted=true", null);

        // counted when it is told, which is before it has come
        bus.awaitFrame("a.unmute");
    }

    private void tellMeanwhile(String other) {
        bus.whenAsked("ask").answer(question -> {
            test.device().tell(other, BusMessage.JSON.createObjectNode());
            return question.response(data("muted", false));
        });
    }

    @Test
    void takesANumberThatIsNearEnough() {
        bus.whenAsked("ask").reply("ask.response", Map.of("percent", 0.399993896484375));

        send("ovos:a.set?confirm=ask&expect.percent=0.3..0.5|0..0", null);

        assertThatThrownBy(() -> send("ovos:a.set?confirm=ask&expect.percent=0.5..0.7|0..0", null))
                .isInstanceOf(NotDoneException.class)
                .hasMessageContaining("should be 0.5..0.7 or 0..0");
    }

    @Test
    void takesAnAnswerThatDoesNotTell() {
        bus.whenAsked("ask").reply("ask.response", Map.of());

        template.requestBody(MUTE, (Object) null);

        assertThat(bus.frames("ask")).hasSize(1);
    }

    @Test
    void isNeverTheAnswerToAnOlderQuestion() throws Exception {
        test.device().ask(byId("ask", "ask.response"));
        Message older = bus.awaitFrame("ask");
        Future<Object> done = template.asyncRequestBody(MUTE, (Object) null);
        Message confirmation = bus.awaitFrames("ask", 2).get(1);
        bus.sendRaw(older.response(data("muted", false)).frame());

        bus.sendRaw(confirmation.response(data("muted", true)).frame());

        done.get(30, SECONDS);
        assertThat(bus.frames("ask")).hasSize(2);
    }

    @Test
    void isSharedByThoseWhoTellAtTheSameTime() throws Exception {
        List<Message> questions = new ArrayList<>();
        List<Future<Object>> done = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            done.add(template.asyncRequestBody(PATIENTLY, (Object) null));
        }
        bus.awaitFrames("mute", 60);
        while (done.stream().anyMatch(one -> !one.isDone())) {
            bus.frames("ask").stream().skip(questions.size()).toList().forEach(question -> {
                questions.add(question);
                bus.sendRaw(question.response(data("muted", true)).frame());
            });
        }

        for (Future<Object> one : done) {
            one.get(30, SECONDS);
        }
        assertThat(bus.frames("ask")).hasSizeLessThan(60);
        List<String> order = bus.frames().stream().map(Message::type).toList();
        assertThat(order.lastIndexOf("ask")).isGreaterThan(order.lastIndexOf("mute"));
    }

    @Test
    void failsForAllWhenTheBusIsLost() {
        List<Future<Object>> done = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            done.add(template.asyncRequestBody(PATIENTLY, (Object) null));
        }
        bus.awaitFrames("mute", 60);

        bus.kill();

        for (Future<Object> one : done) {
            assertThatThrownBy(() -> one.get(30, SECONDS)).hasRootCauseInstanceOf(BusUnavailableException.class);
        }
    }

    @Test
    void isNotAskedWhereItIsEnoughThatItIsSent() {
        send(MUTE, "sent");

        assertThat(bus.frames()).extracting(Message::type).containsExactly("mute");
    }

    @Test
    void failsWhenTheEndpointIsMadeIfTheOptionsDoNotFit() {
        for (String wrong :
                List.of("ovos:a?confirm=b&match=type", "ovos:a?confirm=b&companion=true", "ovos:a?expect.c=d")) {
            assertThatThrownBy(() -> camel.getEndpoint(wrong)).hasRootCauseInstanceOf(IllegalArgumentException.class);
        }
    }

    private void send(String uri, String done) {
        var exchange = new DefaultExchange(camel);
        exchange.getMessage().setHeader("done", done);
        template.send(uri, exchange);
        if (exchange.getException() instanceof RuntimeException failure) {
            throw failure;
        }
    }
}
