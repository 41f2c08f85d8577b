// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.ovosgateway.bus.TestDevice.data;

/** OVOS before, while and after it renames its messages. */
class VocabularyTest {

    private static final Map<String, Object> TWIN = Map.of("_namespace_compat_twin", true);
    private static final Map<String, Object> INTENT_TWIN = Map.of("_intent_compat_twin", true);

    @RegisterExtension
    final FakeBus bus = new FakeBus();

    @RegisterExtension
    final TestDevice test = new TestDevice(bus);

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private DefaultCamelContext camel;

    @BeforeEach
    void startCamel() {
        camel = new DefaultCamelContext();
        camel.addComponent("ovos", new OvosComponent(test.devices()));
        camel.start();
    }

    @AfterEach
    void stopCamel() {
        camel.stop();
    }

    /** Notes type and text of what this URI hears. */
    private void hear(String uri) throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(uri + "|the.end").process(exchange -> {
                    Map<?, ?> body = exchange.getMessage().getBody(Map.class);
                    heard.add(exchange.getMessage().getHeader(OvosConstants.TYPE)
                            + (body.isEmpty() ? "" : " " + body.values()));
                });
            }
        });
    }

    private List<String> heard() {
        bus.send("the.end", Map.of());
        await().atMost(Duration.ofSeconds(30))
                .until(() -> heard.stream().filter("the.end"::equals).count() == camel.getRoutesSize());
        return heard.stream().filter(type -> !type.equals("the.end")).toList();
    }

    private void say(String type, String text, Map<String, ?> more) {
        Map<String, Object> context = new HashMap<>(Map.of("session", Map.of("session_id", "default")));
        context.putAll(more);
        bus.send(type, Map.of("utterance", text), context);
    }

    @Test
    void aRouteHearsTheNewNameUnderTheOldOneThatItUses() throws Exception {
        hear("ovos:speak");

        say("ovos.utterance.speak", "new", Map.of());
        say("speak", "old", Map.of());

        assertThat(heard()).containsExactly("speak [new]", "speak [old]");
    }

    @Test
    void aRouteHearsTheOldNameUnderTheNewOneThatItUses() throws Exception {
        hear("ovos:ovos.utterance.speak");

        say("speak", "old", Map.of());
        say("ovos.utterance.speak", "new", Map.of());

        assertThat(heard()).containsExactly("ovos.utterance.speak [old]", "ovos.utterance.speak [new]");
    }

    @Test
    void twinsAreHeardOnceWhicheverComesFirst() throws Exception {
        hear("ovos:speak|mycroft.stop");

        say("ovos.utterance.speak", "one", Map.of());
        say("speak", "one", TWIN);
        say("speak", "two", TWIN);
        say("ovos.utterance.speak", "two", Map.of());

        assertThat(heard()).containsExactly("speak [one]", "speak [two]");
    }

    @Test
    void aTextThatIsSaidTwiceIsHeardTwice() throws Exception {
        hear("ovos:speak");

        for (int i = 0; i < 2; i++) {
            say("ovos.utterance.speak", "again", Map.of());
            say("speak", "again", TWIN);
        }
        say("ovos.utterance.speak", "again", Map.of());
        say("ovos.utterance.speak", "again", Map.of());
        say("speak", "again", TWIN);
        say("speak", "again", TWIN);
        say("speak", "again", Map.of());
        say("speak", "again", Map.of());

        assertThat(heard()).hasSize(6);
    }

    @Test
    void aMarkThatWasCopiedFromAQuestionHidesNoAnswer() throws Exception {
        hear("ovos:ovos.skills.fallback.pong|my.answer");

        say("ovos.fallback.ping", "ping", Map.of());
        say("ovos.skills.fallback.ping", "ping", TWIN);
        say("ovos.skills.fallback.pong", "pong", TWIN);
        say("my.answer", "yes", TWIN);
        say("my.answer", "yes", TWIN);

        assertThat(heard()).containsExactly("ovos.skills.fallback.pong [pong]", "my.answer [yes]", "my.answer [yes]");
    }

    @Test
    void whatARouteGetsBearsNoMarkOfATwin() throws Exception {
        List<Object> contexts = new CopyOnWriteArrayList<>();
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("ovos:speak")
                        .process(exchange -> contexts.add(exchange.getMessage().getHeader(OvosConstants.CONTEXT)));
            }
        });

        bus.send("speak", Map.of(), TWIN);

        await().atMost(Duration.ofSeconds(30)).until(() -> !contexts.isEmpty());
        assertThat(contexts.toString()).doesNotContain("_namespace_compat_twin");
    }

    @Test
    void patternsFitBothNames() throws Exception {
        hear("ovos:recognizer_loop:*|ovos.utterance.*");

        say("ovos.listener.record.started", "begin", Map.of());
        say("recognizer_loop:record_begin", "begin", TWIN);
        say("ovos.utterance.handled", "handled", Map.of());
        say("speak", "hi", Map.of());

        assertThat(heard())
                .containsExactly(
                        "recognizer_loop:record_begin [begin]",
                        "ovos.utterance.handled [handled]",
                        "ovos.utterance.speak [hi]");
    }

    @Test
    void aRouteForEverythingHearsATwinOnce() throws Exception {
        hear("ovos:*");

        say("ovos.utterance.speak", "hi", Map.of());
        say("speak", "hi", TWIN);
        say("a.skill:stop", "stop", Map.of());
        say("a.skill.stop", "stop", TWIN);

        assertThat(heard()).filteredOn(type -> type.contains("[")).containsExactly("speak [hi]", "a.skill.stop [stop]");
    }

    @Test
    void anIntentIsHeardOnceWithOrWithoutTheEndingOfItsFile() throws Exception {
        hear("ovos:*.*:*");
        hear("ovos:a.skill:order.intent");

        say("a.skill:order", "new", Map.of());
        say("a.skill:order.intent", "new", INTENT_TWIN);
        say("a.skill:order.intent", "old", Map.of());
        say("a.skill:order", "unmarked", Map.of());
        say("a.skill:order.intent", "unmarked", Map.of());

        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "a.skill:order [new]",
                        "a.skill:order.intent [new]",
                        "a.skill:order.intent [old]",
                        "a.skill:order.intent [old]",
                        "a.skill:order [unmarked]",
                        "a.skill:order.intent [unmarked]");
    }

    @Test
    void anIntentOfTheOldLineIsHeardEachTime() throws Exception {
        hear("ovos:*.*:*");

        say("a.skill:order.intent", "again", Map.of());
        say("a.skill:order.intent", "again", Map.of());

        assertThat(heard()).hasSize(2);
    }

    @Test
    void theOldNameIsSentWhicheverARouteUses() {
        camel.createProducerTemplate().requestBody("ovos:ovos.utterance.speak", Map.of("utterance", "hi"));
        camel.createProducerTemplate().requestBody("ovos:ovos.stop?keepMute=true", Map.of());

        assertThat(bus.awaitFrame("speak").data()).isEqualTo(data("utterance", "hi"));
        bus.awaitFrame("mycroft.stop");
    }

    @Test
    void anAnswerIsTakenUnderEitherName() {
        for (String line : List.of("speak:b64_audio.response", "ovos.audio.speech")) {
            for (String route : List.of("speak:b64_audio.response", "ovos.audio.speech")) {
                bus.whenAsked("speak:b64_audio").reply(line, Map.of("audio", "UklGRg=="));

                var answer = camel.createProducerTemplate()
                        .request("ovos:ovos.utterance.speak.b64?data.utterance=hi&reply=" + route, exchange -> {})
                        .getMessage();

                assertThat(answer.getBody()).isEqualTo(Map.of("audio", "UklGRg=="));
                assertThat(answer.getHeader(OvosConstants.TYPE)).isEqualTo(route);
            }
        }
    }

    @Test
    void dataHaveTheShapeThatFitsTheNameInARoute() throws Exception {
        hear("ovos:detach_intent");
        hear("ovos:ovos.intent.deregister");

        bus.send("ovos.intent.deregister", Map.of("skill_id", "a.skill", "intent_name", "order", "lang", "en-US"));
        bus.send("detach_intent", Map.of("intent_name", "b.skill:order"));

        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "detach_intent [a.skill:order]",
                        "detach_intent [b.skill:order]",
                        "ovos.intent.deregister [order, a.skill]",
                        "ovos.intent.deregister [order, b.skill]");
    }

    @Test
    void dataAreSentInTheOldShape() {
        Map<String, Object> intent = Map.of("skill_id", "a.skill", "intent_name", "order");
        camel.createProducerTemplate().requestBody("ovos:ovos.intent.deregister", intent);
        camel.createProducerTemplate().requestBody("ovos:ovos.intent.disable", intent);
        camel.createProducerTemplate()
                .requestBody("ovos:mycroft.skill.enable_intent", Map.of("intent_name", "order", "more", 1));

        assertThat(bus.awaitFrame("detach_intent").data()).isEqualTo(data("intent_name", "a.skill:order"));
        assertThat(bus.awaitFrame("mycroft.skill.disable_intent").data()).isEqualTo(data("intent_name", "order"));
        assertThat(bus.awaitFrame("mycroft.skill.enable_intent").data())
                .isEqualTo(data("intent_name", "order").put("more", 1));
    }

    @Test
    void whatHasKeptItsNameIsHeardAsItIs() {
        for (String kept : List.of("mycroft.mic.mute", "mycroft.volume.get", "recognizer_loop:state", "stop:global")) {
            assertThat(Vocabulary.of(kept)).isEqualTo(new Name(kept, kept));
        }
    }

    @Test
    void whatIsRememberedOfTwinsIsBounded() {
        Twins twins = new Twins();
        for (int i = 0; i < 100_000; i++) {
            twins.isSecond(new BusMessage("ovos.utterance.speak", data("n", i), BusMessage.JSON.createObjectNode()));
        }

        assertThat(twins.size()).isLessThan(1_000);
    }
}
