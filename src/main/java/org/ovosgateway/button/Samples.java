// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Messages of buttons by name, such as {@code shelly-gen1-single}; read when somebody asks for one. */
public final class Samples {

    private static final String FILE = "/button/samples.yaml";

    private Samples() {}

    private static final class Known {
        private static final Map<String, Sample> BY_NAME = read();
    }

    /** The sample of this name. */
    public static Optional<Sample> get(String name) {
        return Optional.ofNullable(Known.BY_NAME.get(name));
    }

    /** The names of all samples, family by family. */
    public static Set<String> names() {
        return Known.BY_NAME.keySet();
    }

    private static Map<String, Sample> read() {
        Map<String, Sample> samples = new LinkedHashMap<>();
        try (InputStream in = Samples.class.getResourceAsStream(FILE)) {
            Object yaml = new Load(LoadSettings.builder().setLabel(FILE).build()).loadFromInputStream(in);
            ((Map<?, ?>) yaml).forEach((name, value) -> {
                Map<?, ?> sample = (Map<?, ?>) value;
                samples.put(
                        name.toString(),
                        new Sample(
                                name.toString(),
                                sample.get("family").toString(),
                                sample.get("topic").toString(),
                                sample.get("payload").toString()));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Collections.unmodifiableMap(samples);
    }
}
