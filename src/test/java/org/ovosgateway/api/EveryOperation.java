// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.ovosgateway.demo.Message;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.ContractSchema;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.GatewayTraffic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Each operation of the contract: what it answers, what it puts on the bus and what the assistant does. */
interface EveryOperation {

    String HELLO = "ovos-skill-hello-world.openvoiceos";
    String WEATHER = "ovos-skill-weather.openvoiceos";
    String APP_KEY = Base64.getEncoder().encodeToString(Gateway.API_KEY.getBytes(UTF_8));

    Gateway gateway();

    SimulatedAssistant assistant();

    /** What the gateway has put on the bus since the start of the test; closed when the test is over. */
    GatewayTraffic traffic();

    @BeforeEach
    default void connectAndLogIn() {
        gateway().awaitBus();
        gateway().token(Gateway.USER);
    }

    @AfterEach
    default void leaveTheAssistantAsItWas() {
        assistant().internet(true);
        traffic().send("recognizer_loop:wake_up");
        traffic().send("mycroft.mic.unmute");
        traffic().send("mycroft.volume.unmute");
        eventually(() -> !assistant().isAsleep()
                && !assistant().isMuted()
                && !assistant().isVolumeMuted());
        traffic().close();
    }

    @TestFactory
    default Stream<DynamicTest> succeedsAsInTheExampleOfTheContract() {
        return ContractSchema.shipped().operationsWithoutMqtt().stream()
                .map(operation -> DynamicTest.dynamicTest(
                        operation.toString(),
                        () -> assertThat(gateway().example(operation).send().statusCode())
                                .satisfies(status -> {
                                    // what skill-rest-api cannot do
                                    if (List.of("getLogs", "changeSkillSettings")
                                            .contains(operation.id())) {
                                        assertThat(status).isEqualTo(502);
                                    } else if (operation.id().equals("getHistory")) {
                                        // of no request
                                        assertThat(status).isEqualTo(404);
                                    } else {
                                        assertThat(status).isBetween(200, 299);
                                    }
                                })));
    }

    @Test
    default void createsTokensWithoutTheBus() {
        JsonNode tokens = gateway()
                .call("POST", "/v1/auth/tokens")
                .anonymous()
                .json("{\"user\": \"jarvis\", \"password\": \"correct horse battery staple\"}")
                .answers(200);

        assertThat(tokens.fieldNames()).toIterable().containsExactlyInAnyOrder("access_token", "refresh_token");
        assertThat(traffic().sent()).isEmpty();
    }

    @Test
    default void pings() {
        gateway().call("GET", "/v1/network/ping").anonymous().answers(200, "{\"pong\": \"Jan-Ove Waldner\"}");

        assertThat(traffic().sent()).isEmpty();
    }

    @Test
    default void tellsWhetherTheAssistantIsOnline() {
        gateway().call("GET", "/v1/network/internet").answers(200, "{\"connected\": true}");
        traffic().assertSent("ovos.PHAL.internet_check", Map.of());

        assistant().internet(false);
        gateway().call("GET", "/v1/network/internet").answers(200, "{\"connected\": false}");
    }

    @Test
    default void tellsThatTheCoreListens() {
        gateway().call("GET", "/v1/network/websocket").answers(200, "{\"listening\": true}");

        traffic().assertSent("mycroft.skills.is_alive", Map.of());
    }

    @Test
    default void tellsAboutTheAssistant() {
        JsonNode info = gateway().call("GET", "/v1/system/info").answers(200);

        assertThat(info.fieldNames()).toIterable().containsExactly("results");
        assertThat(names(info.get("results")))
                .startsWith("core_version", "name", "locales", "system")
                .endsWith("log_level", "companion");
        assertThat(info.at("/results/locales/timezone").asText()).isEqualTo("America/Chicago");
        traffic().assertSent("ovos.api.info", Map.of("app_key", APP_KEY));
    }

    @Test
    default void sortsWhatItTellsAboutTheAssistant() {
        JsonNode sorted = gateway().call("GET", "/v1/system/info?sort=true").answers(200);
        JsonNode unsorted = gateway().call("GET", "/v1/system/info?sort=false").answers(200);

        assertThat(names(sorted.get("results"))).isSorted();
        assertThat(names(sorted.at("/results/locales"))).isSorted();
        assertThat(names(unsorted.get("results"))).isNotEqualTo(names(sorted.get("results")));
        assertThat(sorted).isEqualTo(unsorted);
    }

