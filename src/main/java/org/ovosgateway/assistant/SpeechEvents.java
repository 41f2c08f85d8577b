// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.camel.Body;
import org.apache.camel.Header;
import org.ovosgateway.bus.BusMessage;
import org.ovosgateway.bus.OvosConstants;
import org.springframework.stereotype.Component;

/** Which texts have been said, and which were stopped; routes call it as the bean {@code speech}. */
@Component("speech")
public class SpeechEvents {

    private final Map<String, Speech> devices = new ConcurrentHashMap<>();

    /**
     * Takes note of a message of the bus.
     *
     * @return the texts that are over by that, each with {@code text}, {@code lang}, {@code skill}, and whether it was
     *     {@code stopped}
     */
    public List<Map<String, Object>> ended(
            @Header(OvosConstants.DEVICE) String device,
            @Header(OvosConstants.TYPE) String type,
            @Header(OvosConstants.CONTEXT) Map<String, Object> context,
            @Body Map<String, Object> data) {
        Speech speech = devices.computeIfAbsent(device, first -> new Speech());
        synchronized (speech) {
            long now = System.nanoTime();
            // what is left of a text that never became a sound
            speech.isUnderWay(now);
            return speech.heard(type, data, context, now).stream()
                    .map(SpeechEvents::members)
                    .toList();
        }
    }

    /** Whether a message belongs to the device itself, and to no conversation of somebody else. */
    public boolean isOfDevice(@Header(OvosConstants.CONTEXT) Map<String, Object> context) {
        return BusMessage.isOfDevice(context);
    }

    /** Nobody is there any longer to say what a device was about to say. */
    void forget(String device) {
        devices.remove(device);
    }

    private static Map<String, Object> members(Speech.Ended ended) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("text", ended.text());
        members.put("lang", ended.lang());
        members.put("skill", ended.skill());
        members.put("stopped", ended.stopped());
        return members;
    }
}
