// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The skill {@code skill-rest-api.smartgic}, with its faults.
 *
 * <p>It answers in contexts of its own, several times each question, trusts everybody once anybody has shown the right
 * key, follows settings with an error, and names the type of a failure after the question instead of the answer.
 */
final class RestApiSkill extends OvosService {

    private final InstalledSkills skills;
    private final ObjectNode config;
    private final AtomicBoolean internet;
    private final String appKey;
    private final int copies;

    private boolean authenticated;
    private boolean sleepMark;

    /** A null key stands for a skill that was not set up. */
    RestApiSkill(
            Consumer<Message> bus,
            InstalledSkills skills,
            ObjectNode config,
            AtomicBoolean internet,
            String key,
            int copies) {
        super(bus);
        this.skills = skills;
        this.config = config;
        this.internet = internet;
        this.appKey = key == null ? null : Base64.getEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8));
        this.copies = copies;
        answer("ovos.api.info", "ovos.api.info", (asked, answer) -> answer.accept(info(config)));
        answer("ovos.api.config", "ovos.api.config", (asked, answer) -> answer.accept(config));
        answer("ovos.api.skill_settings", "ovos.api.skill_settings", this::settings);
        answer("ovos.api.cache", "ovos.api.cache", this::cache);
        answer("ovos.api.internet", "ovos.api.internet", (asked, answer) -> answer.accept(status(internet.get())));
        answer(
                "ovos.api.is_awake",
                "ovos.api.is_awake",
                (asked, answer) -> answer.accept(Message.object().put("is_awake", !sleepMark)));
        answer("recognizer_loop:sleep", "ovos.api.sleep", this::sleep);
        answer("recognizer_loop:wake_up", "ovos.api.wake_up", this::wakeUp);
    }

    // each registration that the skill forgets to undo answers once more
    private void answer(String question, String answer, BiConsumer<Message, Consumer<ObjectNode>> handler) {
        for (int copy = 0; copy < copies; copy++) {
            on(question, asked -> {
                if (!skills.isActive(InstalledSkills.COMPANION)) {
                    return;
                }
                checkKey(asked);
                if (authenticated) {
                    handler.accept(asked, data -> emit(answer + ".answer", data, true));
                }
            });
        }
    }

    private void checkKey(Message asked) {
        if (appKey == null) {
            refuse(asked, "no api key detected from home.mycroft.ai");
        } else if (appKey.equals(asked.data().path("app_key").textValue())) {
            authenticated = true;
        } else {
            refuse(asked, "both keys don't match");
        }
    }

    private void refuse(Message asked, String error) {
        emit(asked.type() + ".answer", Message.object().put("error", error), false);
    }

    private void emit(String type, ObjectNode data, boolean authenticated) {
        emit(new Message(type, data, Message.object().put("authenticated", authenticated)));
    }

    static ObjectNode info(ObjectNode config) {
        ObjectNode info = Message.object().put("core_version", "2.1.2a1");
        info.set("name", config.at("/listener/wake_word"));
        ObjectNode locales = info.putObject("locales");
        locales.set("city", config.at("/location/city/name"));
        locales.set("country", config.at("/location/city/state/country/name"));
        locales.set("lang", config.get("lang"));
        locales.set("secondary_langs", config.get("secondary_langs"));
        locales.set("timezone", config.at("/location/timezone/code"));
        info.putObject("system")
                .put("architecture", "aarch64")
                .put("os", "Linux")
                .put("kernel", "6.6.31+rpt-rpi-v8");
        info.set("tts_engine", config.at("/tts/module"));
        info.set("stt_engine", config.at("/stt/module"));
        info.put("log_level", config.path("log_level").asText().toLowerCase(Locale.ROOT));
        return info;
    }

    private void settings(Message asked, Consumer<ObjectNode> answer) {
        ObjectNode settings = skills.settings(asked.data().path("skill").asText());
        if (settings != null) {
            answer.accept(settings);
        }
        answer.accept(Message.object().put("error", "no settings.json file found"));
    }

    private void cache(Message asked, Consumer<ObjectNode> answer) {
        ObjectNode cleared = Message.object();
        cleared.set("cache_type", asked.data().path("cache_type"));
        answer.accept(
                cleared.put("status", asked.data().path("cache_type").asText().equals("tts")));
    }

    private void sleep(Message asked, Consumer<ObjectNode> answer) {
        sleepMark = true;
        answer.accept(Message.object().put("mark", "/tmp/sleep.mark"));
    }

    private void wakeUp(Message asked, Consumer<ObjectNode> answer) {
        if (sleepMark) {
            sleepMark = false;
            answer.accept(Message.object().put("mark", "sleep mark deleted"));
        }
        answer.accept(Message.object().put("mark", "no sleep mark to delete"));
    }
}