    @Test
    default void tellsTheConfigurationWithoutItsSecrets() {
        JsonNode config = gateway().call("GET", "/v1/system/config").answers(200);

        assertThat(names(config)).startsWith("lang", "secondary_langs");
        for (String secret : List.of(
                "/microservices/wolfram_key",
                "/websocket/secret_key",
                "/tts/ovos-tts-plugin-polly/access_key_id",
                "/stt/ovos-stt-plugin-google-cloud/credential",
                "/PHAL/ovos-phal-plugin-mqtt/0/username",
                "/PHAL/ovos-phal-plugin-mqtt/0/password",
                "/PHAL/ovos-phal-plugin-mqtt/1/token")) {
            assertThat(config.at(secret).asText()).as(secret).isEqualTo("********");
        }
        assertThat(config.at("/location/timezone/code").asText()).isEqualTo("America/Chicago");
        assertThat(config.at("/location/city/code").asText()).isEqualTo("Lawrence");
        traffic().assertSent("ovos.api.config", Map.of("app_key", APP_KEY));

        JsonNode sorted = gateway().call("GET", "/v1/system/config?sort=true").answers(200);
        assertThat(names(sorted)).isSorted();
        assertThat(names(sorted.at("/PHAL/ovos-phal-plugin-mqtt/0"))).isSorted();
        assertThat(sorted).isEqualTo(config);
    }

    @Test
    default void sendsToSleepAndWakesUp() {
        gateway().call("POST", "/v1/system/sleep").answers(201, "{\"sleep_mode\": \"enabled\"}");

        assertThat(assistant().isAsleep()).isTrue();
        assertThat(traffic().sentTypes()).containsExactly("recognizer_loop:sleep", "recognizer_loop:state.get");
        gateway().call("GET", "/v1/system/sleep").answers(200, "{\"is_awake\": false}");

        gateway().call("POST", "/v1/system/wakeup").answers(201, "{\"sleep_mode\": \"disabled\"}");

        assertThat(assistant().isAsleep()).isFalse();
        gateway().call("GET", "/v1/system/sleep").answers(200, "{\"is_awake\": true}");
        assertThat(traffic().sentTypes().subList(2, 5))
                .containsExactly("recognizer_loop:state.get", "recognizer_loop:wake_up", "recognizer_loop:state.get");
        traffic().sent().forEach(message -> GatewayTraffic.assertToDevice(message, Map.of()));
    }

    @Test
    default void confirmsSleepAndWakeUpAloud() {
        String words = "{\"utterance\": \"%s\", \"lang\": \"en-us\"}";
        gateway()
                .call("POST", "/v1/system/sleep?confirm=true")
                .json(words.formatted("good night"))
                .answers(201, words.formatted("good night"));
        gateway()
                .call("POST", "/v1/system/wakeup?confirm=true")
                .json("{\"utterance\": \"good morning\"}")
                .answers(201, "{\"utterance\": \"good morning\", \"lang\": null}");

        eventually(() -> assistant().spoken().containsAll(List.of("good night", "good morning")));
        GatewayTraffic.assertToDevice(traffic().sent().get(2), Map.of("utterance", "good night", "lang", "en-us"));
    }

    @Test
    default void confirmsOnlyWhenThatIsWantedAndThereAreWords() {
        String words = "{\"utterance\": \"never say this\"}";
        for (String how : List.of("sleep", "wakeup")) {
            String mode = "{\"sleep_mode\": \"%s\"}".formatted(how.equals("sleep") ? "enabled" : "disabled");
            gateway().call("POST", "/v1/system/" + how).json(words).answers(201, mode);
            gateway()
                    .call("POST", "/v1/system/" + how + "?confirm=false")
                    .json(words)
                    .answers(201, mode);
            gateway().call("POST", "/v1/system/" + how + "?confirm=true").answers(201, mode);
        }

        assertThat(traffic().sentTypes()).doesNotContain("speak");
    }

    @Test
    default void clearsTheCache() {
        gateway()
                .call("DELETE", "/v1/system/cache")
                .json("{\"cache_type\": \"tts\"}")
                .answers(201, "{\"cache_type\": \"tts\", \"status\": true}");

        traffic().assertSent("ovos.api.cache", Map.of("cache_type", "tts", "app_key", APP_KEY));
    }

