// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.security.crypto.bcrypt.BCrypt;

import static org.assertj.core.api.Assertions.assertThat;

class PasswordsTest {

    private final AtomicLong rounds = new AtomicLong();
    private Path file;

    @BeforeEach
    void choose(@TempDir Path folder) {
        file = folder.resolve("users.json");
    }

    @ParameterizedTest
    @CsvSource({
        "nobody, right",
        "nobody, wrong",
        "cheap, wrong",
        "middle, wrong",
        "dear, wrong",
        "cheap-inactive, right",
        "cheap-inactive, wrong",
        "dear-inactive, right"
    })
    void spendsTheSameNumberOfRoundsOnEveryRefusal(String user, String password) throws IOException {
        Files.writeString(
                file,
                "[" + entry("cheap", 4, true) + "," + entry("middle", 5, true) + "," + entry("dear", 7, true) + ","
                        + entry("cheap-inactive", 4, false) + "," + entry("dear-inactive", 7, false) + "]");

        assertThat(counting().verify(user, password)).isEmpty();

        assertThat(rounds).hasValue(1 << 7);
    }

    @Test
    void spendsRoundsEvenWithoutUsers() throws IOException {
        Files.writeString(file, "[]");

        assertThat(counting().verify("ada", "right")).isEmpty();

        assertThat(rounds).hasValue(1 << 12);
    }

    @Test
    void acceptsTheRightPassword() throws IOException {
        Files.writeString(file, "[" + entry("ada", 4, true) + "]");

        assertThat(new Passwords(new Users(file)).verify("ada", "right")).isPresent();
        assertThat(new Passwords(new Users(file)).verify("ada", "right ")).isEmpty();
        assertThat(new Passwords(new Users(file)).verify("nobody", "right")).isEmpty();
    }

    /** The hashes are of libxcrypt. */
    @ParameterizedTest
    @ValueSource(strings = {"$2a$", "$2b$", "$2y$"})
    void checksEachVariantOfBcrypt(String variant) throws IOException {
        String hash = variant + "04$abcdefghijklmnopqrstuusZEcyUe3/KBlv/WpxH/5anfetR3jc1.";
        Files.writeString(file, "[{\"user\":\"ada\",\"password\":\"" + hash + "\",\"active\":true}]");

        assertThat(new Passwords(new Users(file)).verify("ada", "correct hörse 1"))
                .isPresent();
        assertThat(new Passwords(new Users(file)).verify("ada", "correct horse 1"))
                .isEmpty();
    }

    @Test
    void hashesAsTheOriginalDoes() {
        String hash = Passwords.hash("correct horse");

        assertThat(hash).startsWith("$2b$12$").hasSize(60);
        assertThat(BCrypt.checkpw("correct horse", hash)).isTrue();
    }

    private Passwords counting() {
        return new Passwords(new Users(file), (password, hash) -> {
            rounds.addAndGet(1L << Integer.parseInt(hash.substring(4, 6)));
            return BCrypt.checkpw(password, hash);
        });
    }

    private static String entry(String user, int cost, boolean active) {
        return "{\"user\":\"%s\",\"password\":\"%s\",\"active\":%s}".formatted(user, Gate.hash("right", cost), active);
    }
}
