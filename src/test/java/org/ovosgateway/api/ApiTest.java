// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.Message;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.GatewayTraffic;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The shipped routes over HTTP, in front of a simulated assistant; also with many callers at a time. */
class ApiTest implements EveryOperation {

    private static final int EXTRA_SKILLS = 20;

    @RegisterExtension
    @Order(1)
    static final FakeBus bus =
            new FakeBus(SimulatedAssistant.builder().apiKey(Gateway.API_KEY).extraSkills(EXTRA_SKILLS));

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port).with("ovos.devices.default.companion-timeout", "60s");

    private GatewayTraffic traffic;

    @BeforeEach
    void listen() throws Exception {
        traffic = new GatewayTraffic(bus.vertx(), bus.uri());
    }

    @Override
    public Gateway gateway() {
        return gateway;
    }

    @Override
    public SimulatedAssistant assistant() {
        return bus.assistant();
    }

    @Override
    public GatewayTraffic traffic() {
        return traffic;
    }

    @Test
    void givesEachOfManyCallersTheSettingsOfTheirSkill() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            calls.add(gateway.call("GET", "/v1/skills/skill-" + i % EXTRA_SKILLS + ".test/settings")
                    .sendAsync());
        }

        for (int i = 0; i < calls.size(); i++) {
            HttpResponse<String> answer = calls.get(i).get(30, SECONDS);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            JsonNode settings = new ObjectMapper().readTree(answer.body()).get("results");
            assertThat(settings.get("index").asInt()).isEqualTo(i % EXTRA_SKILLS);
            assertThat(settings.at("/account/token").asText()).isEqualTo("********");
        }
    }

    @Test
    void sharesTheRoundTripOfIdenticalQuestions() throws Exception {
        bus.whenAsked("ovos.api.info").staySilent();
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            calls.add(gateway.call("GET", "/v1/system/info").sendAsync());
        }
        bus.awaitFrame("ovos.api.info");
        await().atMost(30, SECONDS).until(() -> gateway.gauge("ovos.http.connections") >= 50);

        // who comes after an answer asks again, together with others
        await().atMost(30, SECONDS).until(() -> {
            bus.send("ovos.api.info.answer", Map.of("name", "hey_test"), Map.of("authenticated", true));
            return calls.stream().allMatch(CompletableFuture::isDone);
        });

        Set<String> answers = new HashSet<>();
        for (var call : calls) {
            answers.add(call.get(30, SECONDS).body());
        }
        assertThat(answers)
                .containsExactly("{\"results\":{\"name\":\"hey_test\",\"companion\":"
                        + "{\"name\":\"skill-rest-api\",\"version\":null,\"protocol\":0}}}");
        assertThat(bus.frames("ovos.api.info")).hasSizeLessThan(10);
    }

    @Test
    void asksAnewAfterACommand() throws Exception {
        bus.whenAsked("mycroft.mic.get_status").staySilent();
        var before = gateway.call("GET", "/v1/voice/microphone").sendAsync();
        bus.awaitFrame("mycroft.mic.get_status");
        gateway.call("PUT", "/v1/voice/microphone/mute?done=sent").answers(204);

        var after = gateway.call("GET", "/v1/voice/microphone").sendAsync();

        // the answer to the first question tells of the time before
        var questions = bus.awaitFrames("mycroft.mic.get_status", 2);
        boolean muted = false;
        for (Message question : questions) {
            var data = Message.object().put("muted", muted);
            var answer = question.response(data);
            bus.sendRaw(answer.frame());
            muted = true;
        }
        assertThat(before.get(30, SECONDS).body()).isEqualTo("{\"muted\":false}");
        assertThat(after.get(30, SECONDS).body()).isEqualTo("{\"muted\":true}");
    }

    @Test
    void pingsWhileFiveHundredWaitForASilentSkill() throws Exception {
        bus.whenAsked("ovos.api.config").staySilent();
        List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            waiting.add(gateway.call("GET", "/v1/system/config").sendAsync());
        }
        bus.awaitFrame("ovos.api.config");
        await().atMost(30, SECONDS).until(() -> gateway.gauge("ovos.http.connections") >= 500);

        for (int i = 0; i < 20; i++) {
            gateway.call("GET", "/v1/network/ping").anonymous().answers(200);
            gateway.call("GET", "/v1/voice/microphone").answers(200);
        }

        assertThat(waiting).noneMatch(CompletableFuture::isDone);
        await().atMost(30, SECONDS).until(() -> {
            bus.send("ovos.api.config.answer", Map.of("lang", "en-US"), Map.of("authenticated", true));
            return waiting.stream().allMatch(CompletableFuture::isDone);
        });
        for (var call : waiting) {
            assertThat(call.get(30, SECONDS).statusCode()).isEqualTo(200);
        }
    }
}