    @Test
    default void listsTheSkills() {
        JsonNode skills = gateway().call("GET", "/v1/skills").answers(200);

        int count = assistant().skills().size();
        assertThat(names(skills)).containsExactly("count", "count_active", "count_inactive", "results");
        assertThat(skills.get("count").asInt()).isEqualTo(count);
        assertThat(skills.get("count_active").asInt()).isEqualTo(count);
        assertThat(skills.get("count_inactive").asInt()).isZero();
        assertThat(names(skills.get("results")))
                .containsExactlyInAnyOrderElementsOf(assistant().skills());
        assertThat(skills.get("results").get(HELLO).toString())
                .isEqualTo("{\"active\":true,\"id\":\"%s\"}".formatted(HELLO));
        traffic().assertSent("skillmanager.list", Map.of());

        assertThat(names(gateway()
                        .call("GET", "/v1/skills?sort=true")
                        .answers(200)
                        .get("results")))
                .isSorted();
    }

    @Test
    default void tellsTheSettingsOfASkillWithoutItsSecrets() {
        JsonNode settings =
                gateway().call("GET", "/v1/skills/" + WEATHER + "/settings").answers(200);

        assertThat(names(settings)).containsExactly("results");
        assertThat(settings.at("/results/units").asText()).isEqualTo("metric");
        assertThat(settings.at("/results/providers/0/name").asText()).isEqualTo("open-meteo");
        assertThat(settings.at("/results/providers/1/api_key").asText()).isEqualTo("********");
        assertThat(traffic().sentTypes()).containsExactly("skillmanager.list", "ovos.api.skill_settings");
        GatewayTraffic.assertToDevice(traffic().sent().get(1), Map.of("skill", WEATHER, "app_key", APP_KEY));
    }

    @Test
    default void masksTheKeyInTheSettingsOfTheCompanion() {
        gateway()
                .call("GET", "/v1/skills/skill-rest-api.smartgic/settings")
                .answers(200, "{\"results\": {\"__mycroft_skill_firstrun\": false, \"api_key\": \"********\"}}");
    }

    @Test
    default void deactivatesAndActivatesASkill() {
        gateway().call("PUT", "/v1/skills/" + HELLO + "/deactivate").answers(204);

        assertThat(assistant().activeSkills()).doesNotContain(HELLO);
        JsonNode skills = gateway().call("GET", "/v1/skills").answers(200);
        assertThat(skills.get("count_inactive").asInt()).isEqualTo(1);
        assertThat(skills.get("results").get(HELLO).get("active").asBoolean()).isFalse();
        gateway().call("PUT", "/v1/skills/" + HELLO + "/deactivate").answers(204);

        gateway().call("PUT", "/v1/skills/" + HELLO + "/activate").answers(204);

        assertThat(assistant().activeSkills()).contains(HELLO);
        // the core would say nothing to this one
        gateway().call("PUT", "/v1/skills/" + HELLO + "/activate").answers(204);
        assertThat(traffic().sentTypes().stream().filter(type -> !type.equals("skillmanager.list")))
                .containsExactly("skillmanager.deactivate", "skillmanager.activate");
        traffic().sent().stream()
                .filter(message -> !message.type().equals("skillmanager.list"))
                .forEach(message -> GatewayTraffic.assertToDevice(message, Map.of("skill", HELLO)));
    }

    @Test
    default void knowsNoSkillThatTheCoreDoesNotList() {
        for (Gateway.Call call : List.of(
                gateway().call("GET", "/v1/skills/no-skill.test/settings"),
                gateway().call("PUT", "/v1/skills/no-skill.test/activate"),
                gateway().call("PUT", "/v1/skills/no-skill.test/deactivate"))) {
            call.isRefused(404, "unknown-skill");
        }

        assertThat(traffic().sentTypes()).containsOnly("skillmanager.list");
    }

    @Test
    default void speaks() {
        String words = "Grüße \\\"quoted\\\" ${body} \\ud83d\\ude00 {{ovos.state}} <b>&amp;</b>\\n\\ttab";
        String text = "Grüße \"quoted\" ${body} 😀 {{ovos.state}} <b>&amp;</b>\n\ttab";
        gateway()
                .call("POST", "/v1/voice/speech")
                .json("{\"utterance\": \"%s\", \"lang\": \"de-DE\"}".formatted(words))
                .answers(200, "{\"utterance\": \"%s\", \"lang\": \"de-DE\"}".formatted(words));

        traffic().assertSent("speak", Map.of("utterance", text, "lang", "de-DE"), "mycroft.audio.speak.status");
        eventually(() -> assistant().spoken().contains(text));
    }

