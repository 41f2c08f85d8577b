// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.homeassistant;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import static org.assertj.core.api.Assertions.assertThat;

/** What Home Assistant 2026.8 demands of MQTT discovery, held against what is published for one prefix. */
final class DiscoveryRules {

    private static final Pattern TOPIC = Pattern.compile("[^/+#]+/([a-z_]+)/(?:[a-zA-Z0-9_-]+/)?[a-zA-Z0-9_-]+/config");
    private static final Set<String> DEVICE = Set.of(
            "identifiers",
            "connections",
            "name",
            "manufacturer",
            "model",
            "model_id",
            "sw_version",
            "hw_version",
            "serial_number",
            "suggested_area",
            "via_device",
            "configuration_url");
    private static final Set<String> COMMON = Set.of(
            "platform",
            "unique_id",
            "default_entity_id",
            "name",
            "icon",
            "qos",
            "availability",
            "availability_mode",
            "entity_category",
            "enabled_by_default",
            "device_class",
            "json_attributes_topic",
            "json_attributes_template",
            "device",
            "origin");
    private static final Map<String, Set<String>> NEEDED = new HashMap<>();
    private static final Map<String, Set<String>> POSSIBLE = new HashMap<>();
    private static final Map<String, Set<String>> DEVICE_CLASSES = Map.of(
            "button", Set.of("restart", "update", "identify"),
            "binary_sensor", Set.of("connectivity", "running", "sound", "problem"),
            "sensor", Set.of("enum", "timestamp"));

    static {
        platform("button", Set.of("command_topic"), Set.of("payload_press", "command_template", "retain"));
        platform(
                "switch",
                Set.of("command_topic"),
                Set.of("state_topic", "value_template", "payload_on", "payload_off", "state_on", "state_off"));
        platform(
                "number",
                Set.of("command_topic"),
                Set.of("state_topic", "value_template", "min", "max", "step", "mode", "unit_of_measurement"));
        platform("select", Set.of("command_topic", "options"), Set.of("state_topic", "value_template"));
        platform(
                "text",
                Set.of("command_topic"),
                Set.of("state_topic", "value_template", "min", "max", "mode", "pattern"));
        platform("notify", Set.of("command_topic"), Set.of("command_template"));
        platform(
                "sensor",
                Set.of("state_topic"),
                Set.of("value_template", "options", "state_class", "unit_of_measurement"));
        platform("binary_sensor", Set.of("state_topic"), Set.of("value_template", "payload_on", "payload_off"));
        platform("event", Set.of("state_topic", "event_types"), Set.of("value_template"));
    }

    private static final ObjectMapper JSON = new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private final Set<String> uniqueIds = new HashSet<>();
    private final Set<String> entityIds = new HashSet<>();

    private static void platform(String name, Set<String> needed, Set<String> optional) {
        NEEDED.put(name, needed);
        Set<String> possible = new HashSet<>(COMMON);
        possible.addAll(needed);
        possible.addAll(optional);
        POSSIBLE.put(name, possible);
    }

    /** Holds all payloads against the rules, one by one and together. */
    static void assertKept(Map<String, String> payloads) {
        DiscoveryRules rules = new DiscoveryRules();
        payloads.forEach((topic, payload) -> {
            try {
                rules.check(topic, JSON.readTree(payload));
            } catch (JsonProcessingException e) {
                throw new AssertionError(topic + " is no JSON: " + payload, e);
            }
        });
    }

    private void check(String topic, JsonNode payload) {
        Matcher levels = TOPIC.matcher(topic);
        assertThat(levels.matches()).as(topic).isTrue();
        device(topic, payload.path("device"));
        assertThat(payload.at("/origin/name").asText()).as(topic).isNotBlank();
        assertThat(payload.path("origin").fieldNames()).toIterable().isSubsetOf("name", "sw_version", "support_url");
        if (!levels.group(1).equals("device")) {
            assertThat(payload.has("platform")).as(topic).isFalse();
            component(topic, levels.group(1), payload, false);
            return;
        }
        assertThat(payload.fieldNames())
                .toIterable()
                .as(topic)
                .isSubsetOf("device", "origin", "components", "availability", "availability_mode", "qos");
        if (payload.has("availability")) {
            availability(topic, payload);
        }
        assertThat(payload.path("components").size()).as(topic).isPositive();
        for (Map.Entry<String, JsonNode> entry : payload.get("components").properties()) {
            JsonNode component = entry.getValue();
            String at = topic + " " + entry.getKey();
            assertThat(component.has("device") || component.has("origin"))
                    .as(at)
                    .isFalse();
            component(at, component.path("platform").asText(), component, payload.has("availability"));
        }
    }

