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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import ch.qos.logback.classic.LoggerContext;
import org.ovosgateway.DeviceNames;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.Nearest;
import org.ovosgateway.Reason;
import org.ovosgateway.Scopes;
import org.ovosgateway.Settings;
import org.ovosgateway.StateDirectory;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;

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
            "list-tokens",
            "list-users",
            "remove-token",
            "remove-user",
            "token",
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
                   ovos-gateway add-user NAME [--scopes a,b] [--devices a,b] [--users FILE]
                       adds a user to the users file, or gives an existing one another password;
                       without --scopes a new user may do everything, without --devices with all of them
                   ovos-gateway remove-user NAME [--users FILE]
                       takes a user out of the users file
                   ovos-gateway token USER --name NAME [--scopes a,b] [--devices a,b] [--expires 90d]
                                [--users FILE] [--state FOLDER]
                       prints a long-lived token of a user; it is not shown again
                   ovos-gateway list-tokens USER [--users FILE] [--state FOLDER]
                       shows the long-lived tokens of a user, without their secrets
                   ovos-gateway remove-token ID [--users FILE] [--state FOLDER]
                       ends a long-lived token
                   ovos-gateway --version
            The password is asked for, or read from the first line of standard input.""";

    private static final String USERS = "--users";
    private static final String SCOPES = "--scopes";
    private static final String DEVICES = "--devices";
    private static final String NAME = "--name";
    private static final String EXPIRES = "--expires";
    private static final String STATE = "--state";
    private static final Pattern DAYS = Pattern.compile("([1-9][0-9]{0,4})d");

    private final Map<String, String> environment;
    private final Optional<Function<String, char[]>> terminal;
    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private ConfigurableEnvironment settings;

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
        if (!isStart(args) && LoggerFactory.getILoggerFactory() instanceof LoggerContext log) {
            // what a command has to say it says itself; the log would be among it
            log.reset();
        }
        return commands.execute(args);
    }

    private static boolean isStart(String... args) {
        return Arrays.stream(args).allMatch(arg -> arg.startsWith("--") && arg.contains("=") || FLAGS.contains(arg));
    }

    OptionalInt execute(String... args) {
        if (isStart(args)) {
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
                case "token" -> makeToken(rest);
                case "list-tokens" -> listTokens(rest);
                case "remove-token" -> removeToken(rest);
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
        var arguments = new Arguments("add-user", "NAME", rest, USERS, SCOPES, DEVICES);
        Path file = arguments.usersFile();
        var scopes = arguments.scopes();
        var devices = arguments.devices();
        String hash = Passwords.hash(password());
        change(file, () -> {
            boolean added = UsersFile.put(file, arguments.name, hash, scopes, devices);
            out.println((added ? "Added " : "Changed ") + arguments.name + " in " + file);
        });
    }

    private void listUsers(Deque<String> rest) throws CommandException {
        Path file = new Arguments("list-users", null, rest, USERS).usersFile();
        change(file, () -> {
            UsersFile.parse(Files.readAllBytes(file)).users().values().stream()
                    .sorted(Comparator.comparing(User::name))
                    .forEach(user -> out.println(user.name() + (user.active() ? "" : " (inactive)") + ": "
                            + (user.scopes().isEmpty() ? "no scopes" : list(user.scopes()))
                            + (user.devices().equals(Caller.ALL) ? "" : "; devices: " + list(user.devices()))));
        });
    }

    private void removeUser(Deque<String> rest) throws CommandException {
        var arguments = new Arguments("remove-user", "NAME", rest, USERS);
        Path file = arguments.usersFile();
        change(file, () -> {
            if (!UsersFile.remove(file, arguments.name)) {
                throw new CommandException(FAILED, noUser(arguments));
            }
            out.println("Removed " + arguments.name + " from " + file);
        });
    }

    private void makeToken(Deque<String> rest) throws CommandException {
        var arguments = new Arguments("token", "USER", rest, NAME, SCOPES, DEVICES, EXPIRES, USERS, STATE);
        if (!arguments.options.containsKey(NAME)) {
            throw new CommandException(MISUSED, "token needs --name, what you call it: --name panel.");
        }
        var rights = new Permatokens.Rights(
                arguments.scopes().<Set<String>>map(TreeSet::new).orElse(null),
                arguments.devices().<Set<String>>map(TreeSet::new).orElse(null));
        Instant expires = expires(arguments.options.get(EXPIRES));
        withTokens(arguments, tokens -> {
            User owner = owner(arguments);
            String name = arguments.options.get(NAME);
            String flaws = tokens.flaws(owner, name, rights, expires).stream()
                    .map(flaw -> "--" + flaw.field() + " " + flaw.reason() + ".")
                    .collect(Collectors.joining(" "));
            if (!flaws.isEmpty()) {
                throw new CommandException(MISUSED, flaws);
            }
            boolean made = Files.notExists(arguments.state());
            out.println(tokens.create(owner, name, rights, expires).token());
            if (made) {
                err.println(
                        "The folder " + arguments.state().toAbsolutePath() + " is new. If the gateway keeps its state"
                                + " in another one, the token is not known there: name that folder with --state.");
            }
        });
    }

    private void listTokens(Deque<String> rest) throws CommandException {
        var arguments = new Arguments("list-tokens", "USER", rest, USERS, STATE);
        withTokens(arguments, tokens -> {
            User owner = owner(arguments);
            tokens.list(owner.name())
                    .forEach(token -> out.println(token.id() + ": " + token.name() + ", "
                            + (token.scopes() == null ? "all scopes of the user" : list(token.scopes()))
                            + (token.devices() == null ? "" : ", devices: " + list(token.devices())) + ", made "
                            + token.created() + ", expires " + (token.expires() == null ? "never" : token.expires())
                            + ", last used " + (token.lastUsed() == null ? "never" : token.lastUsed())));
        });
    }

    private void removeToken(Deque<String> rest) throws CommandException {
        var arguments = new Arguments("remove-token", "ID", rest, USERS, STATE);
        withTokens(arguments, tokens -> {
            if (!tokens.delete(arguments.name, token -> true)) {
                throw new CommandException(
                        FAILED, "There is no token " + printable(arguments.name) + "; list-tokens USER shows them.");
            }
            out.println("Removed " + arguments.name);
        });
    }

    private User owner(Arguments arguments) throws CommandException, IOException, UsersFile.MalformedException {
        var users = UsersFile.parse(Files.readAllBytes(arguments.usersFile())).users();
        if (!users.containsKey(arguments.name)) {
            throw new CommandException(FAILED, noUser(arguments));
        }
        return users.get(arguments.name);
    }

    private String noUser(Arguments arguments) throws CommandException, IOException, UsersFile.MalformedException {
        Path file = arguments.usersFile();
        var names = UsersFile.parse(Files.readAllBytes(file)).users().keySet();
        return file + " has no user " + arguments.name + Nearest.hint(arguments.name, names);
    }

    private interface TokenChange {
        void run(Permatokens tokens) throws CommandException, IOException, UsersFile.MalformedException;
    }

    /** With the tokens as the gateway has them, which notices what is changed here. */
    private void withTokens(Arguments arguments, TokenChange change) throws CommandException {
        var state = new StateDirectory(arguments.state().toString());
        var tokens = new Permatokens(
                new PermatokenRegister(state, Clock.systemUTC()),
                new Users(arguments.usersFile()),
                new Scopes(arguments.routes()),
                deviceNames(),
                Clock.systemUTC());
        change(arguments.usersFile(), () -> {
            try {
                change.run(tokens);
            } catch (ProblemException e) {
                String detail = e.problem().detail();
                throw new CommandException(
                        FAILED, state.check().map(reason -> reason + ".").orElse(detail));
            }
        });
    }

    private static Instant expires(String text) throws CommandException {
        if (text == null) {
            return null;
        }
        Matcher days = DAYS.matcher(text);
        try {
            return days.matches()
                    ? Instant.now().plus(Duration.ofDays(Integer.parseInt(days.group(1))))
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw new CommandException(
                    MISUSED, "--expires takes days, such as 90d, or a time, such as 2030-12-31T23:59:59Z.");
        }
    }

    private static String list(Collection<String> words) {
        return String.join(", ", new TreeSet<>(words));
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

        private final Map<String, String> options = new HashMap<>();
        private String name;

        /** @param named what the one argument is that is no option; null if there is none */
        Arguments(String command, String named, Deque<String> rest, String... known) throws CommandException {
            List<String> names = List.of(known);
            while (!rest.isEmpty()) {
                String[] option = rest.pop().split("=", 2);
                if (names.contains(option[0])) {
                    options.put(option[0], value(option, rest));
                } else if (named != null && name == null && !option[0].startsWith("-")) {
                    name = String.join("=", option);
                } else {
                    throw new CommandException(
                            MISUSED,
                            command + " takes " + (named == null ? "" : "one " + named + ", ")
                                    + String.join(", ", names) + ", and not " + printable(option[0])
                                    + Nearest.hint(option[0], names));
                }
            }
            if (named != null && (name == null || !UsersFile.isName(name))) {
                throw new CommandException(
                        MISUSED, command + " needs a " + named + " of 1 to 256 printable characters.");
            }
        }

        Path usersFile() throws CommandException {
            return path(USERS, "ovos.auth.users", AuthProperties.USERS);
        }

        Path state() throws CommandException {
            return path(STATE, "ovos.state", "state");
        }

        Path[] routes() throws CommandException {
            // as the launcher names those that came with the program
            String shipped = System.getenv("GATEWAY_ROUTES");
            return new Path[] {
                path(null, "ovos.routes.folder", shipped == null ? "routes" : shipped),
                path(null, "ovos.routes.own", "routes.d")
            };
        }

        private Path path(String option, String setting, String otherwise) throws CommandException {
            String given = options.get(option);
            return Path.of(given == null ? setting(setting, otherwise) : given);
        }

        Optional<List<String>> scopes() throws CommandException {
            var scopes = words(SCOPES, UsersFile::isScope, "system:read,voice:speak");
            String unknown = scopes.isEmpty() ? "" : new Scopes(routes()).unknown(scopes.get());
            if (!unknown.isEmpty()) {
                throw new CommandException(
                        MISUSED, "--scopes: no operation, route or command asks for " + unknown + ".");
            }
            return scopes;
        }

        Optional<List<String>> devices() throws CommandException {
            var devices = words(DEVICES, UsersFile::isDevice, "default,kitchen");
            String unknown = devices.isEmpty() ? "" : deviceNames().unknown(devices.get());
            if (!unknown.isEmpty()) {
                throw new CommandException(MISUSED, "--devices: there is no device " + unknown + ".");
            }
            return devices;
        }

        private Optional<List<String>> words(String option, Predicate<String> form, String example)
                throws CommandException {
            String list = options.get(option);
            if (list == null) {
                return Optional.empty();
            }
            var words = Arrays.stream(list.split(","))
                    .map(String::strip)
                    .filter(word -> !word.isEmpty())
                    .distinct()
                    .toList();
            if (!words.stream().allMatch(form)) {
                throw new CommandException(MISUSED, option + " takes a list like " + example + ".");
            }
            return Optional.of(words);
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

    private String setting(String name, String otherwise) throws CommandException {
        return Binder.get(settings())
                .bind(name, String.class)
                .map(value -> value.isBlank() ? otherwise : value)
                .orElse(otherwise);
    }

    private DeviceNames deviceNames() throws CommandException {
        return new DeviceNames(settings());
    }

    /** The settings as a start would read them: from the environment, .env and application.yaml. */
    private ConfigurableEnvironment settings() throws CommandException {
        try {
            if (settings == null) {
                settings = Settings.read(environment);
            }
            return settings;
        } catch (InvalidConfigurationException e) {
            throw new CommandException(FAILED, e.getMessage() + " " + e.remedy());
        } catch (RuntimeException e) {
            // what is wrong with a file is reported there
            throw new CommandException(FAILED, "The settings cannot be read; `ovos-gateway check` says why.");
        }
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
