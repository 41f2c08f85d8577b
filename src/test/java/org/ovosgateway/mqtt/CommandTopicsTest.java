// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CommandTopicsTest {

    @Test
    void readsWhatIsOnTheWire() {
        assertThat(CommandTopics.content("")).isNull();
        assertThat(CommandTopics.content(" \n")).isNull();
        assertThat(CommandTopics.content("\uFEFF")).isNull();
        assertThat(CommandTopics.content("\"\"")).isNull();
        assertThat(CommandTopics.content("\uFEFF{\"a\":1}")).isEqualTo(Map.of("a", 1));
        assertThat(CommandTopics.content(" {\"a\":1} ")).isEqualTo(Map.of("a", 1));
        assertThat(CommandTopics.content("\uFEFF55")).isEqualTo("55");
        assertThat(CommandTopics.content("\"Dinner is ready\"")).isEqualTo("Dinner is ready");
        assertThat(CommandTopics.content("\"Yes\" or \"no\"")).isEqualTo("\"Yes\" or \"no\"");
        assertThat(CommandTopics.content("Dinner is ready")).isEqualTo("Dinner is ready");
    }
}
