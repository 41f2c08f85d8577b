// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A kind of buttons: how its messages are read, and how a repetition of a press is known. */
enum Family {
    /** The i3 reports its last press again and again; only another count is another press. */
    SHELLY_GEN1(Shelly::gen1, Repeats.SAME_AS_LAST, Duration.ZERO, null, Shelly.GEN1_WORDS),
    /** The time of the press is its number. */
    SHELLY_RPC(Shelly::rpc, Repeats.WITHIN_WINDOW, Duration.ofMinutes(10), null, Shelly.RPC_WORDS),
    /** Every gateway in range reports the same packet; its number comes back after 255 others. */
    SHELLY_BLU_SCRIPT(Shelly::bluScript, Repeats.WITHIN_WINDOW, Duration.ofMinutes(1), Duration.ofSeconds(1), Set.of()),
    TASMOTA(Tasmota::action, Repeats.NOT_KNOWN, Duration.ZERO, null, Tasmota.WORDS),
    TASMOTA_TOPIC(Tasmota::topic, Repeats.NOT_KNOWN, Duration.ZERO, null, Tasmota.WORDS),
    ZIGBEE2MQTT(Zigbee2Mqtt::presses, Repeats.NOT_KNOWN, Duration.ZERO, null, null),
    ESPHOME_EVENT(Esphome::event, Repeats.NOT_KNOWN, Duration.ZERO, null, null),
    ESPHOME_BINARY(Esphome::binary, Repeats.SAME_AS_LAST, Duration.ZERO, null, Set.of()),
    THEENGS(Radio::theengs, Repeats.WITHIN_WINDOW, Duration.ofMinutes(1), Duration.ofSeconds(1), Set.of()),
    /** A remote sends its code several times within about a second. */
    RADIO433(Radio::code, Repeats.NOT_KNOWN, Duration.ZERO, Duration.ofSeconds(1), null),
    AWS(Aws::presses, Repeats.WITHIN_WINDOW, Duration.ofMinutes(10), null, Set.of()),
    /** Its decoder is made for each endpoint: see {@link Generic}. */
    TEXT(null, Repeats.NOT_KNOWN, Duration.ZERO, null, null),
    JSON(null, Repeats.NOT_KNOWN, Duration.ZERO, null, null);

    private final Decoder decoder;
    private final Repeats repeats;
    private final Duration window;
    private final Duration echo;
    private final Set<String> words;

    /**
     * @param window for how long a number is that of one press
     * @param echo for how long the same gesture without a number is one press; null: as everywhere
     * @param words what its buttons say beside the usual gestures; null: anything
     */
    Family(Decoder decoder, Repeats repeats, Duration window, Duration echo, Set<String> words) {
        this.decoder = decoder;
        this.repeats = repeats;
        this.window = window;
        this.echo = echo;
        this.words = words;
    }

    /** How a repetition is known. */
    enum Repeats {
        /** The source sends nothing that tells. */
        NOT_KNOWN,
        /** It has the key of the press before. */
        SAME_AS_LAST,
        /** It has the key of a press within the window. */
        WITHIN_WINDOW
    }

    static Family of(String name) {
        return Arrays.stream(values())
                .filter(family -> family.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no family of buttons '%s'; there are %s"
                        .formatted(
                                name,
                                Arrays.stream(values()).map(Family::toString).collect(Collectors.joining(", ")))));
    }

    /** Reads messages of this family; path and values are for the generic ones only. */
    Decoder decoder(String path, String values) {
        return switch (this) {
            case TEXT -> new Generic(values, null)::text;
            case JSON -> new Generic(values, path)::json;
            default -> decoder;
        };
    }

    Repeats repeats() {
        return repeats;
    }

    Duration window() {
        return window;
    }

    Duration echo() {
        return echo;
    }

    /** Whether a press goes on being sent for a while. */
    boolean sendsOn() {
        return echo != null;
    }

    /** Whether its buttons can say this; of a family whose words are anybody's choice, all. */
    boolean knows(String word) {
        return words == null
                || Stream.concat(Gesture.words().stream(), words.stream()).anyMatch(word::equalsIgnoreCase);
    }

    /** What its buttons say beside the usual gestures; null: anything. */
    Set<String> words() {
        return words;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
