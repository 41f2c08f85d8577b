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
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

import org.ovosgateway.EnvFile;
import org.ovosgateway.InvalidConfigurationException;

/** The commands of the jar that make users; the password comes from the terminal, without echo, or standard input. */
public final class UserCommands {

    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int MISUSED = 2;
    private static final String USAGE = """
            Usage: java -jar ovos-gateway.jar [--property=value ...]
                       starts the gateway
                   java -jar ovos-gateway.jar hash-password
                       prints the bcrypt hash of a password
                   java -jar ovos-gateway.jar add-user NAME [--scopes a,b] [--users FILE]
                       adds a user to the users file, or gives an existing one another password;
                       without --scopes a new user may do everything
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

    /** A command was wrong or can not be carried out; the message says why. */
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
        if (Arrays.stream(args).allMatch(arg -> arg.startsWith("--") && !arg.equals("--help"))) {
            return OptionalInt.empty();
        }
        var rest = new ArrayDeque<>(List.of(args));
        String command = rest.pop();
        try {
            switch (command) {
                case "hash-password" -> hashPassword(rest);
                case "add-user" -> addUser(rest);
                case "help", "-h", "--help" -> out.println(USAGE);
                default -> throw new CommandException(MISUSED, "There is no command " + printable(command) + ".");
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

    private void hashPassword(Deque<String> rest) throws CommandException {
        if (!rest.isEmpty()) {
            // a password among the arguments would be in the shell's history and the list of processes
            throw new CommandException(MISUSED, "hash-password takes no arguments.");
        }
        out.println(Passwords.hash(password()));
    }

    private void addUser(Deque<String> rest) throws CommandException {
        String name = null;
        Path file = null;
        Optional<List<String>> scopes = Optional.empty();
        while (!rest.isEmpty()) {
            String[] option = rest.pop().split("=", 2);
            switch (option[0]) {
                case "--users" -> file = Path.of(value(option, rest));
                case "--scopes" -> scopes = Optional.of(scopes(value(option, rest)));
                default -> {
                    if (name != null || option[0].startsWith("-")) {
                        throw new CommandException(MISUSED, "add-user takes one NAME, --scopes and --users.");
                    }
                    name = String.join("=", option);
                }
            }
        }
        if (name == null || !UsersFile.isName(name)) {
            throw new CommandException(MISUSED, "add-user needs a NAME of 1 to 256 printable characters.");
        }
        if (file == null) {
            file = usersFile();
        }
        String hash = Passwords.hash(password());
        try {
            boolean added = UsersFile.put(file, name, hash, scopes);
            out.println((added ? "Added " : "Changed ") + name + " in " + file);
        } catch (UsersFile.MalformedException e) {
            throw new CommandException(FAILED, file + " is refused: " + e.getMessage() + ".");
        } catch (IOException e) {
            throw new CommandException(FAILED, file + " can not be written: " + e);
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

    private static List<String> scopes(String list) throws CommandException {
        var scopes = Arrays.stream(list.split(","))
                .map(String::strip)
                .filter(s -> !s.isEmpty())
                .distinct()
                .toList();
        if (!scopes.stream().allMatch(UsersFile::isScope)) {
            throw new CommandException(MISUSED, "--scopes takes a list like system:read,voice:speak.");
        }
        return scopes;
    }

    private Path usersFile() throws CommandException {
        try {
            return Path.of(variable("USERS_DB")
                    .or(() -> dotEnv().map(EnvFile::read)
                            .map(entries -> entries.get("USERS_DB"))
                            .filter(value -> !value.isBlank()))
                    .orElse(AuthProperties.USERS));
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
            throw new CommandException(FAILED, "Standard input can not be read: " + e);
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
