// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class KeyProofTest {

    private static final String HELLO = "{\"operation\":\"hello\"}";
    private static final String OF_HELLO = "5cb791060e685e98007f518b8188a3c4accbf164238bb244f9cc72510f492d80";

    private final KeyProof proof = new KeyProof("the key");

    /** The same line stands in companion/tests/test_companion.py. */
    @Test
    void isThatOfTheSkill() {
        assertThat(proof.of("ovos.gateway.companion", "id-00001", 1_700_000_000_000L, HELLO))
                .isEqualTo(OF_HELLO);
    }

    @Test
    void holdsForNothingElse() {
        String type = "ovos.gateway.companion";

        assertThat(proof.holds(OF_HELLO, type, "id-00001", 1_700_000_000_000L, HELLO))
                .isTrue();
        assertThat(proof.holds(OF_HELLO, type + ".response", "id-00001", 1_700_000_000_000L, HELLO))
                .isFalse();
        assertThat(proof.holds(OF_HELLO, type, "id-00002", 1_700_000_000_000L, HELLO))
                .isFalse();
        assertThat(proof.holds(OF_HELLO, type, "id-00001", 1_700_000_000_001L, HELLO))
                .isFalse();
        assertThat(proof.holds(OF_HELLO, type, "id-00001", 1_700_000_000_000L, HELLO + " "))
                .isFalse();
        assertThat(proof.holds("", type, "id-00001", 1_700_000_000_000L, HELLO)).isFalse();
        assertThat(new KeyProof("other").holds(OF_HELLO, type, "id-00001", 1_700_000_000_000L, HELLO))
                .isFalse();
    }
}
