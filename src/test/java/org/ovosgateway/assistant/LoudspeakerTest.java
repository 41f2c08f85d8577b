// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What the plugins for PulseAudio and ALSA mean by what they tell. */
class LoudspeakerTest {

    private static final Map<String, Object> LISTENER = Map.of("skill_id", "dinkum-listener");

    private long now;
    private final Loudspeaker loudspeaker = new Loudspeaker(() -> now);

    private String heard(String type, Map<String, Object> context, Map<String, Object> data) {
        Loudspeaker.Known known = loudspeaker.heard("default", type, context, data);
        return known.level() + (known.muted() == null ? "" : known.muted() ? " muted" : " loud");
    }

    private String heard(String type) {
        return heard(type, Map.of(), Map.of());
    }

    private String told(double percent) {
        return heard("mycroft.volume.get.response", Map.of(), Map.of("percent", percent));
    }

    private String told(double percent, boolean muted) {
        return heard("mycroft.volume.get.response", Map.of(), Map.of("percent", percent, "muted", muted));
    }

    @Test
    void levelAndMuteOfPulseAudioAreApart() {
        assertThat(told(0.4)).isEqualTo("0.4");

        assertThat(heard("mycroft.volume.mute")).isEqualTo("0.4");
        // asked before
        assertThat(told(0.4)).isEqualTo("0.4");
        assertThat(told(0)).isEqualTo("0.4 muted");
        assertThat(told(0.4)).isEqualTo("0.4 muted");
        heard("mycroft.volume.set", Map.of(), Map.of("percent", 0.6));
        assertThat(told(0.6)).isEqualTo("0.6 muted");
        heard("mycroft.volume.unmute");
        assertThat(told(0.6)).isEqualTo("0.6 loud");
        assertThat(told(0)).isEqualTo("0.0 loud");
    }

    @Test
    void aToggleMeansTheOther() {
        told(0.4);
        heard("mycroft.volume.mute.toggle");
        assertThat(told(0)).isEqualTo("0.4 muted");
        heard("mycroft.volume.mute.toggle");
        assertThat(told(0.4)).isEqualTo("0.4 loud");
        heard("mycroft.volume.mute.toggle");
        assertThat(told(0.4)).isEqualTo("0.4 loud");
        assertThat(told(0)).isEqualTo("0.4 muted");
    }

    @Test
    void alsaSaysItself() {
        assertThat(told(0.4, false)).isEqualTo("0.4 loud");
        heard("mycroft.volume.mute");
        assertThat(told(0.4, true)).isEqualTo("0.4 muted");
        assertThat(told(0, true)).isEqualTo("0.0 muted");
        heard("mycroft.volume.set");
        assertThat(told(0.6, false)).isEqualTo("0.6 loud");
    }

    @Test
    void whatTheListenerLowersIsNotTheVolume() {
        told(0.7);
        heard("mycroft.volume.set", LISTENER, Map.of("percent", 0.3));
        assertThat(told(0.2999)).isEqualTo("0.7");
        heard("recognizer_loop:record_begin");
        assertThat(told(0.3)).isEqualTo("0.7");
        // somebody turns it up meanwhile
        assertThat(told(0.8)).isEqualTo("0.8");

        heard("mycroft.volume.set", LISTENER, Map.of("percent", 0.7));
        assertThat(told(0.7)).isEqualTo("0.7");
        heard("recognizer_loop:record_end");
        heard("mycroft.volume.set", Map.of(), Map.of("percent", 0.3));
        assertThat(told(0.3)).isEqualTo("0.3");
    }

    @Test
    void whoAsksIsToldWhatItGetsBack() {
        assertThat(asked(0.3)).isEqualTo(0.3);
        told(0.7);
        heard("mycroft.volume.set", LISTENER, Map.of("percent", 0.3));
        assertThat(asked(0.2999)).isEqualTo(0.7);
        assertThat(asked(0.8)).isEqualTo(0.8);

        heard("recognizer_loop:record_begin");
        heard("recognizer_loop:record_end");
        assertThat(asked(0.3)).isEqualTo(0.3);
    }

    private Object asked(double percent) {
        return loudspeaker.asSet("default", Map.of("percent", percent)).get("percent");
    }

    @Test
    void whatIsLeftLowIsTheVolume() {
        told(0.7);
        heard("mycroft.volume.set", LISTENER, Map.of("percent", 0.3));
        assertThat(told(0.3)).isEqualTo("0.7");

        now += Duration.ofSeconds(61).toNanos();
        assertThat(told(0.3)).isEqualTo("0.3");
    }

    @Test
    void theSameLevelMayBeLowered() {
        told(0.3);
        heard("mycroft.volume.set", LISTENER, Map.of("percent", 0.3));
        heard("recognizer_loop:record_begin");
        assertThat(told(0.3)).isEqualTo("0.3");
        // once more while it records
        heard("mycroft.volume.set", LISTENER, Map.of("percent", 0.3));
        heard("recognizer_loop:record_begin");
        heard("mycroft.volume.set", LISTENER, Map.of("percent", 0.7));
        heard("recognizer_loop:record_end");
        assertThat(told(0.7)).isEqualTo("0.7");
    }

    @Test
    void nonsenseIsUnknown() {
        told(0.4, true);

        assertThat(heard("mycroft.volume.get.response", Map.of(), Map.of("percent", "loud")))
                .isEqualTo("null");
    }
}
