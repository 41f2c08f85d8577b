// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.ovosgateway.DeviceNames;
import org.ovosgateway.Scopes;
import org.ovosgateway.StateDirectory;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.security.crypto.bcrypt.BCrypt;

/** All of the auth package over a folder, with a clock that the test turns. */
final class Gate {

    static final String SECRET = "0123456789abcdef0123456789abcdef";
    static final String PASSWORD = "correct horse";
    static final String HASH = hash(PASSWORD);
    static final String ADDRESS = "192.0.2.7";

    /** The devices default and kitchen. */
    static final DeviceNames DEVICES = new DeviceNames(new MockEnvironment()
            .withProperty("ovos.devices.default.host", "a")
            .withProperty("ovos.devices.kitchen.host", "b"));

    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Turnable clock;
    final Path file;
    final StateDirectory state;
    final AuthProperties properties;
    final Users users;
    final Families families;
    final PermatokenRegister register;
    final Permatokens permatokens;
    final Tokens tokens;
    final Logins logins;

    /** A gate with the users ada (everything), bob (reads only) and eve (inactive). */
    Gate(Path folder) {
        this(folder, new Turnable(), properties(folder, SECRET, ""));
    }

    Gate(Path folder, Turnable clock, AuthProperties properties) {
        this.clock = clock;
        this.properties = properties;
        this.file = Path.of(properties.users());
        if (Files.notExists(file)) {
            write("""
                    [{"user": "ada", "password": "%1$s", "active": true},
                     {"user": "bob", "password": "%1$s", "active": true, "scopes": ["system:read"]},
                     {"user": "eve", "password": "%1$s", "active": false}]""".formatted(HASH));
        }
        this.state = new StateDirectory(folder.resolve("state").toString());
        this.users = new Users(file);
        this.families = new Families(state, properties, clock, Families.LIMIT);
        this.register = new PermatokenRegister(state, clock);
        this.permatokens = new Permatokens(register, users, new Scopes(folder.resolve("routes")), DEVICES, clock);
        this.tokens =
                new Tokens(new SigningKeys(properties, state), users, families, permatokens, properties, meters, clock);
        this.logins = new Logins(new Passwords(users), tokens, families, users, properties, meters, clock::nanos);
    }

    /** What a restart leaves: the same files, the same time, a new process. */
    Gate restarted() {
        return new Gate(Path.of(state.state()).getParent(), clock, properties);
    }

    Gate restarted(AuthProperties changed) {
        return new Gate(Path.of(state.state()).getParent(), clock, changed);
    }

    static AuthProperties properties(Path folder, String secret, String previousSecret) {
        return new AuthProperties(
                secret,
                previousSecret,
                folder.resolve("users.json").toString(),
                Duration.ofMinutes(30),
                Duration.ofHours(6),
                new AuthProperties.Hashing(1, 2),
                new AuthProperties.Attempts(10, 30, Duration.ofMinutes(5)));
    }

    TokenPair logIn(String user) {
        return logins.logIn(user, PASSWORD, ADDRESS);
    }

    void write(String json) {
        try {
            Files.writeString(file, json, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A cheap hash. */
    static String hash(String password) {
        return hash(password, 4);
    }

    static String hash(String password, int cost) {
        return BCrypt.hashpw(password, BCrypt.gensalt("$2b", cost));
    }

    /** Stands still until it is turned. */
    static final class Turnable extends Clock {
        private volatile Instant now = Instant.parse("2030-01-01T00:00:00Z");

        void turn(Duration by) {
            now = now.plus(by);
        }

        long nanos() {
            return Duration.between(Instant.EPOCH, now).toNanos();
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
