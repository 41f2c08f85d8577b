// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** What clients of the Wyoming protocol can ask for, by the names that it has in {@code info}. */
enum Service {
    HANDLE("handle", "models"),
    ASR("asr", "models"),
    TTS("tts", "voices");

    private final String label;
    private final String artifacts;

    Service(String label, String artifacts) {
        this.label = label;
        this.artifacts = artifacts;
    }

    String label() {
        return label;
    }

    /** The member of {@code info} that lists what the service can do. */
    String artifacts() {
        return artifacts;
    }

    static Optional<Service> of(String label) {
        return Arrays.stream(values())
                .filter(service -> service.label.equals(label))
                .findFirst();
    }

    static String labels() {
        return Arrays.stream(values()).map(Service::label).collect(Collectors.joining(", "));
    }
}
