// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

import org.ovosgateway.EnvFile;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.Nearest;
import org.ovosgateway.Reason;
import org.ovosgateway.Scopes;

/** The commands of the jar about users; the password comes from the terminal, without echo, or standard input. */
public final class UserCommands {

    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int MISUSED = 2;
    private static final List<String> COMMANDS = List.of(
            "add-user",
            "check",
            "hash-password",
            "help",
            "list-users",
            "remove-user",
            "version",
            "--check",
            "--help",
            "--version");
    private static final Set<String> FLAGS = Set.of("--debug", "--trace");
    private static final String USAGE = """
            Usage: ovos-gateway [--property=value ...]
                       starts the gateway
                   ovos-gateway check [--property=value ...]
                       reads all that a start would read, and says what is wrong with it
                   ovos-gateway list-users [--users FILE]
                       shows the users, whether they may log in, and their scopes
                   ovos-gateway hash-password
                       prints the bcrypt hash of a password
                   ovos-gateway add-user NAME [--scopes a,b] [--users FILE]
                       adds a user to the users file, or gives an existing one another password;
                       without --scopes a new user may do everything
                   ovos-gateway remove-user NAME [--users FILE]
                       takes a user out of the users file
                   ovos-gateway --version
            The password is asked for, or read from the first line of standard input.""";

    private final Map<String, String> environment;
    private final Optional<Function<String, char[]>> terminal;
    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;

    /** @param terminal shows a prompt and reads a line without echo, null at its end; empty if there is none */
    UserCommands(
            Map<String, String> environment,
            Optional<Function<String, char[]>> terminal,
            InputStream in,
            PrintStream out,
            PrintStream err) {
        this.environment = environment;
        this.terminal = terminal;
        this.in = in;
        this.out = out;
        this.err = err;
    }

    /** A command was wrong or cannot be carried out; the message says why. */
    private static final class CommandException extends Exception {
        private final int exitCode;

        CommandException(int exitCode, String message) {
            super(message);
            this.exitCode = exitCode;
        }
    }

    /** Runs the command among the arguments; empty if they are none but options, and the gateway is to start. */
    public static OptionalInt run(String... args) {
        var commands = new UserCommands(System.getenv(), terminal(), System.in, System.out, System.err);
        return commands.execute(args);
    }

    OptionalInt execute(String... args) {
        if (Arrays.stream(args).allMatch(arg -> arg.startsWith("--") && arg.contains("=") || FLAGS.contains(arg))) {
            return OptionalInt.empty();
        }
        var rest = new ArrayDeque<>(List.of(args));
        String command = rest.pop();
        try {
            switch (command) {
                case "hash-password" -> hashPassword(rest);
                case "add-user" -> addUser(rest);
                case "list-users" -> listUsers(rest);
                case "remove-user" -> removeUser(rest);
                case "help", "-h", "--help" -> out.println(USAGE);
                default -> throw new CommandException(MISUSED, unknown(rest, command));
            }
            return OptionalInt.of(OK);
        } catch (CommandException e) {
            err.println(e.getMessage());
            if (e.exitCode == MISUSED) {
                err.println(USAGE);
            }
            return OptionalInt.of(e.exitCode);
        }
    }

    private static String unknown(Deque<String> rest, String command) {
        String word = printable(command);
        if (!command.startsWith("-")) {
            return "There is no command " + word + Nearest.hint(word, COMMANDS);
        }
        if (command.contains("=")) {
            return rest.stream()
                    .filter(arg -> !arg.startsWith("--") || !arg.contains("="))
                    .findFirst()
                    .map(arg -> "There is no option " + printable(arg) + Nearest.hint(arg, COMMANDS))
                    .orElse("A command comes first.");
        }
        return "There is no option " + word + Nearest.hint(word, COMMANDS);
    }

    private void hashPassword(Deque<String> rest) throws CommandException {
        if (!rest.isEmpty()) {
            // a password among the arguments would be in the shell's history and the list of processes
            throw new CommandException(MISUSED, "hash-password takes no arguments.");
        }
        out.println(Passwords.hash(password()));
    }

    private void addUser(Deque<String> rest) throws CommandException {
        var arguments = new Arguments("add-user", rest, true, true);
        Path file = arguments.file();
        String hash = Passwords.hash(password());
        change(file, () -> {
            boolean added = UsersFile.put(file, arguments.name, hash, Optional.ofNullable(arguments.scopes));
            out.println((added ? "Added " : "Changed ") + arguments.name + " in " + file);
        });
    }

    private void listUsers(Deque<String> rest) throws CommandException {
        Path file = new Arguments("list-users", rest, false, false).file();
        change(file, () -> {
            UsersFile.parse(Files.readAllBytes(file)).users().values().stream()
                    .sorted(Comparator.comparing(User::name))
                    .forEach(user -> out.println(user.name() + (user.active() ? "" : " (inactive)") + ": "
                            + (user.scopes().isEmpty()
                                    ? "no scopes"
                                    : String.join(", ", new TreeSet<>(user.scopes())))));
        });
    }