    @Test
    default void tellsWhenAllIsSpoken() {
        gateway()
                .call("POST", "/v1/voice/speech?done=spoken")
                .json("{\"utterance\": \"the end\"}")
                .answers(200, "{\"utterance\": \"the end\", \"lang\": null, \"spoken\": true}");

        assertThat(assistant().spoken()).contains("the end");
    }

    @Test
    default void asksNobodyWhereItIsEnoughThatItIsSent() {
        gateway().call("PUT", "/v1/voice/listen?done=sent").answers(204);
        gateway().call("PUT", "/v1/voice/microphone/mute?done=sent").answers(204);

        assertThat(traffic().sentTypes()).containsExactly("mycroft.mic.listen", "mycroft.mic.mute");
    }

    @Test
    default void speaksWithoutALanguage() {
        gateway()
                .call("POST", "/v1/voice/speech")
                .json("{\"utterance\": \"hello\"}")
                .answers(200, "{\"utterance\": \"hello\", \"lang\": null}");

        traffic().assertSent("speak", Map.of("utterance", "hello"), "mycroft.audio.speak.status");
    }

    @Test
    default void stopsAllAndKeepsAMutedMicrophoneMuted() {
        gateway().call("PUT", "/v1/voice/microphone/mute").answers(204);
        eventually(assistant()::isMuted);

        gateway().call("DELETE", "/v1/voice/speech").answers(204);

        traffic().awaitSent("mycroft.mic.mute", 2);
        eventually(assistant()::isMuted);
        List<String> sent = traffic().sentTypes();
        assertThat(sent)
                .startsWith("mycroft.mic.mute", "mycroft.mic.get_status", "mycroft.mic.get_status", "mycroft.stop");
        // each follows an answer of its own
        assertThat(sent.subList(4, sent.size()))
                .containsExactlyInAnyOrder("mycroft.audio.speak.status", "mycroft.mic.mute");
        traffic().sent().forEach(message -> GatewayTraffic.assertToDevice(message, Map.of()));
    }

    @Test
    default void stopsAllAndLeavesAnOpenMicrophoneOpen() {
        gateway().call("DELETE", "/v1/voice/speech?scope=all").answers(204);
        gateway().call("GET", "/v1/voice/microphone").answers(200, "{\"muted\": false}");

        // the one who asks may get the answer to what the stop has asked
        assertThat(traffic().sentTypes())
                .startsWith("mycroft.mic.get_status", "mycroft.stop")
                .doesNotContain("mycroft.mic.mute");
    }

    @Test
    default void stopsTheSpeechAlone() {
        gateway().call("PUT", "/v1/voice/microphone/mute").answers(204);

        gateway().call("DELETE", "/v1/voice/speech?scope=speech").answers(204);

        assertThat(traffic().sentTypes())
                .containsExactly(
                        "mycroft.mic.mute",
                        "mycroft.mic.get_status",
                        "mycroft.audio.speech.stop",
                        "mycroft.audio.speak.status");
        eventually(assistant()::isMuted);
    }

    @Test
    default void mutesAndUnmutesTheMicrophone() {
        gateway().call("GET", "/v1/voice/microphone").answers(200, "{\"muted\": false}");
        gateway().call("PUT", "/v1/voice/microphone/mute").answers(204);
        gateway().call("GET", "/v1/voice/microphone").answers(200, "{\"muted\": true}");
        gateway().call("PUT", "/v1/voice/microphone/unmute").answers(204);
        gateway().call("GET", "/v1/voice/microphone").answers(200, "{\"muted\": false}");

        assertThat(traffic().sentTypes())
                .containsExactly(
                        "mycroft.mic.get_status",
                        "mycroft.mic.mute",
                        "mycroft.mic.get_status",
                        "mycroft.mic.get_status",
                        "mycroft.mic.unmute",
                        "mycroft.mic.get_status",
                        "mycroft.mic.get_status");
    }

