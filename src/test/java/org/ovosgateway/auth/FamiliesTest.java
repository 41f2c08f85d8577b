// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.StateDirectory;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class FamiliesTest {

    private final Gate.Turnable clock = new Gate.Turnable();
    private StateDirectory state;
    private AuthProperties properties;
    private Path file;

    @BeforeEach
    void open(@TempDir Path folder) {
        state = new StateDirectory(folder.resolve("state").toString());
        properties = Gate.properties(folder, Gate.SECRET, "");
        file = state.file("logins.jsonl");
    }

    @Test
    void takesNoRoomForALoginThatIsOnlyUsed() {
        assertThat(families().confirm("kitchen", "1")).isTrue();
        assertThat(file).doesNotExist();
    }

    @Test
    void writesNothingMoreForALoginThatHasEnded() throws IOException {
        var families = families();
        families.end("kitchen");
        long size = Files.size(file);

        assertThat(families.confirm("kitchen", "1")).isFalse();

        assertThat(file).hasSize(size);
    }

    @Test
    void dropsWhatNoTokenIsLeftFor() throws IOException {
        families().end("kitchen");
        clock.turn(Duration.ofHours(6).plusSeconds(2));

        families();

        assertThat(file).isEmptyFile();
    }

    @Test
    void keepsWhatATokenMayStillBeLeftFor() {
        families().end("kitchen");
        clock.turn(Duration.ofHours(6));

        assertThat(families().ended("kitchen", clock.instant())).isTrue();
    }

    @Test
    void staysSmallHoweverOftenALoginIsRotated() throws IOException {
        var families = families();
        for (int i = 0; i < 3_000; i++) {
            assertThat(families.advance("kitchen", Integer.toString(i), Integer.toString(i + 1)))
                    .isTrue();
        }

        try (var lines = Files.lines(file)) {
            assertThat(lines.count()).isLessThan(1_100);
        }
        assertThat(families().confirm("kitchen", "3000")).isTrue();
    }

    @Test
    void ignoresALineThatWasCutOffWhileItWasWritten() throws IOException {
        families().end("kitchen");
        Files.writeString(file, "{\"family\":\"phone\",\"si", StandardOpenOption.APPEND);

        var families = families();

        assertThat(families.ended("kitchen", clock.instant())).isTrue();
        assertThat(families.ended("phone", clock.instant())).isFalse();
        families.end("phone");
        assertThat(families().ended("phone", clock.instant())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage\n",
                "null\n",
                "{}\n",
                "\n",
                "[]\n",
                "{\"family\":\"a\",\"since\":\"x\",\"expires\":1}\n",
                "{\"family\":\"a\",\"since\":1,\"expires\":1,\"more\":1}\n",
                "{\"since\":1893456000,\"live\":\"1\",\"expires\":1}\n",
                "\0\0\0\0\n"
            })
    void endsAllLoginsWhenItsFileCanNotBeUnderstood(String line) throws IOException {
        families().end("kitchen");
        Files.writeString(file, line, StandardOpenOption.APPEND);
        clock.turn(Duration.ofSeconds(5));

        var families = families();

        assertThat(families.ended("another", clock.instant().minusSeconds(1))).isTrue();
        assertThat(families.ended("another", clock.instant().plusSeconds(1))).isFalse();
        assertThat(families().ended("another", clock.instant())).isTrue();
        assertThat(state.file("logins.jsonl.corrupt")).exists();
    }

    @Test
    void endsAllLoginsRatherThanForgetOne() {
        var families = new Families(state, properties, clock, 100);
        for (int i = 0; i <= 100; i++) {
            families.end("login" + i);
        }

        assertThat(families.ended("login0", clock.instant())).isTrue();
        assertThat(families.ended("another", clock.instant())).isTrue();
        assertThat(families.ended("another", clock.instant().plusSeconds(1))).isFalse();
        assertThat(new Families(state, properties, clock, 100).ended("another", clock.instant()))
                .isTrue();
    }

    @Test
    void changesNothingWhenItCannotBeKept() throws IOException {
        var families = families();
        Path directory = Path.of(state.state());
        Files.writeString(directory, "in the way");

        assertThatThrownBy(() -> families.advance("kitchen", "1", "2")).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> families.end("kitchen")).isInstanceOf(ProblemException.class);
        assertThat(families.ended("kitchen", clock.instant())).isFalse();

        Files.delete(directory);
        assertThat(families.advance("kitchen", "1", "2")).isTrue();
        assertThat(families.advance("kitchen", "2", "3")).isTrue();
        assertThat(families().confirm("kitchen", "3")).isTrue();
    }

    @Test
    void keepsALoginWhoseRotationMetAFullDisk() throws IOException {
        var families = families();
        families.advance("kitchen", "1", "2");
        Path kept = file.resolveSibling("kept");
        Files.move(file, kept);
        Files.createSymbolicLink(file, Path.of("/dev/full"));

        assertThatThrownBy(() -> families.advance("kitchen", "2", "3"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().status()).isEqualTo(503));

        Files.delete(file);
        Files.move(kept, file);
        assertThat(families().confirm("kitchen", "2")).isTrue();
        assertThat(families.advance("kitchen", "2", "3")).isTrue();
    }

    @Test
    void endsNoLoginWhileItsTheftCannotBeKept() throws IOException {
        var families = families();
        families.advance("kitchen", "1", "2");
        Files.delete(file);
        Files.createDirectory(file);
        Files.createFile(file.resolve("in the way"));

        assertThatThrownBy(() -> families.confirm("kitchen", "1")).isInstanceOf(ProblemException.class);

        assertThat(families.confirm("kitchen", "2")).isTrue();
    }

    @Test
    void endsAllLoginsOnlyWhenThatIsKept() throws IOException {
        var families = new Families(state, properties, clock, 1);
        families.end("kitchen");
        Path next = state.file("logins.jsonl.new");
        Files.createDirectory(next);
        Files.createFile(next.resolve("in the way"));

        assertThatThrownBy(() -> families.end("phone")).isInstanceOf(ProblemException.class);

        assertThat(families.ended("phone", clock.instant())).isFalse();
        assertThat(families.ended("kitchen", clock.instant())).isTrue();
    }

    @Test
    void writesAllAgainAfterAWriteThatFailed() throws IOException {
        var families = families();
        families.end("kitchen");
        Path directory = Path.of(state.state());
        Path aside = directory.resolveSibling("aside");
        Files.move(directory, aside);
        Files.writeString(directory, "in the way");
        assertThatThrownBy(() -> families.end("phone")).isInstanceOf(ProblemException.class);
        assertThat(state.check()).isPresent();
        Files.delete(directory);

        assertThat(state.check()).isEmpty();

        assertThat(families().ended("kitchen", clock.instant())).isTrue();
        assertThat(families().ended("phone", clock.instant())).isFalse();
    }

    @Test
    void startsWithEndedLoginsWhenItsRecordCannotBeRead() throws IOException {
        Files.createDirectories(file.resolve("in the way"));

        var families = families();

        assertThat(families.ended("kitchen", clock.instant())).isTrue();
        clock.turn(Duration.ofSeconds(1));
        assertThat(families.ended("kitchen", clock.instant())).isFalse();
        assertThat(state.check()).isPresent();
    }

    @Test
    void startsWhereNothingCanBeWritten() throws IOException {
        families().end("kitchen");
        Files.createDirectory(state.file("logins.jsonl.new"));
        Files.createFile(state.file("logins.jsonl.new").resolve("in the way"));

        var families = families();

        assertThat(families.ended("kitchen", clock.instant())).isTrue();
        assertThat(families.ended("phone", clock.instant())).isFalse();
        assertThatThrownBy(() -> families.end("phone")).isInstanceOf(ProblemException.class);
    }

    private Families families() {
        return new Families(state, properties, clock, Families.LIMIT);
    }
}
