// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.camel.CamelExecutionException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.problem.ProblemException;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Routes and several devices: who is heard, and who is spoken to. */
class ManyDevicesTest {

    @RegisterExtension
    final FakeBus bus = new FakeBus();

    @RegisterExtension
    final FakeBus kitchen = new FakeBus();

    @RegisterExtension
    final TestDevice test = new TestDevice(bus).with("kitchen", kitchen);

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

    private Object send(String uri, Map<String, Object> headers) {
        return camel.createProducerTemplate().requestBodyAndHeaders(uri, null, headers);
    }

    private void hear(String uri) throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(uri)
                        .process(exchange -> heard.add(exchange.getMessage().getHeader(OvosConstants.DEVICE) + " "
                                + exchange.getMessage().getHeader(OvosConstants.TYPE)));
            }
        });
    }

    private void awaitHeard(String... expected) {
        await().atMost(Duration.ofSeconds(30)).until(() -> heard.size() >= expected.length);
        assertThat(heard).containsExactly(expected);
    }

    @Test
    void hearsAllDevicesAndSaysWhich() throws Exception {
        hear("ovos:speak?device=*");

        bus.send("speak", Map.of());
        await().atMost(Duration.ofSeconds(30)).until(() -> heard.size() == 1);
        kitchen.send("speak", Map.of());

        awaitHeard("default speak", "kitchen speak");
    }

    @Test
    void hearsOnlyTheDefaultWhereNoneIsNamed() throws Exception {
        hear("ovos:speak");

        kitchen.send("speak", Map.of());
        bus.send("speak", Map.of());

        awaitHeard("default speak");
    }

    @Test
    void eachDeviceIsHeardInItsOrderWhileTheRouteWaitsForAnother() throws Exception {
        bus.whenAsked("ask").staySilent();
        kitchen.whenAsked("ask").reply("said", Map.of());
        List<Integer> seen = new CopyOnWriteArrayList<>();
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("ovos:speak?device=*")
                        .setProperty("n", simple("${body[n]}", Integer.class))
                        .to("ovos:ask?reply=said&timeout=1h")
                        .process(exchange -> seen.add(exchange.getProperty("n", Integer.class)));
            }
        });

        bus.send("speak", Map.of("n", -1));
        bus.awaitFrame("ask");
        for (int i = 0; i < 50; i++) {
            kitchen.send("speak", Map.of("n", i));
        }

        await().atMost(Duration.ofSeconds(30)).until(() -> seen.size() == 50);
        assertThat(seen).isSorted().doesNotContain(-1);
        bus.cut();
    }

    @Test
    void hearsSeveralTypesInOneOrder() throws Exception {
        hear("ovos:begin|end|other.*");

        bus.send("begin", Map.of());
        bus.send("begin2", Map.of());
        bus.send("end", Map.of());
        bus.send("other.thing", Map.of());

        awaitHeard("default begin", "default end", "default other.thing");
    }

    @Test
    void hearsSeveralPlainTypes() throws Exception {
        hear("ovos:begin|end");

        bus.send("begin|end", Map.of());
        bus.send("begin", Map.of());
        bus.send("end", Map.of());

        awaitHeard("default begin", "default end");
    }

    @Test
    void hearsOnlyTheSessionThatIsNamed() throws Exception {
        hear("ovos:speak?session=default");

        bus.send("speak", Map.of(), Map.of("session", Map.of("session_id", "somebody")));
        bus.send("speak", Map.of(), Map.of("session", Map.of("session_id", "default")));
        bus.send("speak", Map.of(), Map.of("session", Map.of()));
        bus.sendRaw("{\"type\": \"speak\"}");

        awaitHeard("default speak", "default speak", "default speak");
    }

    @Test
    void aRouteThatHearsADeviceSpeaksToThatDevice() throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("ovos:knock?device=*").to("ovos:speak");
            }
        });

        kitchen.send("knock", Map.of());

        kitchen.awaitFrame("speak");
        assertThat(bus.frames("speak")).isEmpty();
    }

    @Test
    void obeysTheHeaderAndTheOptionBeforeIt() {
        send("ovos:one", Map.of());
        send("ovos:two", Map.of(OvosConstants.DEVICE, "kitchen"));
        send("ovos:three?device=default", Map.of(OvosConstants.DEVICE, "kitchen"));

        assertThat(bus.frames()).extracting("type").containsExactly("one", "three");
        assertThat(kitchen.frames()).extracting("type").containsExactly("two");
    }

    @Test
    void whatOneDeviceAnsweredIsNotRememberedForAnother() {
        bus.whenAsked("ask").reply("said", Map.of("who", "default"));
        kitchen.whenAsked("ask").reply("said", Map.of("who", "kitchen"));

        String question = "ovos:ask?reply=said&remember=1h";
        assertThat(send(question, Map.of())).isEqualTo(Map.of("who", "default"));
        assertThat(send(question, Map.of(OvosConstants.DEVICE, "kitchen"))).isEqualTo(Map.of("who", "kitchen"));
    }

    @Test
    void anUnknownDeviceIsAProblemThatNamesTheKnownOnes() {
        assertThatThrownBy(() -> send("ovos:speak", Map.of(OvosConstants.DEVICE, "attic")))
                .isInstanceOf(CamelExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(ProblemException.class, e -> {
                    assertThat(e.problem().status()).isEqualTo(404);
                    assertThat(e.problem().type()).isEqualTo("unknown-device");
                })
                .hasMessageContaining("'attic'")
                .hasMessageContaining("there are default, kitchen.");
    }

    @Test
    void failsToSendToAllDevices() {
        assertThatThrownBy(() -> send("ovos:speak?device=*", Map.of()))
                .hasStackTraceContaining("Only a consumer may use device=*");
    }
}