    private static void device(String at, JsonNode device) {
        assertThat(device.fieldNames()).toIterable().as(at).isSubsetOf(DEVICE);
        assertThat(device.has("identifiers") || device.has("connections"))
                .as(at)
                .isTrue();
        assertThat(device.path("name").asText()).as(at).isNotBlank();
        if (device.has("configuration_url")) {
            assertThat(device.get("configuration_url").asText()).matches("(https?|homeassistant)://.+");
        }
        if (device.has("via_device")) {
            assertThat(device.path("identifiers")).noneMatch(own -> own.equals(device.get("via_device")));
        }
    }

    private void component(String at, String platform, JsonNode component, boolean hasAvailability) {
        assertThat(NEEDED).as(at).containsKey(platform);
        assertThat(component.fieldNames()).toIterable().as(at).isSubsetOf(POSSIBLE.get(platform));
        assertThat(component.fieldNames()).toIterable().as(at).containsAll(NEEDED.get(platform));
        assertThat(component.path("unique_id").asText()).as(at).isNotBlank();
        assertThat(uniqueIds.add(platform + " " + component.get("unique_id").asText()))
                .as(at)
                .isTrue();
        String entityId = component.path("default_entity_id").asText();
        assertThat(entityId).as(at).matches(platform + "\\.[a-z0-9]+(_[a-z0-9]+)*");
        assertThat(entityId.length()).isLessThan(256);
        assertThat(entityIds.add(entityId)).as(entityId).isTrue();
        assertThat(component.path("name").asText()).as(at).isNotBlank();
        component.fieldNames().forEachRemaining(key -> {
            if (key.endsWith("_topic")) {
                assertThat(component.get(key).asText()).as(at).matches("[^+#\\s]{1,200}");
            }
        });
        if (component.has("availability")) {
            availability(at, component);
        } else if (!hasAvailability) {
            assertThat(component.path("device_class").asText()).as(at).isEqualTo("connectivity");
        }
        if (component.has("entity_category")) {
            assertThat(component.get("entity_category").asText()).isIn("config", "diagnostic");
        }
        if (component.has("icon")) {
            assertThat(component.get("icon").asText()).matches("mdi:[a-z0-9-]+");
        }
        if (component.has("device_class")) {
            assertThat(DEVICE_CLASSES.getOrDefault(platform, Set.of()))
                    .as(at)
                    .contains(component.get("device_class").asText());
        }
        limits(at, platform, component);
    }

    private static void limits(String at, String platform, JsonNode component) {
        switch (platform) {
            case "text" -> {
                int max = component.path("max").asInt(255);
                assertThat(max).as(at).isBetween(1, 255);
                assertThat(component.path("min").asInt(0)).as(at).isBetween(0, max);
            }
            case "number" -> {
                assertThat(component.path("min").asInt(1))
                        .as(at)
                        .isLessThan(component.path("max").asInt(100));
                assertThat(component.path("mode").asText("auto")).isIn("auto", "box", "slider");
            }
            case "sensor" -> {
                boolean isEnum = component.path("device_class").asText().equals("enum");
                assertThat(component.has("options")).as(at).isEqualTo(isEnum);
                // a state of more than 255 characters is refused
                if (component.path("state_topic").asText().endsWith("_answer")) {
                    assertThat(component.path("value_template").asText()).as(at).contains("[:250]");
                }
            }
            case "event" ->
                assertThat(component.get("event_types").size()).as(at).isPositive();
            default -> {
                // nothing but what is needed
            }
        }
    }

    private static void availability(String at, JsonNode holder) {
        assertThat(holder.has("availability_topic")).as(at).isFalse();
        assertThat(holder.path("availability_mode").asText()).as(at).isEqualTo("all");
        assertThat(holder.get("availability")).as(at).isNotEmpty().allSatisfy(topic -> {
            assertThat(topic.path("topic").asText()).matches("[^+#\\s]{1,200}");
            assertThat(topic.fieldNames())
                    .toIterable()
                    .isSubsetOf("topic", "value_template", "payload_available", "payload_not_available");
        });
    }
}
