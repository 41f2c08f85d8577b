// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.Scopes;
import org.ovosgateway.StateDirectory;
import org.springframework.security.crypto.bcrypt.BCrypt;

import static org.assertj.core.api.Assertions.assertThat;

class UserCommandsTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();
    private Path file;

    @BeforeEach
    void choose(@TempDir Path folder) {
        file = folder.resolve("users.json");
        environment.put("USERS_DB", file.toString());
        environment.put("STATE_DIRECTORY", folder.resolve("state").toString());
    }

    @Test
    void leavesOptionsToTheGateway() {
        assertThat(piped("").execute()).isEmpty();
        assertThat(piped("").execute("--server.port=0", "--debug")).isEmpty();
    }

    @Test
    void hashesThePasswordOfStandardInput() {
        assertThat(piped("correct hörse\nnot this\n").execute("hash-password")).hasValue(0);

        assertThat(out()).startsWith("$2b$12$").hasLineCount(1);
        assertThat(BCrypt.checkpw("correct hörse", out().strip())).isTrue();
    }

    @Test
    void hashesAPasswordThatIsTypedTwice() {
        List<String> prompts = new ArrayList<>();

        assertThat(typed(prompts, "correct horse", "correct horse").execute("hash-password"))
                .hasValue(0);

        assertThat(prompts).containsExactly("Password: ", "Once more: ");
        assertThat(BCrypt.checkpw("correct horse", out().strip())).isTrue();
        assertThat(out() + err()).doesNotContain("correct horse");
    }

    @Test
    void refusesAPasswordThatIsTypedDifferently() {
        assertThat(typed(new ArrayList<>(), "correct horse", "correct house").execute("hash-password"))
                .hasValue(1);

        assertThat(out()).isEmpty();
        assertThat(err()).contains("differ").doesNotContain("horse");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "0123456789012345678901234567890123456789012345678901234567890123456789012\n"})
    void refusesAnEmptyAndATooLongPassword(String input) {
        assertThat(piped(input).execute("hash-password")).hasValue(1);
        assertThat(out()).isEmpty();
        assertThat(err()).isNotBlank().doesNotContain("0123456789");
    }

    @Test
    void addsAUserWhoCanLogIn() throws IOException {
        assertThat(piped("correct horse").execute("add-user", "ada")).hasValue(0);

        var users = new Users(file);
        assertThat(new Passwords(users).verify("ada", "correct horse"))
                .hasValueSatisfying(ada -> assertThat(ada.scopes()).isEqualTo(Caller.ALL));
        assertThat(rights()).isEqualTo("rw-------");
        assertThat(out()).contains("Added ada");
    }

    @Test
    void addsAUserWithScopes() {
        assertThat(piped("correct horse").execute("add-user", "ada", "--scopes", "system:read, voice:speak"))
                .hasValue(0);
        assertThat(piped("correct horse").execute("add-user", "--scopes=", "bob"))
                .hasValue(0);

        var directory = new Users(file).directory();
        assertThat(directory.find("ada").orElseThrow().scopes()).isEqualTo(Set.of("system:read", "voice:speak"));
        assertThat(directory.find("bob").orElseThrow().scopes()).isEmpty();
    }

    @Test
    void changesAUserAndLeavesTheRestAsItIs() throws IOException {
        String eve = "{\"user\":\"eve\",\"password\":\"%s\",\"active\":false}".formatted(Gate.HASH);
        Files.writeString(
                file,
                "[{\"user\":\"ada\",\"password\":\"%s\",\"active\":false,\"scopes\":[\"system:read\"]},%s]"
                        .formatted(Gate.HASH, eve));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        assertThat(piped("new password").execute("add-user", "ada")).hasValue(0);

        var users = new Users(file);
        assertThat(new Passwords(users).verify("ada", "new password"))
                .hasValueSatisfying(ada -> assertThat(ada.scopes()).containsExactly("system:read"));
        assertThat(users.directory().find("eve"))
                .hasValueSatisfying(same -> assertThat(same.active()).isFalse());
        assertThat(rights()).isEqualTo("rw-r-----");
        assertThat(out()).contains("Changed ada");
        assertThat(file.getParent()).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void followsALinkToTheFile() throws IOException {
        Path link = file.resolveSibling("link.json");
        Files.writeString(file, "[]");
        Files.createSymbolicLink(link, file);

        assertThat(piped("correct horse").execute("add-user", "ada", "--users", link.toString()))
                .hasValue(0);

        assertThat(link).isSymbolicLink();
        assertThat(new Users(file).directory().find("ada")).isPresent();
    }

    @Test
    void doesNotTouchABrokenFile() throws IOException {
        Files.writeString(file, "[{\"user\":\"ada\"}]");

        assertThat(piped("correct horse").execute("add-user", "bob")).hasValue(1);

        assertThat(file).hasContent("[{\"user\":\"ada\"}]");
        assertThat(err()).contains("entry 1 has no password");
    }

    @Test
    void findsTheFileInTheDotEnv() throws IOException {
        Path dotEnv = file.resolveSibling("dot.env");
        Files.writeString(dotEnv, "USERS_DB=\"" + file + "\"\n");
        environment.remove("USERS_DB");
        environment.put("OVOS_ENV_FILE", dotEnv.toString());

        assertThat(piped("correct horse").execute("add-user", "ada")).hasValue(0);

        assertThat(new Users(file).directory().find("ada")).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fly",
                "hash-password s3cr3t",
                "--server.port=0 hash-password",
                "-Dx",
                "add-user",
                "add-user ada bob",
                "add-user ada --scopes",
                "add-user ada --scopes a/b",
                "add-user ada --devices A",
                "add-user ada --password s3cr3t",
                "token ada",
                "token --name panel",
                "token ada --name panel --expires soon",
                "list-tokens",
                "remove-token"
            })
    void showsItsUsage(String line) {
        assertThat(piped("correct horse").execute(line.split(" "))).hasValue(2);

        assertThat(err()).contains("Usage:").doesNotContain("s3cr3t");
        assertThat(out()).isEmpty();
        assertThat(file).doesNotExist();
    }

    @Test
    void listsUsers() throws IOException {
        piped("correct horse").execute("add-user", "bob", "--scopes", "voice:stop,system:read");
        piped("correct horse").execute("add-user", "ada");
        Files.writeString(file, Files.readString(file).replaceFirst("\"active\": true", "\"active\": false"));

        assertThat(piped("").execute("list-users")).hasValue(0);

        assertThat(out())
                .endsWith("ada: *\nbob (inactive): system:read, voice:stop\n")
                .doesNotContain("$2b$");
    }

    @Test
    void removesAUser() throws IOException {
        piped("correct horse").execute("add-user", "ada");
        piped("correct horse").execute("add-user", "bob");

        assertThat(piped("").execute("remove-user", "ada")).hasValue(0);

        assertThat(new Users(file).directory().byName()).containsOnlyKeys("bob");
        assertThat(piped("").execute("remove-user", "bop")).hasValue(1);
        assertThat(err()).contains("has no user bop; the nearest is 'bob'");
    }

    @Test
    void limitsAUserAndATokenToDevices() {
        environment.put("OVOS_DEVICES_KITCHEN_HOST", "kitchen.local");
        piped("correct horse").execute("add-user", "ada", "--devices", "kitchen,default");
        piped("correct horse").execute("add-user", "ada");
        assertThat(new Users(file).directory().find("ada").orElseThrow().devices())
                .containsExactlyInAnyOrder("kitchen", "default");
        piped("").execute("list-users");
        assertThat(out()).endsWith("ada: *; devices: default, kitchen\n");
        out.reset();

        piped("").execute("token", "ada", "--name", "panel", "--devices", "kitchen");

        Caller caller = permatokens().caller(out().strip(), new Users(file).directory());
        assertThat(caller.mayUse("kitchen")).isTrue();
        assertThat(caller.mayUse("default")).isFalse();
        out.reset();
        piped("").execute("list-tokens", "ada");
        assertThat(out()).contains(", devices: kitchen, made ");
    }

    @Test
    void printsATokenAndNothingElse() {
        piped("correct horse").execute("add-user", "ada", "--scopes", "system:read,voice:speak");
        out.reset();

        assertThat(piped("").execute("token", "ada", "--name", "panel", "--scopes", "voice:speak", "--expires", "90d"))
                .hasValue(0);

        assertThat(out()).matches("ovos_pat_\\w{12}_\\w{49}\n");
        assertThat(err()).contains("is new").doesNotContain(out().strip());
        Caller caller = permatokens().caller(out().strip(), new Users(file).directory());
        assertThat(caller.name()).isEqualTo("ada");
        assertThat(caller.may("voice:speak")).isTrue();
        assertThat(caller.may("system:read")).isFalse();
        assertThat(Duration.between(Instant.now(), caller.login().expires()).toDays())
                .isBetween(88L, 90L);
        err.reset();
        piped("").execute("token", "ada", "--name", "another");
        assertThat(err()).isEmpty();
    }

    @Test
    void listsAndRemovesTokens() {
        piped("correct horse").execute("add-user", "ada");
        piped("").execute("token", "ada", "--name", "panel", "--scopes=voice:speak,voice:stop");
        piped("").execute("token", "ada", "--name", "script");
        String secret = out().lines().skip(1).findFirst().orElseThrow();
        out.reset();

        assertThat(piped("").execute("list-tokens", "ada")).hasValue(0);

        assertThat(out().lines().map(line -> line.replaceAll("^\\w{12}|made \\S+", "?")))
                .containsExactlyInAnyOrder(
                        "?: panel, voice:speak, voice:stop, ? expires never, last used never",
                        "?: script, all scopes of the user, ? expires never, last used never");
        assertThat(out()).doesNotContain(secret);

        String id = permatokens().list("ada").get(0).id();
        assertThat(piped("").execute("remove-token", id)).hasValue(0);
        assertThat(permatokens().list("ada"))
                .extracting(Permatokens.Shown::id)
                .hasSize(1)
                .doesNotContain(id);
        assertThat(piped("").execute("remove-token", id)).hasValue(1);
        assertThat(err()).contains("There is no token " + id);
    }

    @Test
    void makesNoTokenThatWouldBeGoodForNothing() {
        piped("correct horse").execute("add-user", "ada", "--scopes", "system:read");
        out.reset();

        assertThat(piped("").execute("token", "add", "--name", "panel")).hasValue(1);
        assertThat(err()).contains("has no user add; the nearest is 'ada'");
        assertThat(piped("").execute("token", "ada", "--name", "panel", "--scopes", "voice:speak"))
                .hasValue(2);
        assertThat(err()).contains("--scopes must be among those of the user, which has not 'voice:speak'");
        assertThat(piped("").execute("token", "ada", "--name", "panel", "--expires", "2020-01-01T00:00:00Z"))
                .hasValue(2);
        assertThat(err()).contains("--expires must be in the future");
        assertThat(out()).isEmpty();
        assertThat(file.resolveSibling("state")).doesNotExist();
    }

    @Test
    void saysWhyATokenCannotBeKept() throws IOException {
        piped("correct horse").execute("add-user", "ada");
        out.reset();
        Files.createFile(file.resolveSibling("state"));

        assertThat(piped("").execute("token", "ada", "--name", "panel")).hasValue(1);

        assertThat(err()).contains("is no folder");
        assertThat(out()).isEmpty();
    }

    private Permatokens permatokens() {
        var state = new StateDirectory(file.resolveSibling("state").toString());
        return new Permatokens(
                new PermatokenRegister(state, Clock.systemUTC()),
                new Users(file),
                new Scopes(Path.of("routes")),
                Gate.DEVICES,
                Clock.systemUTC());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "ad-user ada, the nearest is 'add-user'",
                "--chekc, the nearest is '--check'",
                "--server.port=0 --verison, the nearest is '--version'",
                "add-user ada --scope x, the nearest is '--scopes'",
                "add-user ada --scopes network:reed, 'network:reed'; the nearest is 'network:read'",
                "list-users ada, list-users takes --users",
                "add-user ada --devices defalt, 'defalt'; the nearest is 'default'",
                "list-token ada, the nearest is 'list-tokens'",
                "token ada --nmae x, the nearest is '--name'"
            })
    void namesWhatWasMeant(String line, String hint) {
        assertThat(piped("correct horse").execute(line.split(" "))).hasValue(2);

        assertThat(err()).contains(hint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"help", "--help", "-h"})
    void helps(String word) {
        assertThat(piped("").execute(word)).hasValue(0);
        assertThat(out()).contains("add-user NAME");
    }

    private UserCommands piped(String input) {
        return commands(Optional.empty(), input);
    }

    private UserCommands typed(List<String> prompts, String... lines) {
        var answers = new ArrayDeque<>(List.of(lines));
        return commands(
                Optional.of(prompt -> {
                    prompts.add(prompt);
                    return answers.pop().toCharArray();
                }),
                "");
    }

    private UserCommands commands(Optional<Function<String, char[]>> terminal, String input) {
        return new UserCommands(
                environment,
                terminal,
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private String rights() throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
