// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.Reason;
import org.ovosgateway.StateDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The keys of the tokens: from the configuration, or one that was made at the first start and is kept. */
@Component
class SigningKeys {

    /** HS256 wants a key as long as its digest (RFC 7518 section 3.2). */
    static final int MIN_BYTES = 32;

    private static final Logger LOG = LoggerFactory.getLogger(SigningKeys.class);
    private static final String FILE = "secret";
    private static final int GENERATED_BYTES = 48;
    private static final String REMEDY =
            "Make one with `openssl rand -base64 48` and set it as SECRET in the environment or in .env;"
                    + " without a SECRET the gateway makes and keeps one.";

    private final SecretKey current;
    private final Optional<SecretKey> previous;

    SigningKeys(AuthProperties properties, StateDirectory state) {
        this.current =
                properties.secret().isBlank() ? kept(state) : key(properties.secret(), "SECRET", "ovos.auth.secret");
        this.previous = properties.previousSecret().isBlank()
                ? Optional.empty()
                : Optional.of(key(properties.previousSecret(), "PREVIOUS_SECRET", "ovos.auth.previous-secret"));
    }

    /** Signs and verifies. */
    SecretKey current() {
        return current;
    }

    /** Only verifies, while the tokens that it signed are still about. */
    Optional<SecretKey> previous() {
        return previous;
    }

    /** @param setting of a configured one, so that a message can say where it is set */
    private static SecretKey key(String secret, String name, String... setting) {
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        if (bytes.length < MIN_BYTES) {
            throw new InvalidConfigurationException(
                            name + " is too short: " + bytes.length * 8 + " bits, and " + MIN_BYTES * 8 + " ("
                                    + MIN_BYTES + " bytes) is the least that keeps tokens from being forged.",
                            REMEDY)
                    .about(setting);
        }
        return new SecretKeySpec(bytes, "HmacSHA256");
    }

    private static SecretKey kept(StateDirectory state) {
        Path file = state.file(FILE);
        try {
            if (Files.exists(file)) {
                restrict(file);
                return key(Files.readString(file).strip(), "The secret in " + file);
            }
        } catch (CharacterCodingException e) {
            return key("", "The secret in " + file);
        } catch (IOException e) {
            state.unreadable(FILE, e);
            LOG.error("Until it can be read, and the gateway is started again, tokens are signed with another secret:"
                    + " everybody has to log in again");
            return key(generated(), "The secret");
        }
        String secret = generated();
        StateDirectory.Write write = () -> state.write(FILE, (secret + "\n").getBytes(StandardCharsets.US_ASCII));
        try {
            write.run();
            LOG.info("SECRET is not set: made one and keep it in {}", file);
        } catch (IOException e) {
            state.retry(FILE, write);
            LOG.error(
                    "SECRET is not set, and the one that was made cannot be kept: after a restart everybody has to log"
                            + " in again. Make the state directory writable, set ovos.state to another one, or set SECRET");
        }
        return key(secret, "The secret");
    }

    private static String generated() {
        byte[] random = new byte[GENERATED_BYTES];
        new SecureRandom().nextBytes(random);
        return Base64.getEncoder().encodeToString(random);
    }

    private static void restrict(Path file) {
        var view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view == null) {
            return;
        }
        try {
            var owner = PosixFilePermissions.fromString("rw-------");
            if (!owner.containsAll(view.readAttributes().permissions())) {
                LOG.warn("{} could be read by others; make a new one if somebody may have read it", file);
                view.setPermissions(owner);
            }
        } catch (IOException e) {
            LOG.warn("{} cannot be made the gateway's only: {}", file, Reason.of(e));
        }
    }
}
