// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.Scopes;
import org.ovosgateway.problem.ProblemException;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

@ExtendWith(OutputCaptureExtension.class)
class UsersTest {

    /** An entry of the example that comes with ovos-api. */
    private static final String HASH = "$2b$12$THfMtieVfCr3674n.15kcOmffKbJjkb8wX5bkmtP0beHVvEitP52K";

    private static final String ADA = "{\"user\":\"ada\",\"password\":\"" + HASH + "\",\"active\":true}";

    private Path file;

    @BeforeEach
    void choose(@TempDir Path folder) {
        file = folder.resolve("users.json");
    }

    @Test
    void readsTheListOfTheOriginal() throws IOException {
        write("[" + ADA + "," + ADA.replace("ada", "eve").replace("true", "false") + "]");

        var directory = new Users(file).directory();

        assertThat(directory.find("ada")).hasValueSatisfying(ada -> {
            assertThat(ada.active()).isTrue();
            assertThat(ada.hash()).isEqualTo(HASH);
            assertThat(ada.cost()).isEqualTo(12);
            assertThat(ada.scopes()).isEqualTo(Caller.ALL);
            assertThat(ada.toString()).doesNotContain(HASH);
        });
        assertThat(directory.find("eve"))
                .hasValueSatisfying(eve -> assertThat(eve.active()).isFalse());
        assertThat(directory.find("Ada")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"$2a$", "$2b$", "$2y$"})
    void knowsTheVariantsOfBcrypt(String variant) throws IOException {
        write("[" + ADA.replace("$2b$", variant) + "]");

        assertThat(new Users(file).directory().find("ada")).isPresent();
    }

