// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.X509KeyManager;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import org.ovosgateway.FileStamp;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's certificate and key, read from their files again when these change. Blocks while it reads. */
final class Certificate {

    private static final Logger LOG = LoggerFactory.getLogger(Certificate.class);
    private static final String REMEDY =
            "server.ssl.certificate takes a PEM file with the certificate and those between"
                    + " it and its root, server.ssl.certificate-private-key one with its unencrypted PKCS#8 or PKCS#1 key.";

    private final Vertx vertx;
    private final Path certificate;
    private final Path key;
    private List<FileStamp> read = List.of();
    private List<FileStamp> refused = List.of();

    Certificate(Vertx vertx, ServerProperties.Ssl ssl) {
        this.vertx = vertx;
        this.certificate = ssl.certificate();
        this.key = ssl.certificatePrivateKey();
    }

    /**
     * Certificate and key as they are now.
     *
     * @throws InvalidConfigurationException when they cannot be read or do not fit together
     */
    PemKeyCertOptions read() {
        List<FileStamp> now = stamps();
        refused = now;
        var options = new PemKeyCertOptions().addCertValue(bytes(certificate)).addKeyValue(bytes(key));
        try {
            check(options);
        } catch (InvalidConfigurationException e) {
            throw e;
        } catch (Exception e) {
            // the parser's own message may hold a part of the key
            throw new InvalidConfigurationException(
                    "TLS cannot be set up: %s and %s hold no usable certificate and key.".formatted(certificate, key),
                    REMEDY,
                    e);
        }
        read = now;
        return options;
    }

    /** Whether a file is not the one that was read last, or could not be read then and now can. */
    boolean changed() {
        List<FileStamp> now = stamps();
        return !now.equals(read) && !now.equals(refused);
    }

    private void check(PemKeyCertOptions options) throws Exception {
        for (var manager : options.getKeyManagerFactory(vertx).getKeyManagers()) {
            if (manager instanceof X509KeyManager keys) {
                for (String alias : aliases(keys)) {
                    X509Certificate leaf = keys.getCertificateChain(alias)[0];
                    if (!fits(keys.getPrivateKey(alias), leaf.getPublicKey())) {
                        throw new InvalidConfigurationException(
                                "TLS cannot be set up: the key in %s is not that of the certificate in %s."
                                        .formatted(key, certificate),
                                REMEDY);
                    }
                    if (leaf.getNotAfter().getTime() < System.currentTimeMillis()) {
                        LOG.warn("The certificate in {} has expired: {}", certificate, leaf.getNotAfter());
                    }
                }
            }
        }
    }

    private static List<String> aliases(X509KeyManager keys) {
        return Stream.of("RSA", "EC", "EdDSA")
                .map(type -> keys.getServerAliases(type, null))
                .filter(Objects::nonNull)
                .flatMap(Stream::of)
                .distinct()
                .toList();
    }

    private static boolean fits(PrivateKey secret, PublicKey known) throws GeneralSecurityException {
        String algorithm = switch (known.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> known.getAlgorithm();
        };
        byte[] sample = {1, 2, 3};
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(secret);
        signature.update(sample);
        byte[] signed = signature.sign();
        signature.initVerify(known);
        signature.update(sample);
        return signature.verify(signed);
    }

    private List<FileStamp> stamps() {
        return Arrays.asList(stamp(certificate), stamp(key));
    }

    /** Null for a file that cannot be read, so that it is another one when it can. */
    private static FileStamp stamp(Path file) {
        try {
            return Files.isReadable(file) ? FileStamp.of(file) : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static Buffer bytes(Path file) {
        try {
            return Buffer.buffer(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new InvalidConfigurationException(
                    "TLS cannot be set up: there is no file %s.".formatted(file.toAbsolutePath()), REMEDY, e);
        } catch (IOException e) {
            throw new InvalidConfigurationException(
                    "TLS cannot be set up: %s cannot be read: %s.".formatted(file.toAbsolutePath(), Reason.of(e)),
                    REMEDY,
                    e);
        }
    }
}
