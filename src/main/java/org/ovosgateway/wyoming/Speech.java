// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.vertx.core.buffer.Buffer;
import org.ovosgateway.wyoming.WyomingConsumer.Answer;

/** Samples of 16 bits, event by event. */
final class Speech {

    private static final int WIDTH = 2;
    private static final int FRAMES = 2048;
    private static final long MILLIS = 1_000;
    private static final Pattern FORMAT = Pattern.compile("audio/pcm;rate=(\\d{1,6});channels=(\\d)");
    private static final Pattern VOICE = Pattern.compile("[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}");

    private final byte[] samples;
    private final int rate;
    private final int channels;
    private int at;
    private boolean begun;
    private boolean over;

    private Speech(byte[] samples, int rate, int channels) {
        this.samples = samples;
        this.rate = rate;
        this.channels = channels;
    }

    /** Whether this is the name of one of the voices that {@link Info} tells: its language. */
    static boolean isVoice(String name) {
        return name != null && VOICE.matcher(name).matches();
    }

    /** @throws IllegalStateException where the route has made something else of the text */
    static Speech of(Answer answer) {
        Matcher format = FORMAT.matcher(String.valueOf(answer.contentType()));
        if (!(answer.body() instanceof byte[] samples) || !format.matches()) {
            throw new IllegalStateException("a route that begins with wyoming:tts has to end with transcode:pcm");
        }
        return new Speech(samples, Integer.parseInt(format.group(1)), Integer.parseInt(format.group(2)));
    }

    int size() {
        return samples.length;
    }

    /** The next event as it is sent; null after the last. */
    Buffer next() {
        if (!begun) {
            begun = true;
            return event("audio-start").encoded();
        }
        if (at < samples.length) {
            int from = at;
            int length = Math.min(FRAMES * WIDTH * channels, samples.length - from);
            Event chunk = event("audio-chunk");
            at += length;
            return chunk.encoded(samples, from, length);
        }
        if (over) {
            return null;
        }
        over = true;
        Event stop = new Event("audio-stop");
        stop.data().put("timestamp", timestamp());
        return stop.encoded();
    }

    private Event event(String type) {
        Event event = new Event(type);
        event.data()
                .put("rate", rate)
                .put("width", WIDTH)
                .put("channels", channels)
                .put("timestamp", timestamp());
        return event;
    }

    private long timestamp() {
        return at / (WIDTH * channels) * MILLIS / rate;
    }
}
