// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.answer;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.answer.Masks.MaskProperties;
import org.ovosgateway.demo.SimulatedAssistant;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/** Which keys name a secret, and which only sound like it. */
class MasksTest {

    private static final String MASK = "********";

    private final Masks masks = masks(Map.of());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "key",
                "KEY",
                "password",
                "Password",
                "wifi_password",
                "passwordHash",
                "passwd",
                "passphrase",
                "pwd",
                "db-pass",
                "psk",
                "secret",
                "secret_key",
                "secret_access_key",
                "clientSecret",
                "client-secret",
                "secrets",
                "token",
                "access_token",
                "accessToken",
                "refresh-token",
                "apiToken",
                "long.lived.token",
                "tokens",
                "api_tokens",
                "credential",
                "credentials",
                "google_credentials",
                "username",
                "user_name",
                "userName",
                "user-name",
                "User Name",
                "mqtt_username",
                "user",
                "login",
                "private_key",
                "private-key",
                "privateKey",
                "private_key_id",
                "ssh_private_keys",
                "api_key",
                "api_keys",
                "apikey",
                "apiKey",
                "APIKEY",
                "API-Key",
                "x-api-key",
                "openweathermap_api_key",
                "access_key",
                "access_key_id",
                "accessKeyId",
                "aws_access_key",
                "app_key",
                "wolfram_key",
                "owm_key",
                "WolframKey",
                "encryption_key",
                "authorization",
                "cookie"
            })
    void masksWhatNamesASecret(String key) {
        assertThat(masks.mask(Map.of(key, "hush"))).isEqualTo(Map.of(key, MASK));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "code",
                "postal_code",
                "max_tokens",
                "token_count",
                "tokenizer",
                "key_phrase",
                "keyboard",
                "keyword",
                "keywords",
                "hotkey",
                "public_key",
                "monkey",
                "module",
                "lang",
                "user_agent",
                "users_online",
                "host",
                "url",
                "voice",
                "passive",
                "compass",
                "bypass_cache",
                "passenger",
                "author",
                "authenticated",
                "wake_word",
                "name",
                "display_name",
                "spinner",
                "stop_words"
            })
    void leavesWhatIsNone(String key) {
        assertThat(masks.mask(Map.of(key, "plain"))).isEqualTo(Map.of(key, "plain"));
    }

    @Test
    void masksAtAnyDepthAndInLists() {
        Object deep = Map.of("a", List.of(Map.of("b", List.of(List.of(Map.of("c", 1, "token", "hush"))))));

        assertThat(masks.mask(deep))
                .isEqualTo(Map.of("a", List.of(Map.of("b", List.of(List.of(Map.of("c", 1, "token", MASK)))))));
    }

    @Test
    void masksWhateverIsUnderTheKey() {
        List<Object> values = new ArrayList<>(List.of("hush", 42, true, 1.5, List.of("hush"), Map.of("plain", "hush")));
        values.add(null);

        for (Object value : values) {
            Map<String, Object> secret = new HashMap<>();
            secret.put("credential", value);
            assertThat(masks.mask(secret)).isEqualTo(Map.of("credential", MASK));
        }
    }

    @Test
    void keepsTheOrderOfTheKeysAndAllOtherValues() throws Exception {
        String json = "{\"z\":1,\"a\":null,\"m\":[true,2.5,\"x\",null],\"b\":{}}";
        ObjectMapper mapper = new ObjectMapper();

        assertThat(mapper.writeValueAsString(masks.mask(mapper.readValue(json, Object.class))))
                .isEqualTo(json);
    }

    @Test
    void masksPasswordsInsideOfUrls() {
        assertThat(masks.mask(Map.of("broker", "mqtt://ada:hush@broker.local:1883/a?b=c", "url", "http://host:8123/x")))
                .isEqualTo(
                        Map.of("broker", "mqtt://" + MASK + "@broker.local:1883/a?b=c", "url", "http://host:8123/x"));
    }

    @Test
    void leavesNoSecretInTheConfigurationAndTheSettingsOfAnAssistant() throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        for (String resource : List.of("/demo/mycroft.json", "/demo/settings.json")) {
            try (InputStream in = SimulatedAssistant.class.getResourceAsStream(resource)) {
                Map<?, ?> plain = mapper.readValue(in, Map.class);
                assertThat(mapper.writeValueAsString(plain)).contains(SimulatedAssistant.SECRET_MARK);
                assertThat(mapper.writeValueAsString(masks.mask(plain)))
                        .doesNotContain(SimulatedAssistant.SECRET_MARK)
                        .contains(
                                mapper.writeValueAsString(plain).contains("America/Chicago") ? "America/Chicago" : "");
            }
        }
    }

    @Test
    void masksWhatTheConfigurationNames() {
        Masks own = masks(Map.of("ovos.mask.keys[0]", "latitude", "ovos.mask.keys[1]", "home_.*"));

        assertThat(own.mask(Map.of("latitude", 38.9, "homeAddress", "here", "password", "told")))
                .isEqualTo(Map.of("latitude", MASK, "homeAddress", MASK, "password", "told"));
    }

    @Test
    void remembersNoMoreKeysThanItShould() {
        for (int i = 0; i < 20_000; i++) {
            assertThat(masks.mask(Map.of("plain-" + i, i))).isEqualTo(Map.of("plain-" + i, i));
        }
        assertThat(masks.mask(Map.of("one more password", "hush"))).isEqualTo(Map.of("one more password", MASK));
    }

    private static Masks masks(Map<String, String> properties) {
        MaskProperties bound = new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("ovos.mask", MaskProperties.class);
        assertThat(bound.keys()).isNotEmpty().allSatisfy(key -> assertThat(key).isInstanceOf(Pattern.class));
        return new Masks(bound);
    }
}
