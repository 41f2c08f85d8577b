// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import org.apache.camel.impl.DefaultCamelContext;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.ovosgateway.DryRun;
import org.ovosgateway.command.Call;
import org.ovosgateway.mqtt.Origin;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ButtonComponentTest {

    private static final String SHELLY = "shellies/i3/input_event/1";

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final List<Call> calls = new ArrayList<>();
    private Future<Object> answer = Future.succeededFuture();
    private ProducerTemplate template;

    @BeforeEach
    void start() {
        context.addComponent("button", new ButtonComponent(call -> {
            calls.add(call);
            return answer;
        }));
        context.start();
        template = context.createProducerTemplate();
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    @Test
    void runsTheCommandOfTheGesture() {
        var body =
                press("button:shelly-gen1?on.single=stop&device=kitchen", SHELLY, "{\"event\":\"S\",\"event_cnt\":1}");

        assertThat(calls).containsExactly(new Call("kitchen", "stop", null, Origin.OWNER, null));
        assertThat(body)
                .singleElement()
                .satisfies(told -> assertThat(told)
                        .containsEntry("source", "i3")
                        .containsEntry("button", "1")
                        .containsEntry("gesture", "single")
                        .containsEntry("event", "press_end")
                        .containsEntry("count", 1)
                        .containsEntry("key", "1")
                        .containsEntry("command", "stop")
                        .containsEntry("outcome", "done")
                        .containsKey("at"));
    }

    @Test
    void givesThePayloadAsItIsWritten() {
        press("button:text?on.single=RAW(utterance: 50 % + 50 % = (R&D) :))", "a", "single");

        assertThat(calls).extracting(Call::payload).containsExactly("50 % + 50 % = (R&D) :)");
    }

    @Test
    void doesNothingWithoutAPress() {
        assertThat(press("button:zigbee2mqtt?on.single=stop", "zigbee2mqtt/b", "{\"battery\":9}"))
                .isEmpty();
        assertThat(press("button:zigbee2mqtt?on.single=stop", "zigbee2mqtt/b", "{\"action\":\"shake\"}"))
                .singleElement()
                .satisfies(told -> assertThat(told).containsEntry("outcome", "nothing"));
        assertThat(calls).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "on.single=stop, 1_single, stop",
        "on.single=stop&on.1_single=listen, 1_single, listen",
        "on.single=stop&on.1_single=none, 1_single,",
        "on.single=stop&button=1, 2_single,",
        "on.single=stop&button=, 2_single, stop",
        "on.single=stop&button=OFF, off, stop",
        "on.shake=stop, shake, stop",
        "others=shake: stop, shake, stop",
        "others=1_double: listen, 1_double, listen",
        "on.single=stop&source=B, single, stop",
        "on.single=stop&source=other, single,",
        "on.single=stop&source=floor, single,",
    })
    void choosesByButtonSourceAndGesture(String options, String action, String command) {
        press("button:zigbee2mqtt?" + options, "zigbee2mqtt/floor/b", "{\"action\":\"" + action + "\"}");

        assertThat(calls).extracting(Call::command).isEqualTo(command == null ? List.of() : List.of(command));
    }

    @Test
    void actsOnceOnWhatIsToldAgain() {
        String endpoint = "button:shelly-gen1?on.single=stop";
        press(endpoint, SHELLY, "{\"event\":\"S\",\"event_cnt\":1}");

        assertThat(press(endpoint, SHELLY, "{\"event\":\"S\",\"event_cnt\":1}"))
                .singleElement()
                .satisfies(told ->
                        assertThat(told).containsEntry("outcome", "told again").doesNotContainKey("command"));
        assertThat(calls).hasSize(1);
        press(endpoint, SHELLY, "{\"event\":\"\",\"event_cnt\":0}");
        press(endpoint, SHELLY, "{\"event\":\"S\",\"event_cnt\":1}");
        assertThat(calls).hasSize(2);
    }

    @Test
    void takesAPacketOnceFromWhicheverGateway() {
        String packet = "{\"method\":\"NotifyEvent\",\"params\":{\"events\":[{\"component\":\"script:1\","
                + "\"event\":\"shelly-blu\",\"data\":{\"pid\":5,\"button\":1,\"address\":\"B4:35:22:FE:56:E5\"}}]}}";
        String endpoint = "button:shelly-blu-script?on.single=stop";
        press(endpoint, "one/events/rpc", packet);
        press(endpoint, "two/events/rpc", packet);
        press(
                endpoint,
                "b4:35:22:fe:56:e5",
                "{\"addr\":\"b4:35:22:fe:56:e5\",\"service_data\":{\"pid\":5,\"button\":1}}");

        assertThat(calls).hasSize(1);
    }

    @Test
    void sendsOneCommandForTheEchoesOfARemote() {
        for (int i = 0; i < 4; i++) {
            press("button:radio433?on.single=stop", "home/g/433toMQTT", "{\"value\":5,\"protocol\":1,\"n\":" + i + "}");
        }

        assertThat(calls).hasSize(1);
    }

    @Test
    void onlyTheEdgeOfALevelIsAPress() {
        for (String level : List.of("OFF", "ON", "ON", "OFF", "ON")) {
            press("button:esphome-binary?on.single=stop", "d/binary_sensor/b/state", level);
        }

        assertThat(calls).hasSize(2);
    }

    @Test
    void upAfterALongPushIsItsRelease() {
        String endpoint = "button:shelly-rpc?on.press=listen&on.release=cancel&on.up=stop";
        for (String event : List.of("btn_down", "long_push", "btn_up")) {
            press(
                    endpoint,
                    "s/events/rpc",
                    "{\"method\":\"NotifyEvent\",\"params\":{\"events\":[{\"component\":\"input:0\",\"event\":\"%s\"}]}}"
                            .formatted(event));
        }

        assertThat(calls).extracting(Call::command).containsExactly("listen", "cancel");
    }

    @Test
    void goesOnAfterAFailureAndTellsIt() {
        answer = Future.failedFuture(new ProblemException(new Problem("forbidden", "No", 403, "not with this topic")));
        String two = "{\"Button1\":{\"Action\":\"SINGLE\"},\"Button2\":{\"Action\":\"SINGLE\"}}";

        Exchange exchange = send("button:tasmota?on.single=stop", "stat/t/RESULT", two, null);

        assertThat(exchange.getException()).isInstanceOf(ProblemException.class).hasMessage("not with this topic");
        assertThat(calls).hasSize(2);
    }

    @Test
    void holdsNoThreadWhileTheCommandRuns() {
        Promise<Object> promise = Promise.promise();
        answer = promise.future();

        var exchange = template.asyncSend("button:text?on.single=stop", message("a", "single", null));
        assertThat(exchange).isNotDone();
        promise.complete();

        assertThat(exchange).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void unreadablePayloadIsAProblem() {
        Exchange exchange = send("button:zigbee2mqtt?on.single=stop", "zigbee2mqtt/b", "single", null);

        assertThat(exchange.getException())
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().type()).isEqualTo("unreadable"));
    }

    @Test
    void dryRunNotesThePressAndRemembersNothing() {
        String payload = "{\"event\":\"S\",\"event_cnt\":1}";
        for (int i = 0; i < 2; i++) {
            DryRun dryRun = new DryRun();
            send("button:shelly-gen1?on.single=stop", SHELLY, payload, dryRun);

            assertThat(dryRun.notes())
                    .singleElement()
                    .satisfies(note -> assertThat(note.get("press"))
                            .asInstanceOf(InstanceOfAssertFactories.MAP)
                            .containsEntry("gesture", "single")
                            .containsEntry("command", "stop")
                            .containsEntry("outcome", "would be done"));
            assertThat(calls).hasSize(i + 1).last().extracting(Call::dryRun).isSameAs(dryRun);
        }
        DryRun other = new DryRun();
        send("button:shelly-gen1?on.single=stop&button=7", SHELLY, payload, other);

        assertThat(other.notes().toString()).contains("not for this route");
        assertThat(calls).hasSize(2);
        assertThat(press("button:shelly-gen1?on.single=stop", SHELLY, payload).get(0))
                .containsEntry("outcome", "done");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "button:doorbell|There is no family of buttons 'doorbell'; there are shelly-gen1",
                "button:json|path",
                "button:text?on.single=RAW(stop now)|on.single",
                "button:text?others=RAW(shake: {)|others",
                "button:text?values=RAW(shake: {)|values",
                "button:text?nosuch=1|nosuch",
            })
    void saysWhatIsWrongWithAnEntry(String uri, String reason) {
        assertThatThrownBy(() -> context.getEndpoint(uri).createProducer()).hasStackTraceContaining(reason);
    }

    private List<Map<String, Object>> press(String uri, String topic, String payload) {
        Exchange exchange = send(uri, topic, payload, null);
        assertThat(exchange.getException()).isNull();
        @SuppressWarnings("unchecked")
        List<Map<String, Object>> body = exchange.getMessage().getBody(List.class);
        return body;
    }

    private Exchange send(String uri, String topic, String payload, DryRun dryRun) {
        return template.send(uri, message(topic, payload, dryRun));
    }

    private Exchange message(String topic, String payload, DryRun dryRun) {
        Exchange exchange = context.getEndpoint("direct:any").createExchange(ExchangePattern.InOnly);
        exchange.getMessage().setBody(payload.getBytes(StandardCharsets.UTF_8));
        exchange.getMessage().setHeader(PahoMqtt5Constants.MQTT_TOPIC, topic);
        if (dryRun != null) {
            dryRun.join(exchange);
        }
        return exchange;
    }
}
