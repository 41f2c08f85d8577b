// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.DataInputStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MainTest {

    /** The version of a class file since Java 8. */
    private static final int JAVA_8 = 52;

    @Test
    void canBeReadByJava8() throws Exception {
        try (var in = new DataInputStream(Main.class.getResourceAsStream("Main.class"))) {
            assertThat(in.readInt()).isEqualTo(0xCAFEBABE);
            in.readUnsignedShort();
            assertThat(in.readUnsignedShort()).isEqualTo(JAVA_8);
        }
    }

    @Test
    void saysInThreeLinesWhatIsNeededAndWhatWasFound() {
        assertThat(Main.refusal("1.8", "1.8.0_412", "/opt/jdk8").lines())
                .hasSize(3)
                .contains("It needs Java 17 or newer, and this is Java 1.8.0_412 in /opt/jdk8.");
        assertThat(Main.refusal("11", "11.0.2", "/opt/jdk11")).contains("this is Java 11.0.2");
        assertThat(Main.refusal("16", "16", "/opt")).isNotNull();
        assertThat(Main.refusal("17", "17.0.15", "/opt")).isNull();
        assertThat(Main.refusal("25", "25.0.1", "/opt")).isNull();
    }
}
