// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.function.Consumer;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** ovos-core without its conversation: which skills there are, their activation, health and the session of the device. */
final class Core extends OvosService {

    private final InstalledSkills skills;
    private final ObjectNode config;
    private final Consumer<String> actions;

    Core(Consumer<Message> bus, InstalledSkills skills, ObjectNode config, Consumer<String> actions) {
        super(bus);
        this.actions = actions;
        this.skills = skills;
        this.config = config;
        reportHealthAs("skills");
        reportHealthAs("intents");
        for (String skill : skills.ids()) {
            for (String question : new String[] {"is_alive", "is_ready"}) {
                on("mycroft." + skill + "." + question, asked -> {
                    if (skills.isActive(skill)) {
                        emit(asked.response(status(true)));
                    }
                });
            }
        }
        on("skillmanager.list", asked -> emit(Message.bare("mycroft.skills.list", list())));
        on("skillmanager.activate", this::activate);
        on("skillmanager.deactivate", this::deactivate);
        on("ovos.session.sync", asked -> emit(asked.reply("ovos.session.update_default", defaultSession())));
        on(
                "mycroft.skills.settings.changed",
                changed -> changed.data().fieldNames().forEachRemaining(skill -> {
                    if (skills.isLoaded(skill)) {
                        emit(Message.bare(
                                "ovos.skills.settings_changed", Message.object().put("skill_id", skill)));
                    }
                }));
    }

    private ObjectNode list() {
        ObjectNode list = Message.object();
        for (String skill : skills.ids()) {
            list.putObject(skill).put("active", skills.isActive(skill)).put("id", skill);
        }
        return list;
    }

    // silent about skills that are unknown or active already
    private void activate(Message wanted) {
        String which = wanted.data().path("skill").asText();
        for (String skill : skills.ids()) {
            if ((which.equals("all") || which.equals(skill)) && !skills.isActive(skill)) {
                skills.setActive(skill, true);
                actions.accept("activates " + skill);
                emit(Message.bare(
                        "mycroft.skills.loaded",
                        Message.object()
                                .put("path", "/opt/ovos/skills/" + skill)
                                .put("id", skill)
                                .put("name", skill)));
                emit(wanted.response(Message.object()));
            }
        }
    }

    // silent about unknown skills
    private void deactivate(Message wanted) {
        String skill = wanted.data().path("skill").asText();
        if (skills.isLoaded(skill)) {
            skills.setActive(skill, false);
            actions.accept("deactivates " + skill);
            ObjectNode itself = Message.object().put("skill_id", skill);
            emit(new Message("detach_skill", itself, itself.deepCopy()));
            emit(wanted.response(Message.object()));
        }
    }

    private ObjectNode defaultSession() {
        ObjectNode update = Message.object();
        ObjectNode session = update.putObject("session_data");
        session.put("session_id", Message.DEFAULT_SESSION);
        session.putArray("active_skills");
        session.putObject("utterance_states");
        session.set("lang", config.get("lang"));
        session.put("site_id", "unknown");
        session.set("location", config.get("location"));
        session.set("system_unit", config.get("system_unit"));
        session.set("time_format", config.get("time_format"));
        session.set("date_format", config.get("date_format"));
        Conversation.PIPELINE.forEach(session.putArray("pipeline")::add);
        session.putArray("blacklisted_skills");
        session.putArray("blacklisted_intents");
        session.put("is_speaking", false).put("is_recording", false);
        return update;
    }
}