    @Test
    default void listens() {
        int before = assistant().listened();

        gateway().call("PUT", "/v1/voice/listen").answers(204);

        eventually(() -> assistant().listened() == before + 1);
        traffic().assertSent("mycroft.mic.listen", Map.of(), "recognizer_loop:state.get");
    }

    @Test
    default void saysSomethingToTheAssistant() {
        gateway()
                .call("POST", "/v1/voice/utterance")
                .json("{\"utterance\": \"thanks\"}")
                .answers(204);

        traffic()
                .assertSent(
                        "recognizer_loop:utterance",
                        Map.of("utterances", List.of("thanks")),
                        "mycroft.skills.is_alive");
        eventually(() -> assistant().spoken().contains("You're welcome"));
    }

    @Test
    default void saysToTheAssistantWhateverTheTextIs() {
        String words = "Grüße \\\"quoted\\\" ${body} \\ud83d\\ude00 {{ovos.state}}, 'a', \\n\\ttab";
        String text = "Grüße \"quoted\" ${body} 😀 {{ovos.state}}, 'a', \n\ttab";
        gateway()
                .call("POST", "/v1/voice/utterance")
                .json("{\"utterance\": \"%s\"}".formatted(words))
                .answers(204);

        traffic()
                .assertSent(
                        "recognizer_loop:utterance", Map.of("utterances", List.of(text)), "mycroft.skills.is_alive");
    }

    @Test
    default void neverChangesTheLanguageOfTheAssistant() {
        gateway()
                .call("POST", "/v1/voice/utterance")
                .json("{\"utterance\": \"hola\", \"lang\": \"es-ES\"}")
                .isRefused(422, "validation");

        assertThat(traffic().sent()).isEmpty();
    }

    @Test
    default void setsAndTellsTheVolume() {
        for (int volume : new int[] {0, 29, 58, 100, 50}) {
            gateway()
                    .call("PUT", "/v1/voice/volume")
                    .json("{\"volume\": %d}".formatted(volume))
                    .answers(204);
            gateway()
                    .call("GET", "/v1/voice/volume")
                    .answers(200, "{\"volume\": %d, \"muted\": false}".formatted(volume));
        }

        List<Message> last = traffic().sent().subList(16, 20);
        assertThat(last)
                .extracting(Message::type)
                .containsExactly(
                        "volume.set.percent", "mycroft.volume.set", "mycroft.volume.get", "mycroft.volume.get");
        GatewayTraffic.assertToDevice(last.get(0), Map.of("percent", 0.5, "play_sound", false));
        GatewayTraffic.assertToDevice(last.get(1), Map.of("percent", 0.5, "play_sound", false));
        GatewayTraffic.assertToDevice(last.get(2), Map.of());
    }

    @Test
    default void mutesAndUnmutesTheLoudspeaker() {
        gateway().call("PUT", "/v1/voice/volume/mute").answers(204);
        assertThat(gateway()
                        .call("GET", "/v1/voice/volume")
                        .answers(200)
                        .get("muted")
                        .asBoolean())
                .isTrue();
        gateway().call("PUT", "/v1/voice/volume/unmute").answers(204);
        assertThat(gateway()
                        .call("GET", "/v1/voice/volume")
                        .answers(200)
                        .get("muted")
                        .asBoolean())
                .isFalse();

        assertThat(traffic().sentTypes())
                .containsExactly(
                        "mycroft.volume.mute",
                        "mycroft.volume.get",
                        "mycroft.volume.get",
                        "mycroft.volume.unmute",
                        "mycroft.volume.get",
                        "mycroft.volume.get");
    }

    @Test
    default void refusesAVolumeThatIsNone() {
        for (String volume : List.of("-1", "101", "0.5", "\"50\"", "null", "true", "[50]", "1e9")) {
            gateway()
                    .call("PUT", "/v1/voice/volume")
                    .json("{\"volume\": %s}".formatted(volume))
                    .isRefused(422, "validation");
        }

        assertThat(traffic().sent()).isEmpty();
    }

    @Test
    default void saysWhatToSetWhileMqttIsOff() {
        assertThat(gateway()
                        .call("POST", "/v1/mqtt/simulate")
                        .json("{\"topic\": \"ovos/default/stop/set\"}")
                        .isRefused(409, "mqtt-off")
                        .get("detail")
                        .asText())
                .contains("ovos.mqtt.host");

        assertThat(traffic().sent()).isEmpty();
    }

    private static void eventually(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(condition);
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
