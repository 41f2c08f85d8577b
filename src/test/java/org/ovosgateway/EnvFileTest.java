// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

class EnvFileTest {

    private Path file;

    @BeforeEach
    void choose(@TempDir Path folder) {
        file = folder.resolve(".env");
    }

    /** With the characters of the example that comes with ovos-api. */
    @Test
    void readsTheFileOfTheOriginal() throws IOException {
        Files.writeString(file, """
                SECRET="a]ajmffdrtj4r#2meSw$v"
                WS_HOST="mark2.home.lan"
                WS_PORT="8181"
                API_KEY="#%$h64tenayjqDSB67cwCcev44!313"
                USERS_DB="/users.json"
                """);

        assertThat(EnvFile.read(file))
                .containsExactly(
                        entry("SECRET", "a]ajmffdrtj4r#2meSw$v"),
                        entry("WS_HOST", "mark2.home.lan"),
                        entry("WS_PORT", "8181"),
                        entry("API_KEY", "#%$h64tenayjqDSB67cwCcev44!313"),
                        entry("USERS_DB", "/users.json"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "A=1|1",
                "A = 1|1",
                "export A=1|1",
                "  A=1  |1",
                "A=|``",
                "A=\"\"|``",
                "A=''|``",
                "A='1'|1",
                "A=\"it's\"|it's",
                "A=\" 1 \"|` 1 `",
                "A=\"a\"b\"|a\"b",
                "A=a\"b|a\"b",
                "A=b=c==|b=c==",
                "A=#1|#1",
                "A=1 # 2|1 # 2",
                "A=${B}|${B}",
                "A=\\n|\\n",
                "A=é|é"
            })
    void takesAValueLiterally(String line, String value) throws IOException {
        Files.writeString(file, line);

        assertThat(EnvFile.read(file)).containsExactly(entry("A", value));
    }

    @Test
    void skipsBlankLinesAndComments() throws IOException {
        Files.writeString(file, "\uFEFF# first\r\n\r\nA=1\r\n   # indented = comment\r\n\t\nB=2");

        assertThat(EnvFile.read(file)).containsExactly(entry("A", "1"), entry("B", "2"));
    }

    @Test
    void takesTheLastOfARepeatedKey() throws IOException {
        Files.writeString(file, "A=1\nA=2\n");

        assertThat(EnvFile.read(file)).containsExactly(entry("A", "2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3cr3t",
                "=s3cr3t",
                "A B=s3cr3t",
                "1A=s3cr3t",
                "A:s3cr3t",
                "A=\"s3cr3t",
                "A='s3cr3t\"",
                "A=\"",
                "A=\"s3cr3t\" # comment"
            })
    void namesTheLineThatIsMalformedAndNotWhatIsInIt(String line) throws IOException {
        Files.writeString(file, "# comment\nA=1\n" + line + "\n");

        assertThatThrownBy(() -> EnvFile.read(file))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining(file + ", line 3 ")
                .hasMessageNotContaining("s3cr3t");
    }

    @Test
    void refusesAFileThatIsNotUtf8() throws IOException {
        Files.write(file, new byte[] {'A', '=', (byte) 0xff});

        assertThatThrownBy(() -> EnvFile.read(file))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("UTF-8");
    }

    @Test
    void refusesAFileThatCanNotBeRead() {
        assertThatThrownBy(() -> EnvFile.read(file.getParent()))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("cannot be read");
    }
}
