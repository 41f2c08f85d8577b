// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.nio.file.Files;
import java.nio.file.Path;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PrintableMessageTest {

    private final Logger logger = new LoggerContext().getLogger("test");

    @Test
    void replacesWhatMovesTheCursorOrTurnsTheLine() {
        assertThat(printed("a\u001B[2Jb\u009Bc\u2028d\u2029e\u202Ef\u2066g\rh")).isEqualTo("a?[2Jb?c?d?e?f?g?h");
    }

    @Test
    void keepsLettersAndTheLinesOfAMessage() {
        assertThat(printed("Küche 寝室\n\tdone")).isEqualTo("Küche 寝室\n\tdone");
    }

    @Test
    void standsInEveryPattern() throws Exception {
        assertThat(Files.readString(Path.of("src/main/resources/logback-spring.xml")))
                .contains(
                        "conversionWord=\"msg\" class=\"" + PrintableMessage.class.getName(),
                        "conversionWord=\"message\" class=\"" + PrintableMessage.class.getName(),
                        "conversionWord=\"m\" class=\"" + PrintableMessage.class.getName());
    }

    private String printed(String message) {
        return new PrintableMessage().convert(new LoggingEvent("", logger, Level.INFO, message, null, null));
    }
}
