// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.camel.Header;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.bus.Part;
import org.springframework.stereotype.Component;

/** The state of a device as one document; routes call it as the bean {@code voiceState}. */
@Component("voiceState")
public class VoiceState {

    private final States states;
    private final Presence presence;

    VoiceState(States states, Presence presence) {
        this.states = states;
        this.presence = presence;
    }

    /** {@code {"state", "muted", "volume", "volume_muted", "parts": {"core", "listener", "audio", "phal"}}}; null for unknown. */
    public Map<String, Object> of(@Header(OvosConstants.DEVICE) String device) {
        Map<String, Object> parts = new LinkedHashMap<>();
        for (Part part : Part.values()) {
            parts.put(part.label(), presence.isPresent(device, part));
        }
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("state", states.of(device, "state"));
        state.put("muted", states.of(device, "mic_mute"));
        state.put("volume", states.of(device, "volume"));
        state.put("volume_muted", states.of(device, "volume_mute"));
        state.put("parts", parts);
        return state;
    }
}
