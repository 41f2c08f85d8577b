// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import io.vertx.core.Future;
import org.ovosgateway.bus.Question.Match;
import org.ovosgateway.bus.Question.Reading;

/**
 * What of an assistant answers, asked a moment ago.
 *
 * @param parts whether each process answers: {@code bus}, {@code core}, {@code listener}, {@code audio}, {@code phal}
 * @param abilities whether somebody answers for each of these: {@code volume}, {@code transcription}, {@code synthesis},
 *     {@code companion}
 * @param ready whether the core has loaded its skills
 */
public record Inspection(Map<String, Boolean> parts, Map<String, Boolean> abilities, boolean ready) {

    /** A process that runs answers in milliseconds; one that does not run never answers. */
    private static final Duration DEADLINE = Duration.ofSeconds(2);

    /** Asks all at the same time; never fails. */
    public static Future<Inspection> of(Device device) {
        Map<String, Future<Boolean>> parts = new LinkedHashMap<>();
        parts.put("bus", Future.succeededFuture(device.isConnected()));
        for (Part part : Part.values()) {
            parts.put(part.label(), device.isAlive(part, DEADLINE));
        }
        Future<Boolean> ready = device.isReady(Part.CORE, DEADLINE).otherwise(false);
        Map<String, Future<Boolean>> abilities = new LinkedHashMap<>();
        abilities.put("volume", answers(device, "mycroft.volume.get"));
        abilities.put("transcription", answers(device, "ovos.languages.stt"));
        abilities.put("synthesis", answers(device, "ovos.languages.tts"));
        abilities.put("companion", hasCompanion(device));
        return all(parts)
                .compose(found ->
                        all(abilities).compose(able -> ready.map(loaded -> new Inspection(found, able, loaded))));
    }

    private static Future<Map<String, Boolean>> all(Map<String, Future<Boolean>> asked) {
        return Future.join(asked.values().stream()
                        .map(answer -> answer.otherwise(false))
                        .toList())
                .map(done -> {
                    Map<String, Boolean> found = new LinkedHashMap<>();
                    asked.forEach((name, answer) -> found.put(name, answer.succeeded() && answer.result()));
                    return found;
                });
    }

    private static Future<Boolean> answers(Device device, String type) {
        return ask(device, type).map(true);
    }

    private static Future<BusMessage> ask(Device device, String type) {
        return device.ask(new Question(
                type,
                BusMessage.JSON.createObjectNode(),
                type + ".response",
                Match.ID,
                DEADLINE,
                "the assistant",
                Reading.PLAIN));
    }

    /** Without our key it would refuse us. */
    private static Future<Boolean> hasCompanion(Device device) {
        if (device.bus().apiKey().isEmpty()) {
            return Future.succeededFuture(false);
        }
        return device.ask(Question.skillList(DEADLINE))
                .map(skills -> skills.data()
                        .path(device.bus().companionSkill())
                        .path("active")
                        .asBoolean());
    }
}
