// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.ovosgateway.GatewayApplication;

/** What clients are told of the services: the event {@code info}. */
final class Info {

    /** All that a client of any version looks for. */
    private static final List<String> MEMBERS = List.of("asr", "tts", "handle", "intent", "wake", "mic", "snd");

    private static final String NAME = "ovos";
    private static final String VERSION = GatewayApplication.class.getPackage().getImplementationVersion();

    private Info() {}

    /** @param languages of the services that are there */
    static Event of(Map<Service, List<String>> languages) {
        Event info = new Event("info");
        MEMBERS.forEach(info.data()::putArray);
        languages.forEach((service, known) -> {
            ObjectNode program = artifact((ArrayNode) info.data().get(service.label()), NAME, "Open Voice OS");
            ArrayNode artifacts = program.putArray(service.artifacts());
            if (service == Service.TTS) {
                // clients tell the voice, and few the language
                known.forEach(language ->
                        languages(artifact(artifacts, language, "The assistant, " + language), List.of(language)));
            } else {
                languages(artifact(artifacts, NAME, "The assistant"), known);
            }
        });
        return info;
    }

    private static void languages(ObjectNode artifact, List<String> languages) {
        ArrayNode all = artifact.putArray("languages");
        languages.forEach(all::add);
    }

    private static ObjectNode artifact(ArrayNode list, String name, String description) {
        ObjectNode artifact = list.addObject()
                .put("name", name)
                .put("description", description)
                .put("version", VERSION == null ? "development" : VERSION)
                .put("installed", true);
        artifact.putObject("attribution").put("name", "Open Voice OS").put("url", "https://www.openvoiceos.org");
        return artifact;
    }
}
