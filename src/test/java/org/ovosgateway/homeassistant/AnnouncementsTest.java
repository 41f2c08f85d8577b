// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.homeassistant;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.ovosgateway.homeassistant.DiscoveryProperties.Form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AnnouncementsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path TABLE = Path.of("routes/home-assistant.yaml");
    private static final BiPredicate<String, String> ALL = (device, name) -> true;
    private static final String KITCHEN = "homeassistant/device/ovos-gateway_ovos/kitchen/config";
    private static final String GATEWAY = "homeassistant/device/ovos-gateway_ovos/bridge/config";

    private static EntityTable shipped() throws IOException {
        return EntityTable.parse(Files.readString(TABLE));
    }

    private static Announcements announcements(Form form) {
        return new Announcements("ovos", "homeassistant", form, "1.2.3", "");
    }

    private static Map<String, String> all(Form form, String... devices) throws IOException {
        return announcements(form).of(shipped(), new TreeSet<>(Set.of(devices)), ALL, ALL);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "DEVICE, ovos, homeassistant, 1.2.3, https://gateway.example",
        "DEVICE, home/voice/ovos, discover, , ''",
        "COMPONENTS, ovos, homeassistant, 1.2.3, ''",
        "COMPONENTS, home/voice/ovos, discover, , https://gateway.example",
    })
    void keepsTheRulesInAllVariants(Form form, String base, String prefix, String version, String url)
            throws IOException {
        EntityTable named = EntityTable.parse(Files.readString(TABLE)
                .replaceAll("(?m)^devices:$", "devices: {kitchen: {name: Küchen-Gehilfe №1, area: Küche}}"));
        Announcements announcements = new Announcements(base, prefix, form, version, url);

        for (EntityTable table : Set.of(shipped(), named)) {
            for (Set<String> devices : Set.of(Set.of("default"), Set.of("default", "kitchen", "kitchen-x_y", "x_y"))) {
                for (boolean known : new boolean[] {true, false}) {
                    DiscoveryRules.assertKept(
                            announcements.of(table, new TreeSet<>(devices), ALL, (device, property) -> known));
                }
            }
        }
    }

    @Test
    void hasOnePayloadForEachAssistantAndOneForTheGateway() throws IOException {
        assertThat(all(Form.DEVICE, "default", "kitchen"))
                .containsOnlyKeys(GATEWAY, "homeassistant/device/ovos-gateway_ovos/default/config", KITCHEN);
    }

    @Test
    void showsTheAssistantAsADevice() throws IOException {
        JsonNode kitchen = json(all(Form.DEVICE, "kitchen").get(KITCHEN));

        assertThat(kitchen.get("device")).isEqualTo(json("""
                {"identifiers": ["ovos-gateway.ovos.kitchen"], "name": "Kitchen assistant",
                 "manufacturer": "Open Voice OS", "model": "OVOS", "via_device": "ovos-gateway.ovos.bridge"}
                """));
        assertThat(kitchen.get("availability")).isEqualTo(json("""
                [{"topic": "ovos/bridge/state", "value_template": "{{ value_json.state }}"},
                 {"topic": "ovos/kitchen/availability", "value_template": "{{ value_json.state }}"}]
                """));
        assertThat(kitchen.at("/components/listen")).isEqualTo(json("""
                {"platform": "button", "unique_id": "ovos-gateway.ovos.kitchen.listen", "name": "Listen",
                 "default_entity_id": "button.kitchen_assistant_listen", "icon": "mdi:microphone-message",
                 "command_topic": "ovos/kitchen/listen/set"}
                """));
        assertThat(kitchen.at("/components/volume/state_topic").asText()).isEqualTo("ovos/kitchen/volume");
        assertThat(kitchen.at("/components/last_answer/json_attributes_topic").asText())
                .isEqualTo("ovos/kitchen/last_answer");
        assertThat(kitchen.at("/components/voice/state_topic").asText()).isEqualTo("ovos/kitchen/event/voice");
        assertThat(kitchen.get("components").fieldNames())
                .toIterable()
                .containsExactly(
                        "listen",
                        "stop",
                        "microphone_mute",
                        "sleep",
                        "volume",
                        "volume_mute",
                        "announce",
                        "ask",
                        "state",
                        "last_answer",
                        "voice",
                        "next_alert",
                        "core",
                        "listener",
                        "audio",
                        "phal");
    }

    @Test
    void tellsTheSameInBothForms() throws IOException {
        Map<String, String> components = all(Form.COMPONENTS, "kitchen");

        Set<String> ids = new HashSet<>();
        json(all(Form.DEVICE, "kitchen").get(KITCHEN))
                .get("components")
                .elements()
                .forEachRemaining(
                        component -> ids.add(component.get("unique_id").asText()));

        assertThat(components).hasSize(19).containsKey("homeassistant/button/ovos-gateway_ovos/kitchen-listen/config");
        assertThat(components.values())
                .extracting(payload -> json(payload).get("unique_id").asText())
                .containsAll(ids);
    }

    @Test
    void showsTheGatewaysConnectionWhileItIsAway() throws IOException {
        JsonNode gateway = json(all(Form.DEVICE, "kitchen").get(GATEWAY));

        assertThat(gateway.has("availability")).isFalse();
        assertThat(gateway.at("/components/connection").has("availability")).isFalse();
        assertThat(gateway.at("/components/version/availability")).hasSize(1);
    }

    @Test
    void showsThePartsOfAnAssistantWhileItIsAway() throws IOException {
        JsonNode away = json("""
                [{"topic": "ovos/bridge/state", "value_template": "{{ value_json.state }}"}]
                """);

        assertThat(json(all(Form.DEVICE, "kitchen").get(KITCHEN)).at("/components/audio/availability"))
                .isEqualTo(away);
        assertThat(json(all(Form.COMPONENTS, "kitchen")
                                .get("homeassistant/binary_sensor/ovos-gateway_ovos/kitchen-audio/config"))
                        .get("availability"))
                .isEqualTo(away);
    }

    @Test
    void showsNoVolumeWhereNothingAnswersForIt() throws IOException {
        Map<String, String> payloads = announcements(Form.DEVICE)
                .of(shipped(), Set.of("kitchen"), ALL, (device, property) -> !property.equals("volume"));

        assertThat(json(payloads.get(KITCHEN)).get("components").has("volume")).isFalse();
    }

    @Test
    void showsNothingForACommandThatThereIsNot() throws IOException {
        Map<String, String> payloads = announcements(Form.DEVICE)
                .of(shipped(), Set.of("kitchen"), (device, command) -> command.equals("stop"), ALL);

        assertThat(json(payloads.get(KITCHEN)).get("components").fieldNames())
                .toIterable()
                .containsExactly(
                        "stop", "state", "last_answer", "voice", "next_alert", "core", "listener", "audio", "phal");
    }

    @Test
    void saysFarewellToComponentsThatLeave() throws IOException {
        Announcements announcements = announcements(Form.DEVICE);
        String before = all(Form.DEVICE, "kitchen").get(KITCHEN);
        String after = announcements
                .of(shipped(), Set.of("kitchen"), ALL, (device, property) -> false)
                .get(KITCHEN);

        JsonNode farewell = json(announcements.farewell(before, after).orElseThrow());

        assertThat(farewell.at("/components/volume")).isEqualTo(json("{\"platform\": \"number\"}"));
        assertThat(farewell.at("/components/listen")).isEqualTo(json(after).at("/components/listen"));
        assertThat(announcements.farewell(after, before)).isEmpty();
        assertThat(announcements.farewell(null, after)).isEmpty();
        assertThat(announcements.farewell("{\"migrate_discovery\":true}", after))
                .isEmpty();
        assertThat(announcements.farewell("what is this", after)).isEmpty();
    }

    @Test
    void saysFarewellToAComponentThatChangesItsPlatform() {
        String before = "{\"components\":{\"x\":{\"platform\":\"switch\"},\"y\":{\"platform\":\"button\"}}}";
        String after = "{\"components\":{\"x\":{\"platform\":\"button\"},\"y\":{\"platform\":\"button\"}}}";

        assertThat(announcements(Form.DEVICE).farewell(before, after)).hasValue(before);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void findsWhatItAnnouncedAgain(Form form) throws IOException {
        Announcements other = announcements(form == Form.DEVICE ? Form.COMPONENTS : Form.DEVICE);

        assertThat(other.filter()).isEqualTo("homeassistant/+/ovos-gateway_ovos/+/config");
        assertThat(all(form, "kitchen").keySet()).allSatisfy(topic -> {
            assertThat(topic).matches("homeassistant/[a-z_]+/ovos-gateway_ovos/[a-z_-]+/config");
            assertThat(announcements(form).isOtherForm(topic)).isFalse();
            assertThat(other.isOtherForm(topic)).isTrue();
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "assistant: [                                             | no YAML",
                "[]                                                       | must be a table",
                "assistants: {}                                           | assistants is not known here",
                "assistant: {x: {command: listen}}                        | assistant.x.platform is missing",
                "assistant: {x: {platform: button}}                       | assistant.x has no command",
                "assistant: {x: {platform: Button, command: x}}           | assistant.x.platform: 'Button' is no name",
                "assistant: {X-y: {platform: button, command: x}}         | assistant.X-y: a key must fit",
                "assistant: {x: {platform: sensor, property: a, event: b}}| not both",
                "assistant: {x: {platform: a, command: b, always: maybe}} | assistant.x.always must be true or false",
                "gateway: {x: {platform: a, command: b, object_id: c}}    | gateway.x.object_id is set by the gateway",
                "assistant: {x: {platform: a, command: b, unique_id: c}}  | assistant.x.unique_id is set by the",
                "assistant: {x: {platform: a, command: b, avty_t: c}}     | assistant.x.avty_t is set by the",
                "assistant: {x: {platform: a, command: b, cmd_t: c}}      | assistant.x.cmd_t is set by the",
                "devices: {kitchen: {title: x}}                           | devices.kitchen.title is not known here",
                "devices: {kitchen: {name: [x]}}                          | devices.kitchen.name must be a text",
            })
    void refusesATableThatIsWrongAndSaysWhere(String yaml, String reason) {
        assertThatThrownBy(() -> EntityTable.parse(yaml))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }
}
