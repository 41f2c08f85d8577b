// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.StateDirectory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@ExtendWith(OutputCaptureExtension.class)
class SigningKeysTest {

    private Path folder;
    private StateDirectory state;

    @BeforeEach
    void choose(@TempDir Path folder) {
        this.folder = folder;
        this.state = new StateDirectory(folder.resolve("deep/state").toString());
    }

    @Test
    void takesTheSecretLiterally() {
        assertThat(keys("a]ajmffdrtj4r#2meSw$v0123456789012", "").current().getEncoded())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("a]ajmffdrtj4r#2meSw$v0123456789012");
        assertThat(state.file("secret")).doesNotExist();
    }

    @Test
    void refusesAShortSecretAndSaysHowToMakeOne() {
        String secret = "a]ajmffdrtj4r#2meSw$v";

        assertThatThrownBy(() -> keys(secret, "")).isInstanceOfSatisfying(InvalidConfigurationException.class, e -> {
            assertThat(e.getMessage()).contains("SECRET", "168 bits", "256").doesNotContain(secret);
            assertThat(e.remedy()).contains("openssl rand -base64 48").doesNotContain(secret);
        });
        assertThatThrownBy(() -> keys(Gate.SECRET, secret)).hasMessageContaining("PREVIOUS_SECRET");
        assertThatThrownBy(() -> keys("x".repeat(31), "")).hasMessageContaining("248 bits");
    }

    @Test
    void countsBytesNotCharacters() {
        assertThat(keys("é".repeat(16), "").current().getEncoded()).hasSize(32);
    }

    @Test
    void makesASecretAndKeepsItForTheOwnerOnly(CapturedOutput output) throws IOException {
        byte[] made = keys("", "").current().getEncoded();

        assertThat(made).hasSizeGreaterThanOrEqualTo(48);
        assertThat(keys(" ", "").current().getEncoded()).isEqualTo(made);
        assertThat(rights(state.file("secret"))).isEqualTo("rw-------");
        assertThat(rights(Path.of(state.state()))).isEqualTo("rwx------");
        assertThat(output.getAll()).contains("made one").doesNotContain(new String(made, StandardCharsets.US_ASCII));
    }

    @Test
    void makesAnotherSecretEachTime(@TempDir Path elsewhere) {
        var other = new SigningKeys(
                Gate.properties(folder, "", ""),
                new StateDirectory(elsewhere.resolve("state").toString()));

        assertThat(keys("", "").current().getEncoded())
                .isNotEqualTo(other.current().getEncoded());
    }

    @Test
    void takesTheRightsOfOthersFromTheSecret(CapturedOutput output) throws IOException {
        keys("", "");
        Files.setPosixFilePermissions(state.file("secret"), PosixFilePermissions.fromString("rw-r--r--"));

        keys("", "");

        assertThat(rights(state.file("secret"))).isEqualTo("rw-------");
        assertThat(output.getAll()).contains("could be read by others");
    }

    @Test
    void refusesAKeptSecretThatWasCutShort() throws IOException {
        keys("", "");
        Files.writeString(state.file("secret"), "short");

        assertThatThrownBy(() -> keys("", ""))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining(state.file("secret").toString());
    }

    @Test
    void makesASecretForThisRunWhereItCannotKeepOneAndKeepsItWhenItCan(CapturedOutput output) throws IOException {
        Path obstacle = folder.resolve("deep");
        Files.writeString(obstacle, "a file where the directory should be");

        byte[] made = keys("", "").current().getEncoded();

        assertThat(output.getAll()).contains("ovos.state").doesNotContain(new String(made, StandardCharsets.US_ASCII));
        assertThat(state.check()).isPresent();
        Files.delete(obstacle);
        assertThat(state.check()).isEmpty();
        assertThat(keys("", "").current().getEncoded()).isEqualTo(made);
    }

    @Test
    void leavesASecretThatItCannotReadAsItIs(CapturedOutput output) throws IOException {
        Path file = state.file("secret");
        Files.createDirectories(file);

        assertThat(keys("", "").current().getEncoded()).hasSizeGreaterThanOrEqualTo(48);

        assertThat(output.getAll()).contains(file + " cannot be read");
        assertThat(file).isDirectory();
        assertThat(state.check())
                .hasValueSatisfying(reason -> assertThat(reason).contains("cannot be read"));
    }

    private SigningKeys keys(String secret, String previous) {
        return new SigningKeys(Gate.properties(folder, secret, previous), state);
    }

    private static String rights(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
