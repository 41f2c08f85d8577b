// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import org.apache.camel.impl.DefaultCamelContext;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.ovosgateway.DryRun;
import org.ovosgateway.StateDirectory;
import org.ovosgateway.assistant.Call;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.mqtt.Refusal;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ButtonComponentTest {

    private static final String SHELLY = "shellies/i3/input_event/1";
    private static final String NEVER_PRESSED = "{\"event\":\"\",\"event_cnt\":0}";

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final List<String> reported = new CopyOnWriteArrayList<>();
    private final AtomicInteger again = new AtomicInteger();
    private final AtomicLong nanos = new AtomicLong();

    @TempDir
    Path folder;

    private Future<Object> answer = Future.succeededFuture();
    private ProducerTemplate template;

    @BeforeEach
    void start() {
        context.addComponent(
                "button",
                new ButtonComponent(
                        call -> {
                            calls.add(call);
                            return answer;
                        },
                        device -> {},
                        new StateDirectory(folder.resolve("state").toString()),
                        Duration.ofMillis(400),
                        nanos::get,
                        since -> true,
                        new ButtonComponent.Reports() {
                            @Override
                            public void refused(String topic, Refusal refusal) {
                                reported.add(refusal.reason() + ": " + refusal.detail());
                            }

                            @Override
                            public void refusedAgain(Refusal refusal) {
                                again.incrementAndGet();
                            }

                            @Override
                            public void trouble(String detail) {
                                reported.add(detail);
                            }
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
        press("button:shelly-gen1?on.single=stop&device=kitchen", SHELLY, NEVER_PRESSED);
        var body =
                press("button:shelly-gen1?on.single=stop&device=kitchen", SHELLY, "{\"event\":\"S\",\"event_cnt\":1}");

        assertThat(calls).containsExactly(new Call("kitchen", "stop", null, Caller.OWNER, null));
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
        press(endpoint, SHELLY, NEVER_PRESSED);
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
    void whatLooksLikeAPressIsReportedOnceADay() {
        String uri = "button:tasmota?on.single=stop";
        String topic = "stat/hallway/RESULT";
        for (int i = 0; i < 3; i++) {
            Exchange exchange = send(uri, topic, "{\"Button1\":5}", null);
            assertThat(exchange.getException() != null).isEqualTo(i == 0);
        }
        assertThat(again).hasValue(2);
        assertThat(send(uri, "stat/kitchen/RESULT", "{\"Button1\":5}", null).getException())
                .hasMessageContaining("SetOption73");
        assertThat(send(uri, topic, "{\"Button1\":5}", new DryRun()).getException())
                .hasMessageContaining("'Button1' with '5'");
        for (int i = 6; i < 30; i++) {
            send(uri, topic, "{\"Button1\":" + i + "}", null);
        }
        assertThat(again).hasValue(2 + 24 - 9);

        nanos.addAndGet(Duration.ofHours(25).toNanos());
        assertThat(send(uri, topic, "{\"Button1\":5}", null).getException()).isNotNull();
        assertThat(press(uri, topic, "{\"Button1\":{\"Action\":\"SINGLE\"}}"))
                .singleElement()
                .satisfies(told -> assertThat(told).containsEntry("outcome", "done"));
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
        press("button:shelly-gen1?on.single=stop", SHELLY, NEVER_PRESSED);
        assertThat(press("button:shelly-gen1?on.single=stop", SHELLY, payload).get(0))
                .containsEntry("outcome", "done");
    }

    @Test
    void saysThatTheFirstReportOfAButtonThatRepeatsDoesNothing() {
        assertThat(press("button:shelly-gen1?on.single=stop", SHELLY, "{\"event\":\"S\",\"event_cnt\":7}"))
                .singleElement()
                .satisfies(told -> assertThat(told).containsEntry("outcome", "first heard"));

        assertThat(calls).isEmpty();
        assertThat(reported).singleElement().asString().startsWith("first-heard: ");
        press("button:shelly-gen1?on.single=stop", SHELLY, "{\"event\":\"S\",\"event_cnt\":8}");
        assertThat(calls).hasSize(1);
    }

    /** What a four-button remote of Shelly with the firmware before 1.0.20 sends, and the same by Theengs. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "shelly-blu-script|'pid':%d,'button':[%s,0,0,0]|254|1|listen",
                "shelly-blu-script|'pid':%d,'button':[%s,0,0,0]|254|2|stop",
                "shelly-blu-script|'pid':%d,'button':[%s,0,0,0]|254|4|mute",
                "shelly-blu-script|'pid':%d,'button':[%s,0,0,0]|128|1|listen",
                "shelly-blu-script|'pid':%d,'button_1':%s,'button_2':0|254|1|listen",
                "theengs|'packet':%d,'button1':%s,'button2':0|11|1|listen",
                "theengs|'packet':%d,'button1':%s|11|9|mute",
            })
    void aClickWhoseBeginIsSentTooIsOneDeed(String family, String shape, String begin, String click, String command)
            throws Exception {
        String endpoint = "button:" + family + "?on.single=listen&on.double=stop&on.long=mute&on.hold=sleep";
        blu(endpoint, family, shape, 132, begin);
        blu(endpoint, family, shape, 133, click);
        blu(endpoint, family, shape, 134, begin);
        blu(endpoint, family, shape, 134, begin);
        blu(endpoint, family, shape, 135, click);

        Awaitility.await()
                .during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(30))
                .until(() -> calls.size() == 2);
        assertThat(calls).extracting(Call::command).containsExactly(command, command);
    }

    @ParameterizedTest
    @CsvSource({"1", "4", "128"})
    void aHoldActsOnceAndWhatIsSentAtItsEndIsItsRelease(String end) {
        String endpoint = "button:shelly-blu-script?on.single=listen&on.long=mute&on.hold=sleep&on.release=cancel";
        String shape = "'pid':%d,'button':[0,%s,0,0]";
        blu(endpoint, "shelly-blu-script", shape, 1, "254");
        blu(endpoint, "shelly-blu-script", shape, 2, "254");
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> calls.size() == 1);
        blu(endpoint, "shelly-blu-script", shape, 3, end);

        assertThat(calls)
                .extracting(Call::command)
                .isEqualTo(end.equals("128") ? List.of("sleep") : List.of("sleep", "cancel"));
    }

    @Test
    void aRouteThatStopsTakesItsHoldsWithIt() {
        blu("button:shelly-blu-script?on.hold=sleep", "shelly-blu-script", "'pid':%d,'button':%s", 1, "254");
        context.stop();

        assertThat(calls).isEmpty();
    }

    private void blu(String endpoint, String family, String shape, int packet, String button) {
        String data = shape.formatted(packet, button).replace('\'', '"');
        if (family.equals("theengs")) {
            press(endpoint, "home/g/BTtoMQTT/7CC6B6658B0A", "{\"id\":\"7C:C6:B6:65:8B:0A\",%s}".formatted(data));
        } else {
            press(
                    endpoint,
                    "s/events/rpc",
                    ("{\"method\":\"NotifyEvent\",\"params\":{\"events\":[{\"component\":\"script:1\","
                                    + "\"event\":\"shelly-blu\",\"data\":{\"address\":\"7c:c6:b6:65:8b:0a\",%s}}]}}")
                            .formatted(data));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "press_start press_end|listen",
                "press_start press_end multi_press_end:1|listen",
                "press_start press_end multi_press_ongoing:2 multi_press_end:2|stop",
                "press_start press_end press_start press_end multi_press_end:2|stop",
                "press_start long_press_start long_press_end|mute",
            })
    void aPressAndItsClassificationAreOneDeed(String events, String command) {
        String endpoint = "button:esphome-event?on.single=listen&on.double=stop&on.hold=mute";
        for (String event : events.split(" ")) {
            String[] parts = event.split(":");
            press(
                    endpoint,
                    "desk/event/bell/state",
                    "{\"event_type\":\"%s\"%s}"
                            .formatted(parts[0], parts.length > 1 ? ",\"multi_press_count\":" + parts[1] : ""));
        }

        Awaitility.await()
                .during(Duration.ofSeconds(1))
                .atMost(Duration.ofSeconds(30))
                .until(() -> calls.size() == 1);
        assertThat(calls).extracting(Call::command).containsExactly(command);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "zigbee2mqtt|zigbee2mqtt/b|{'action':'single','linkquality':18}|zigbee2mqtt/b|{'action':'single','linkquality':31}",
                "zigbee2mqtt|zigbee2mqtt/b|{'action':'single','battery':97,'voltage':3005,'last_seen':1}|zigbee2mqtt/b|{'last_seen':2,'voltage':2995,'battery':96,'action':'single'}",
                "zigbee2mqtt|zigbee2mqtt/b|{'action':'single','linkquality':18}|zigbee2mqtt/b/action|single",
                "zigbee2mqtt|zigbee2mqtt/b|{'click':'single','action':'single'}|zigbee2mqtt/b|{'click':'single'}",
                "tasmota|tele/z/SENSOR|{'ZbReceived':{'0x4F60':{'Click':'single','LinkQuality':10}}}|tele/z/4F60/SENSOR|{'ZbReceived':{'0x4F60':{'Click':'single','LinkQuality':99}}}",
                "tasmota|stat/t/RESULT|{'Button1':{'Action':'SINGLE'}}|stat/t/RESULT|{'Time':'x','Button1':{'Action':'SINGLE'}}",
                "esphome-event|n/event/b/state|{'event_type':'click'}|n/event/b/state|{'event_type':'click','uptime':7}",
                "json|a|{'v':'single','uptime':1}|a|{'v':'single','uptime':2}",
                "shelly-rpc|s/events/rpc|{'method':'NotifyEvent','params':{'ts':1,'events':[{'component':'input:0','event':'single_push','ts':5.5}]}}|s/events/rpc|{'method':'NotifyEvent','params':{'ts':2,'events':[{'component':'input:0','event':'single_push','ts':5.5}]}}",
                "theengs|home/a/BTtoMQTT/X|{'id':'X','packet':5,'rssi':-60,'button':1}|home/b/BTtoMQTT/X|{'id':'X','packet':5,'rssi':-88,'button':1}",
                "radio433|rtl_433/h/events|{'model':'Nexa-Security','id':7,'unit':3,'state':'ON','group':0,'time':'1'}|rtl_433/h/events|{'model':'Proove-Security','id':7,'unit':3,'state':'ON','group':0,'time':'2'}",
                "aws|iotbutton/a|{'serialNumber':'G','batteryVoltage':'1705mV','clickType':'SINGLE'}|iotbutton/a|{'serialNumber':'G','batteryVoltage':'1700mV','clickType':'SINGLE'}",
            })
    void whatIsNoPartOfAPressMakesNoSecondOne(
            String family, String topic, String payload, String otherTopic, String otherPayload) {
        String endpoint = "button:" + family + "?on.single=listen" + (family.equals("json") ? "&path=v" : "");
        press(endpoint, topic, payload.replace('\'', '"'));
        nanos.addAndGet(Duration.ofMillis(150).toNanos());
        press(endpoint, otherTopic, otherPayload.replace('\'', '"'));

        assertThat(calls).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "shelly-rpc|{'method':'NotifyEvent','params':{'events':[{'component':'input:0','event':'single_push','ts':5.%d}]}}",
                "theengs|{'id':'X','packet':%d,'button':1}",
                "shelly-blu-script|{'addr':'x','service_data':{'pid':%d,'button':1}}",
                "aws|{'deviceEvent':{'buttonClicked':{'clickType':'SINGLE','reportedTime':'2026-01-05T18:20:1%d.123Z'}}}",
            })
    void twoQuickPressesWithNumbersAreTwo(String family, String payload) {
        for (int i = 1; i < 3; i++) {
            press(
                    "button:" + family + "?on.single=listen",
                    "a/b/c",
                    payload.formatted(i).replace('\'', '"'));
        }

        assertThat(calls).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "shelly-gen1, '{\"event\":\"SLS\",\"event_cnt\":2}'",
        "theengs, '{\"id\":\"X\",\"packet\":7,\"button\":5}'",
        "tasmota, '{\"Button1\":{\"Action\":\"HEPTA\"}}'",
        "aws, '{\"clickType\":\"SHAKE\"}'",
    })
    void saysThatAWordOfAButtonIsNotKnown(String family, String payload) {
        press("button:" + family + "?on.single=listen", SHELLY, NEVER_PRESSED);
        press("button:" + family + "?on.single=listen", SHELLY, payload);

        assertThat(calls).isEmpty();
        assertThat(reported)
                .singleElement()
                .asString()
                .startsWith("unreadable: ")
                .contains("others");
    }

    @Test
    void aWordThatARouteNamesIsKnown() {
        press("button:theengs?others=5: stop", "a", "{\"packet\":7,\"button\":5}");

        assertThat(calls).hasSize(1);
        assertThat(reported).isEmpty();
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
                "button:text?devise=kitchen|the nearest is 'device'",
                "button:zigbee2mqtt?others=dubble: stop|the nearest is 'double'",
                "button:zigbee2mqtt?others=1_sinlge: stop|the nearest is '1_single'",
                "button:shelly-gen1?on.hald=stop|the nearest is 'hold'",
                "button:text?on.tripel=stop|the nearest is 'triple'",
            })
    void saysWhatIsWrongWithAnEntry(String uri, String reason) {
        assertThatThrownBy(() -> context.getEndpoint(uri).createProducer()).hasStackTraceContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "text, held",
        "text, pressed",
        "text, simple",
        "esphome-event, released",
        "zigbee2mqtt, shake",
        "zigbee2mqtt, dial_rotate_left_step",
        "tasmota, 1_OFF"
    })
    void takesWordsThatOnlyADeviceHas(String family, String word) throws Exception {
        assertThat(context.getEndpoint("button:" + family + "?others=" + word + ": stop")
                        .createProducer())
                .isNotNull();
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
