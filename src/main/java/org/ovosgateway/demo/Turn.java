// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.time.Clock;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** One utterance on its way through one skill: emits the messages of its life in the order of ovos-core. */
final class Turn {

    private final Consumer<Message> bus;
    private final String skill;
    private final String handler;
    private final JsonNode lang;
    private final ObjectNode context;

    /** A turn that answers the utterance, so with its source and destination swapped. */
    Turn(Consumer<Message> bus, Message utterance, String skill, String handler) {
        this.bus = bus;
        this.skill = skill;
        this.handler = handler;
        this.lang = utterance.data().path("lang");
        this.context = utterance.reply(utterance.type(), Message.object()).context();
    }

    String sessionId() {
        return new Message("", Message.object(), context).sessionId();
    }

    String skill() {
        return skill;
    }

    /** The skill is chosen: what follows names it. */
    Turn chosen() {
        context.put("skill_id", skill);
        return this;
    }

    /** The skill is chosen, and its handler starts. */
    Turn start(ObjectNode intent) {
        chosen();
        emit(skill + ".activate", Message.object());
        activate();
        emit(skill + ":" + handler, intent);
        emit("mycroft.skill.handler.start", named());
        return this;
    }

    void speak(String text) {
        speak(text, null, false);
    }

    /** Speaks a text, which is that of a dialog of the skill unless it is null. */
    void speak(String text, String dialog, boolean expectResponse) {
        ObjectNode data = Message.object().put("utterance", text).put("expect_response", expectResponse);
        ObjectNode meta = data.putObject("meta");
        if (dialog != null) {
            meta.put("dialog", dialog).putObject("data");
        }
        meta.put("skill", skill);
        data.set("lang", lang.isTextual() ? lang : data.textNode("en-US"));
        emit("speak", data);
    }

    /** The skill asks something back: the next utterance of this session is the answer. */
    void ask(String question) {
        session().withObject("/utterance_states").put(skill, "response");
        emit("skill.converse.get_response.enable", Message.object().put("skill_id", skill));
        speak(question, "question", true);
        emit(skill + ".get_response.waiting", Message.object());
    }

    void answered() {
        session().withObject("/utterance_states").put(skill, "intent");
        emit("skill.converse.get_response.disable", Message.object().put("skill_id", skill));
    }

    void end() {
        emit("mycroft.skill.handler.complete", named());
        handled();
    }

    /** The handler threw; it is apologised for, and yet completes. */
    void fail(String exception) {
        speak("An error occurred while processing a request in " + skill);
        for (String end :
                new String[] {"mycroft.skill.handler.error", "mycroft.skill.handler.complete", "ovos.utterance.handled"
                }) {
            emit(end, named().put("exception", exception));
        }
    }

    void handled() {
        emit("ovos.utterance.handled", named());
    }

    void emit(String type, ObjectNode data) {
        bus.accept(new Message(type, data, context.deepCopy()));
    }

    private ObjectNode named() {
        return Message.object().put("name", skill + "." + handler);
    }

    private void activate() {
        ArrayNode before = session().withArray("/active_skills").deepCopy();
        ArrayNode now = session().putArray("active_skills");
        now.addArray().add(skill).add(Clock.systemUTC().millis() / 1000.0);
        for (JsonNode one : before) {
            if (!one.path(0).asText().equals(skill)) {
                now.add(one);
            }
        }
    }

    private ObjectNode session() {
        if (context.get("session") instanceof ObjectNode session) {
            return session;
        }
        return context.putObject("session").put("session_id", Message.DEFAULT_SESSION);
    }
}
