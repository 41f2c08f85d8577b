// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.StateDirectory;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What callers have set counts when it is kept, and not before. */
class KalliopeStateTest {

    @TempDir
    private Path folder;

    private static List<Synapse> synapses(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Synapse(
                        "name-" + i,
                        true,
                        List.of(new SynapsePart("order", "words")),
                        List.of(new SynapsePart("say", Map.of("message", "a")))))
                .toList();
    }

    @Test
    void takesNoMoreThanItCanReadAgain() {
        KalliopeState kept = new KalliopeState(new StateDirectory(folder.toString()));
        kept.change(now -> now.with(synapses(SynapseReader.MOST)));

        assertThatThrownBy(() -> kept.change(now -> now.with(synapses(SynapseReader.MOST + 1))))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("Delete some");
        assertThat(new KalliopeState(new StateDirectory(folder.toString())).content())
                .isEqualTo(kept.content());
    }

    @Test
    void overwritesNothingThatItCannotRead() throws IOException {
        Path file = Files.writeString(folder.resolve("kalliope.json"), "{");
        KalliopeState kept = new KalliopeState(new StateDirectory(folder.toString()));

        assertThatThrownBy(() -> kept.change(now -> now.with("mute", true))).isInstanceOf(ProblemException.class);
        assertThat(kept.isTrue("mute")).isFalse();
        assertThat(file).content().isEqualTo("{");
    }
}
