// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class KeyProofTest {

    private static final String HELLO = "{\"operation\":\"hello\"}";
    private static final String OF_HELLO = "8ca42b0e4a488f050bbaf9af0609882759088c22a190b0e39502af877d16f7f1";

    private final KeyProof proof = new KeyProof("the key");

    /** The same line stands in companion/tests/test_companion.py. */
    @Test
    void isThatOfTheSkill() {
        assertThat(proof.of("ovos.gateway.companion", "id-00001", "challenge-1", HELLO))
                .isEqualTo(OF_HELLO);
    }

    @Test
    void holdsForNothingElse() {
        String type = "ovos.gateway.companion";

        assertThat(proof.holds(OF_HELLO, type, "id-00001", "challenge-1", HELLO))
                .isTrue();
        assertThat(proof.holds(OF_HELLO, type + ".response", "id-00001", "challenge-1", HELLO))
                .isFalse();
        assertThat(proof.holds(OF_HELLO, type, "id-00002", "challenge-1", HELLO))
                .isFalse();
        assertThat(proof.holds(OF_HELLO, type, "id-00001", "challenge-2", HELLO))
                .isFalse();
        assertThat(proof.holds(OF_HELLO, type, "id-00001", "challenge-1", HELLO + " "))
                .isFalse();
        assertThat(proof.holds("", type, "id-00001", "challenge-1", HELLO)).isFalse();
        assertThat(new KeyProof("other").holds(OF_HELLO, type, "id-00001", "challenge-1", HELLO))
                .isFalse();
    }
}
