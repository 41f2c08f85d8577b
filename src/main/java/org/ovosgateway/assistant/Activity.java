// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

import org.apache.camel.Header;
import org.ovosgateway.bus.OvosConstants;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * What each assistant is busy with, of which several may be at once; routes call it as the bean {@code activity}, and get
 * the one word for it: listening, else speaking, processing, sleeping, or idle.
 */
@Component("activity")
public class Activity {

    /** Not every utterance is told to have been handled. */
    private static final Duration LONGEST_PROCESSING = Duration.ofSeconds(60);

    /** The one that is said first. */
    private enum Doing {
        LISTENING,
        SPEAKING,
        PROCESSING,
        SLEEPING
    }

    private final LongSupplier nanoTime;
    private final Map<String, Map<Doing, Long>> since = new ConcurrentHashMap<>();

    @Autowired
    Activity() {
        this(System::nanoTime);
    }

    Activity(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * It begins to listen, speak, process or sleep.
     *
     * @param doing {@code listening}, {@code speaking}, {@code processing} or {@code sleeping}
     * @return what it is now
     */
    public String begin(@Header(OvosConstants.DEVICE) String device, String doing) {
        return set(device, doing, true);
    }

    /** It no longer does this. */
    public String end(@Header(OvosConstants.DEVICE) String device, String doing) {
        return set(device, doing, false);
    }

    /** It does this, or not; whatever is not true means not. */
    public String set(@Header(OvosConstants.DEVICE) String device, String doing, Object does) {
        Doing what = Doing.valueOf(doing.toUpperCase(Locale.ROOT));
        Map<Doing, Long> busy = since.computeIfAbsent(device, first -> new EnumMap<>(Doing.class));
        synchronized (busy) {
            if (Boolean.TRUE.equals(does)) {
                busy.put(what, nanoTime.getAsLong());
            } else {
                busy.remove(what);
            }
            return word(busy);
        }
    }

    /** Nothing is known of a device any longer. */
    void forget(String device) {
        since.remove(device);
    }

    private String word(Map<Doing, Long> busy) {
        Long processing = busy.get(Doing.PROCESSING);
        if (processing != null && nanoTime.getAsLong() - processing > LONGEST_PROCESSING.toNanos()) {
            busy.remove(Doing.PROCESSING);
        }
        return busy.isEmpty() ? "idle" : busy.keySet().iterator().next().name().toLowerCase(Locale.ROOT);
    }
}