    @Test
    void readsScopes() throws IOException {
        write("[" + ADA.replace("}", ",\"scopes\":[\"system:read\",\"voice:*\"]}") + ","
                + ADA.replace("ada", "bob").replace("}", ",\"scopes\":[]}") + "]");

        var directory = new Users(file).directory();

        assertThat(directory.find("ada").orElseThrow().scopes()).isEqualTo(Set.of("system:read", "voice:*"));
        assertThat(directory.find("bob").orElseThrow().scopes()).isEmpty();
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("brokenFiles")
    void keepsTheLastGoodListWhenTheFileIsBroken(String content, String reason, CapturedOutput output)
            throws IOException {
        write("[" + ADA + "]");
        var users = new Users(file);
        write(content);

        users.reload();
        users.reload();

        assertThat(users.directory().find("ada")).isPresent();
        assertThat(output.getOut()).containsOnlyOnce("is refused: " + reason).contains(file.toString());
        assertThat(users.trouble())
                .hasValueSatisfying(trouble -> assertThat(trouble.reason()).contains(reason));
        assertThat(output.getOut()).doesNotContain("THfMtieVfCr", "s3cr3t");
    }

    static Stream<Arguments> brokenFiles() {
        String second = "[" + ADA.replace("ada", "bob") + ",";
        return Stream.of(
                Arguments.of("", "it is not a JSON list"),
                Arguments.of("{}", "it is not a JSON list"),
                Arguments.of("s3cr3t", "it is not valid JSON at line 1"),
                Arguments.of("[" + ADA + "]\n]", "it is not valid JSON at line 2"),
                Arguments.of("[" + ADA, "it is not valid JSON at line 1"),
                Arguments.of("[".repeat(5000), "it is not valid JSON"),
                Arguments.of(second + "1]", "entry 2 is not a JSON object"),
                Arguments.of(second + "{}]", "entry 2 has no user"),
                Arguments.of("[" + ADA.replace("\"ada\"", "\" \"") + "]", "entry 1 has no user"),
                Arguments.of("[" + ADA.replace("\"ada\"", "7") + "]", "entry 1 has no user"),
                Arguments.of("[" + ADA.replace(HASH, "s3cr3t") + "]", "entry 1 has no password hashed by bcrypt"),
                Arguments.of("[" + ADA.replace("$12$", "$31$") + "]", "entry 1 has no password hashed by bcrypt"),
                Arguments.of("[" + ADA.replace("$12$", "$03$") + "]", "entry 1 has no password hashed by bcrypt"),
                Arguments.of("[" + ADA.replace("true", "\"false\"") + "]", "entry 1 does not say active"),
                Arguments.of("[" + ADA.replace(",\"active\":true", "") + "]", "entry 1 does not say active"),
                Arguments.of(with("scope"), "entry 1 has the member 'scope', which is not known"),
                Arguments.of(with("Scopes"), "entry 1 has the member 'Scopes', which is not known"),
                Arguments.of(with("scoeps"), "entry 1 has the member 'scoeps', which is not known"),
                Arguments.of(with("sopes"), "entry 1 has the member 'sopes', which is not known"),
                Arguments.of(with("user_scopes"), "entry 1 has the member 'user_scopes', which is not known"),
                Arguments.of(with("scopes s3cr3t"), "entry 1 has the member '?', which is not known"),
                Arguments.of(
                        "[" + ADA.replace("}", ",\"scopes\":null}") + "]", "entry 1 has scopes that are not a list"),
                Arguments.of(
                        "[" + ADA.replace("}", ",\"scopes\":\"*\"}") + "]", "entry 1 has scopes that are not a list"),
                Arguments.of("[" + ADA.replace("}", ",\"scopes\":[1]}") + "]", "entry 1 has a scope that is none"),
                Arguments.of(
                        "[" + ADA.replace("}", ",\"scopes\":[\"vo*ce:a\"]}") + "]", "entry 1 has a scope that is none"),
                Arguments.of(
                        with("device"), "entry 1 has the member 'device', which is not known; it looks like devices"),
                Arguments.of(
                        with("dveices"), "entry 1 has the member 'dveices', which is not known; it looks like devices"),
                Arguments.of(
                        "[" + ADA.replace("}", ",\"devices\":\"*\"}") + "]", "entry 1 has devices that are not a list"),
                Arguments.of(
                        "[" + ADA.replace("}", ",\"devices\":[\"A\"]}") + "]", "entry 1 has a device that is none"),
                Arguments.of("[" + ADA.replace("}", ",\"user\":\"eve\"}") + "]", "it is not valid JSON"),
                Arguments.of("[" + ADA + "," + ADA + "]", "entry 2 repeats the user"));
    }

    @Test
    void namesMembersThatItDoesNotKnowAndIgnoresThem(CapturedOutput output) throws IOException {
        write(with("email", "x-note", "line\\nbreak", "a".repeat(65)).replace("]}]", "]},")
                + with("email").substring(1).replace("ada", "bob"));

        var users = new Users(file);
        users.reload();

        assertThat(users.directory().byName()).containsOnlyKeys("ada", "bob");
        assertThat(users.directory().find("ada").orElseThrow().scopes()).isEqualTo(Caller.ALL);
        assertThat(output.getOut())
                .containsOnlyOnce("WARN")
                .contains(file + " has members that are not known and are ignored: ?, email, x-note");
    }

    @Test
    void keepsTheLastGoodListWhenTheFileIsGone(CapturedOutput output) throws IOException {
        write("[" + ADA + "]");
        var users = new Users(file);
        Files.delete(file);

        users.reload();

        assertThat(users.directory().find("ada")).isPresent();
        assertThat(output.getOut()).contains("is gone");
    }

    @Test
    void startsWithoutAFileAndPicksItUp(CapturedOutput output) throws IOException {
        var users = new Users(file);
        assertThat(users.isKnown()).isFalse();
        assertThat(output.getOut()).contains("nobody can log in");

        write("[" + ADA + "]");
        users.reload();

        assertThat(users.directory().find("ada")).isPresent();
    }

    @Test
    void saysThatItDoesNotKnowUntilAFileThatItCouldNotReadCanBeRead(CapturedOutput output) throws IOException {
        Files.createDirectory(file);
        var users = new Users(file);
        users.reload();
        assertThatThrownBy(users::directory).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.problem().status()).isEqualTo(503);
            assertThat(e.problem().type()).asString().contains("users-unavailable");
        });
        assertThat(users.trouble())
                .hasValueSatisfying(trouble -> assertThat(trouble.reason()).contains(file + " cannot be read"));
        assertThat(output.getOut()).containsOnlyOnce("cannot be read");

        Files.delete(file);
        write("[" + ADA + "]");
        users.reload();

        assertThat(users.directory().find("ada")).isPresent();
        assertThat(users.trouble()).isEmpty();
    }

    @Test
    void namesTheLineOfTheEntryThatIsWrong(CapturedOutput output) throws IOException {
        write("[\n" + ADA + ",\n" + ADA.replace("true", "1") + "]");

        new Users(file);

        assertThat(output.getOut()).contains(file + ", line 3 is refused: entry 2 does not say active");
    }

    @Test
    void tellsAScopeThatNobodyAsksForAndTakesTheListAllTheSame(CapturedOutput output) throws IOException {
        write("[" + ADA.replace("}", ",\"scopes\":[\"network:reed\"]}") + "]");
        var users = new Users(
                Gate.properties(file.getParent(), Gate.SECRET, ""), new Scopes(Path.of("routes")), Gate.DEVICES);
        users.close();

        assertThat(users.directory().find("ada")).isPresent();
        assertThat(users.problems())
                .singleElement()
                .asString()
                .contains("ada", "'network:reed'; the nearest is 'network:read'");
        assertThat(output.getOut()).contains("nothing asks for a scope of ada");
    }

    @Test
    void tellsADeviceThatDoesNotExistAndTakesTheListAllTheSame() throws IOException {
        write("[" + ADA.replace("}", ",\"devices\":[\"kichen\",\"default\"]}") + "]");
        var users = new Users(
                Gate.properties(file.getParent(), Gate.SECRET, ""), new Scopes(Path.of("routes")), Gate.DEVICES);
        users.close();

        assertThat(users.directory().find("ada").orElseThrow().devices())
                .containsExactlyInAnyOrder("kichen", "default");
        assertThat(users.problems())
                .singleElement()
                .asString()
                .contains("no such device of ada: 'kichen'; the nearest is 'kitchen'");
    }

    @Test
    void readsWhichSkillsAUserMayAskAndTheRoom() throws IOException {
        write("[" + ADA.replace("}", ",\"skills\":{\"deny\":[\"a.b\",\"c.d:e.intent\"]},\"room\":\"kitchen\"}") + "]");

        User ada = new Users(file).directory().find("ada").orElseThrow();

        assertThat(ada.room()).isEqualTo("kitchen");
        assertThat(ada.skills().mayAsk("a.b")).isFalse();
        assertThat(ada.skills().mayAsk("c.d")).isTrue();
        assertThat(ada.skills().mayAsk("c.d", "e")).isFalse();
        assertThat(ada.skills().deniedIntents()).containsExactly("c.d:e", "c.d:e.intent");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"skills\":[]",
                "\"skills\":{}",
                "\"skills\":{\"alow\":[]}",
                "\"skills\":{\"allow\":\"a.b\"}",
                "\"skills\":{\"allow\":[\"a.b:c\"]}",
                "\"skills\":{\"deny\":[\"\"]}",
                "\"skill\":{\"deny\":[]}",
                "\"room\":1"
            })
    void refusesSkillsThatAreNotSaidRight(String member) throws IOException {
        write("[" + ADA.replace("}", "," + member + "}") + "]");

        assertThat(new Users(file).trouble()).isPresent();
    }

    @Test
    void seesAChangeByItself() throws IOException {
        write("[" + ADA + "]");
        var users = new Users(
                Gate.properties(file.getParent(), Gate.SECRET, ""), new Scopes(Path.of("routes")), Gate.DEVICES);
        try {
            write("[" + ADA.replace("true", "false") + "]");

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> !users.directory().find("ada").orElseThrow().active());
        } finally {
            users.close();
        }
    }

    @Test
    void changesTheStampOfAUserWithThePasswordOnly() {
        var ada = new User("ada", HASH, true, Set.of());

        assertThat(ada.stamp())
                .isEqualTo(new User("ada", HASH, false, Caller.ALL).stamp())
                .isNotEqualTo(new User("ada", HASH.replace("52K", "52L"), true, Set.of()).stamp());
    }

    @Test
    void doesNotLetTheDirectoryBeChanged() throws IOException {
        write("[" + ADA + "]");
        var byName = new Users(file).directory().byName();

        assertThatThrownBy(byName::clear).isInstanceOf(UnsupportedOperationException.class);
    }

    private static String with(String... members) {
        String more = Stream.of(members).map(member -> ",\"" + member + "\":[]").collect(Collectors.joining());
        return "[" + ADA.replace("}", more + "}") + "]";
    }

    private void write(String content) throws IOException {
        Files.writeString(file, content, StandardCharsets.UTF_8);
    }
}
