// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** A kind of buttons: how its messages are read, and how a repetition of a press is known. */
enum Family {
    /** The i3 tells its last press again and again; only another count is another press. */
    SHELLY_GEN1(Shelly::gen1, Repeats.SAME_AS_LAST, Duration.ZERO),
    /** The time of the press is its number. */
    SHELLY_RPC(Shelly::rpc, Repeats.WITHIN_WINDOW, Duration.ofMinutes(10)),
    /** Every gateway in range tells of the same packet; its number comes back after 255 others. */
    SHELLY_BLU_SCRIPT(Shelly::bluScript, Repeats.WITHIN_WINDOW, Duration.ofSeconds(5)),
    TASMOTA(Tasmota::action, Repeats.NOT_KNOWN, Duration.ZERO),
    TASMOTA_TOPIC(Tasmota::topic, Repeats.NOT_KNOWN, Duration.ZERO),
    ZIGBEE2MQTT(Zigbee2Mqtt::presses, Repeats.NOT_KNOWN, Duration.ZERO),
    ESPHOME_EVENT(Esphome::event, Repeats.NOT_KNOWN, Duration.ZERO),
    ESPHOME_BINARY(Esphome::binary, Repeats.SAME_AS_LAST, Duration.ZERO),
    THEENGS(Radio::theengs, Repeats.WITHIN_WINDOW, Duration.ofSeconds(5)),
    /** A remote sends its code several times within about a second. */
    RADIO433(Radio::code, Repeats.WITHIN_WINDOW, Duration.ofSeconds(1)),
    AWS(Aws::presses, Repeats.WITHIN_WINDOW, Duration.ofMinutes(10)),
    /** Its decoder is made for each endpoint: see {@link Generic}. */
    TEXT(null, Repeats.NOT_KNOWN, Duration.ZERO),
    JSON(null, Repeats.NOT_KNOWN, Duration.ZERO);

    private final Decoder decoder;
    private final Repeats repeats;
    private final Duration window;

    Family(Decoder decoder, Repeats repeats, Duration window) {
        this.decoder = decoder;
        this.repeats = repeats;
        this.window = window;
    }

    /** How a repetition is known. */
    enum Repeats {
        /** The source sends nothing that tells. */
        NOT_KNOWN,
        /** It has the key of the press before. */
        SAME_AS_LAST,
        /** It has the key of a press within the window; without keys, it is the same within the window. */
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

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