    private void removeUser(Deque<String> rest) throws CommandException {
        var arguments = new Arguments("remove-user", rest, true, false);
        Path file = arguments.file();
        change(file, () -> {
            if (!UsersFile.remove(file, arguments.name)) {
                var names = UsersFile.parse(Files.readAllBytes(file)).users().keySet();
                throw new CommandException(
                        FAILED, file + " has no user " + arguments.name + Nearest.hint(arguments.name, names));
            }
            out.println("Removed " + arguments.name + " from " + file);
        });
    }

    private interface Change {
        void run() throws CommandException, IOException, UsersFile.MalformedException;
    }

    private static void change(Path file, Change change) throws CommandException {
        try {
            change.run();
        } catch (UsersFile.MalformedException e) {
            throw new CommandException(FAILED, file + e.where() + " is refused: " + e.getMessage() + ".");
        } catch (IOException e) {
            throw new CommandException(FAILED, file + " cannot be read or written: " + Reason.of(e) + ".");
        }
    }

    /** What stands behind a command. */
    private final class Arguments {

        private String name;
        private Path file;
        private List<String> scopes;

        Arguments(String command, Deque<String> rest, boolean named, boolean scoped) throws CommandException {
            List<String> options = scoped ? List.of("--users", "--scopes") : List.of("--users");
            while (!rest.isEmpty()) {
                String[] option = rest.pop().split("=", 2);
                if (option[0].equals("--users")) {
                    file = Path.of(value(option, rest));
                } else if (scoped && option[0].equals("--scopes")) {
                    scopes = scopes(value(option, rest));
                } else if (named && name == null && !option[0].startsWith("-")) {
                    name = String.join("=", option);
                } else {
                    throw new CommandException(
                            MISUSED,
                            command + " takes " + (named ? "one NAME, " : "") + String.join(", ", options)
                                    + ", and not " + printable(option[0]) + Nearest.hint(option[0], options));
                }
            }
            if (named && (name == null || !UsersFile.isName(name))) {
                throw new CommandException(MISUSED, command + " needs a NAME of 1 to 256 printable characters.");
            }
        }

        Path file() throws CommandException {
            return file == null ? usersFile() : file;
        }
    }

    private static String value(String[] option, Deque<String> rest) throws CommandException {
        if (option.length == 2) {
            return option[1];
        }
        if (rest.isEmpty()) {
            throw new CommandException(MISUSED, option[0] + " needs a value.");
        }
        return rest.pop();
    }

    private List<String> scopes(String list) throws CommandException {
        var scopes = Arrays.stream(list.split(","))
                .map(String::strip)
                .filter(s -> !s.isEmpty())
                .distinct()
                .toList();
        if (!scopes.stream().allMatch(UsersFile::isScope)) {
            throw new CommandException(MISUSED, "--scopes takes a list like system:read,voice:speak.");
        }
        String unknown = new Scopes(routes()).unknown(scopes);
        if (!unknown.isEmpty()) {
            throw new CommandException(MISUSED, "--scopes: no operation, route or command asks for " + unknown + ".");
        }
        return scopes;
    }

    private Path usersFile() throws CommandException {
        return path("USERS_DB", AuthProperties.USERS);
    }

    private Path routes() throws CommandException {
        return path("OVOS_ROUTES_FOLDER", "routes");
    }

    private Path path(String name, String otherwise) throws CommandException {
        try {
            return Path.of(variable(name)
                    .or(() -> dotEnv().map(EnvFile::read)
                            .map(entries -> entries.get(name))
                            .filter(value -> !value.isBlank()))
                    .orElse(otherwise));
        } catch (InvalidConfigurationException e) {
            throw new CommandException(FAILED, e.getMessage() + " " + e.action());
        }
    }

    private Optional<Path> dotEnv() {
        return Optional.of(Path.of(environment.getOrDefault("OVOS_ENV_FILE", ".env")))
                .filter(Files::isRegularFile);
    }

    private Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    private String password() throws CommandException {
        String password = terminal.isPresent() ? typed(terminal.get()) : piped();
        Optional<String> flaw = Passwords.flaw(password);
        if (flaw.isPresent()) {
            throw new CommandException(FAILED, "The password " + flaw.get() + ".");
        }
        return password;
    }

    private static String typed(Function<String, char[]> terminal) throws CommandException {
        char[] first = terminal.apply("Password: ");
        char[] second = first == null ? null : terminal.apply("Once more: ");
        if (second == null) {
            throw new CommandException(FAILED, "No password was given.");
        }
        if (!Arrays.equals(first, second)) {
            throw new CommandException(FAILED, "The two passwords differ.");
        }
        return new String(first);
    }

    private String piped() throws CommandException {
        try {
            String line = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
            if (line == null) {
                throw new CommandException(FAILED, "No password was given on standard input.");
            }
            return line;
        } catch (IOException e) {
            throw new CommandException(FAILED, "Standard input cannot be read: " + Reason.of(e));
        }
    }

    private static Optional<Function<String, char[]>> terminal() {
        Console console = System.console();
        if (console == null || !isTerminal(console)) {
            return Optional.empty();
        }
        return Optional.of(prompt -> console.readPassword("%s", prompt));
    }

    // since Java 22 there is a console even when the input is a pipe; up to 21 there is none, and no such method
    private static boolean isTerminal(Console console) {
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    private static String printable(String word) {
        return word.replaceAll("[^\\p{Graph}]", "?");
    }
}
