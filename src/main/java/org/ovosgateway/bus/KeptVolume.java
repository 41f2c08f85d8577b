// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.util.Set;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;

/**
 * Keeps the volume of one device what its owner wants it to be, though the listener changes it.
 *
 * <p>The listener lowers the volume while it records, and sets the one that it remembers at the end. It forgets to when the
 * recording is ended from outside, and when it hears its wake word asleep; and it does not know how loud it is where the
 * plugin of the volume has a limit.
 */
final class KeptVolume {

    private static final Set<String> HEARD = Set.of(
            "mycroft.volume.set",
            "mycroft.volume.increase",
            "mycroft.volume.decrease",
            "mycroft.volume.get.response",
            "volume.set.percent",
            "recognizer_loop:record_begin",
            "recognizer_loop:record_end",
            "recognizer_loop:state");

    private static final String LISTENER = "dinkum-listener";

    /** For how long what the plugin announces may come of what was told: it is true anyway. */
    private static final long EFFECT_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Asleep, the listener waits ten seconds for the words that wake it up, and then sleeps again. */
    private static final long SLEEPS_ON_MS = 1_000;

    private final Device device;

    // on the context of the connection only
    private Double level;
    private Double ofListener;
    private boolean lowered;
    private Double remembered;
    private long telling = System.nanoTime();
    private long asleepTimer = -1;

    KeptVolume(Device device) {
        this.device = device;
        device.subscribe(name -> HEARD.contains(name.old()), this::heard);
        device.onLink(up -> {
            lowered = false;
            ofListener = null;
            remembered = null;
        });
    }

    /**
     * Tells the device what may end a recording.
     *
     * @return completed with the echo of the message; what follows it is not waited for
     */
    Future<BusMessage> tell(String type, ObjectNode data) {
        return device.tell(type, data).onSuccess(echo -> toldOrAsked());
    }

    /** What {@link #tell} does after the echo, for a message that is a question: after its answer. */
    void toldOrAsked() {
        device.onContext(this::giveBack);
    }

    private void giveBack() {
        if (lowered) {
            if (level == null) {
                device.report(
                        "volume-lowered",
                        "The loudspeaker may be too quiet: listening was ended, and how loud it was before is not known."
                                + " Set the volume.");
                return;
            }
            lowered = false;
            device.tellAside("mycroft.volume.set", percent(level).put("play_sound", false));
        }
    }

    private void askIfAsleep() {
        device.vertx().cancelTimer(asleepTimer);
        asleepTimer = device.vertx().setTimer(SLEEPS_ON_MS, timer -> {
            if (lowered) {
                device.tellAside("recognizer_loop:state.get", BusMessage.JSON.createObjectNode());
            }
        });
    }

    private void heard(BusMessage message) {
        JsonNode told = message.data().path("percent");
        Double percent = told.isNumber() ? (Double) Math.max(0, Math.min(1, told.doubleValue())) : null;
        switch (message.type()) {
            case "mycroft.volume.increase", "mycroft.volume.decrease" -> {
                // ours: with its echo, so that nothing of the effect is heard before
                if (device.sent(message)) {
                    telling = System.nanoTime() + EFFECT_NANOS;
                }
            }
            case "mycroft.volume.set" -> {
                if (!device.sent(message)) {
                    device.countCommand(message.type());
                }
                if (LISTENER.equals(message.context().path("skill_id").asText())) {
                    ofListener = percent;
                } else if (percent != null) {
                    level = percent;
                }
            }
            case "volume.set.percent" -> {
                if (percent != null) {
                    level = percent;
                    remembered = percent;
                }
            }
            case "mycroft.volume.get.response" -> announced(percent, message);
            case "recognizer_loop:record_begin" -> {
                lowered = ofListener != null;
                ofListener = null;
                telling = System.nanoTime();
                askIfAsleep();
            }
            case "recognizer_loop:state" -> {
                if (message.data().path("state").asText().equals("sleeping")) {
                    giveBack();
                } else if (message.data().path("state").asText().equals("wake_up")) {
                    askIfAsleep();
                }
            }
            default -> {
                lowered = false;
                if (ofListener != null) {
                    level = ofListener;
                    remembered = ofListener;
                    ofListener = null;
                }
            }
        }
    }

    /** A plugin that does not tell whether it is muted says 0 then. */
    private void announced(Double percent, BusMessage message) {
        boolean silenced =
                percent == null || percent == 0 || message.data().path("muted").asBoolean();
        if (silenced || lowered || ofListener != null) {
            return;
        }
        level = percent;
        if (System.nanoTime() - telling < 0 && !percent.equals(remembered)) {
            remembered = percent;
            device.tellAside("volume.set.percent", percent(percent));
        }
    }

    /** In whole hundredths, and never a bit below one: Python cuts off what is behind the point. */
    private static ObjectNode percent(double level) {
        long hundredths = Math.round(level * 100);
        double percent = hundredths / 100.0;
        return BusMessage.JSON
                .createObjectNode()
                .put("percent", percent * 100 < hundredths ? Math.nextUp(percent) : percent);
    }
}
