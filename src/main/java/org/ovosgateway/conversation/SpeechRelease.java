// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.util.function.BooleanSupplier;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.ovosgateway.Json;
import org.ovosgateway.bus.Device;

/** Ends the wait of a skill for the end of its speech, as nobody plays it. On the event loop of the device only. */
final class SpeechRelease {

    private static final String END_OF_SPEECH = "recognizer_loop:audio_output_end";

    /** A skill may begin to wait after the first of these messages. */
    private static final long[] AGAIN_MS = {300, 1_500};

    private final Device device;
    private final BooleanSupplier isWanted;
    private long count;

    /** @param isWanted whether there may still be one who waits */
    SpeechRelease(Device device, BooleanSupplier isWanted) {
        this.device = device;
        this.isWanted = isWanted;
    }

    /** A skill has spoken in this session. */
    void release(ObjectNode session) {
        long number = ++count;
        send(session);
        for (long delay : AGAIN_MS) {
            device.vertx()
                    .setTimer(
                            delay,
                            timer -> device.onContext(() -> {
                                if (count == number && isWanted.getAsBoolean()) {
                                    send(session);
                                }
                            }));
        }
    }

    private void send(ObjectNode session) {
        device.tellIn(session, END_OF_SPEECH, Json.PLAIN.createObjectNode(), device.nextRequestId());
    }
}
