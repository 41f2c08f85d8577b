// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.pem.PemContent;
import org.springframework.boot.ssl.pem.PemSslStore;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;

/**
 * A certificate and its key for TLS, read from PEM files, and again when these change.
 *
 * <p>Programs that renew certificates replace the two files one after the other. So certificate and key are used only when
 * they fit together; until then those before them stay.
 */
public final class Certificate {

    private static final Logger LOG = LoggerFactory.getLogger(Certificate.class);
    private static final int LARGEST_FILE = 1 << 20;

    private final PemFile certificate;
    private final PemFile key;

    /**
     * @param purpose begins the messages, such as "TLS of the MQTT broker"
     * @param certificateSetting names {@code certificate}, such as {@code server.ssl.certificate}
     * @param keySetting names {@code key}
     */
    public Certificate(String purpose, Path certificate, String certificateSetting, Path key, String keySetting) {
        String remedy =
                certificateSetting + " takes a PEM file with the certificate and those between it and its root, "
                        + keySetting + " one with its unencrypted PKCS#8 or PKCS#1 key.";
        this.certificate = new PemFile(purpose, certificate, remedy, certificateSetting, keySetting);
        this.key = new PemFile(purpose, key, remedy, certificateSetting, keySetting);
    }

    /**
     * Certificate and key as they are now. Blocks.
     *
     * @throws InvalidConfigurationException when they cannot be read or do not fit together
     */
    public synchronized KeyManagerFactory read() {
        certificate.look();
        key.look();
        return use();
    }

    /**
     * Certificate and key, if a file has changed since it was read last. Blocks.
     *
     * @throws InvalidConfigurationException when they cannot be used; once for each change
     */
    public synchronized Optional<KeyManagerFactory> readIfChanged() {
        // both are looked at
        return certificate.look() | key.look() ? Optional.of(use()) : Optional.empty();
    }

    /** What is wrong with the files, for a person; empty if nothing is. Blocks. */
    public List<String> problems() {
        try {
            read();
            return List.of();
        } catch (InvalidConfigurationException e) {
            return List.of(e.getMessage() + " " + e.remedy());
        }
    }

    /**
     * Who is trusted to sign the certificates of others. Blocks.
     *
     * @param file PEM with their certificates
     * @throws InvalidConfigurationException when it cannot be read
     */
    public static TrustManagerFactory authorities(String purpose, Path file, String setting) {
        var pem = new PemFile(purpose, file, setting + " takes a PEM file with certificates.", setting);
        pem.look();
        String text = pem.text();
        try {
            KeyStore trusted = new PemSslStoreBundle(
                            null, PemSslStore.of(PemContent.of(text).getCertificates(), null))
                    .getTrustStore();
            var authorities = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            authorities.init(trusted);
            return authorities;
        } catch (GeneralSecurityException | RuntimeException e) {
            throw pem.refused("%s holds no usable certificate.".formatted(file), e);
        }
    }

    private KeyManagerFactory use() {
        String certificateText = certificate.text();
        String keyText = key.text();
        try {
            List<X509Certificate> chain = PemContent.of(certificateText).getCertificates();
            PrivateKey secret = PemContent.of(keyText).getPrivateKey();
            X509Certificate leaf = chain.get(0);
            if (!fits(secret, leaf.getPublicKey())) {
                throw key.refused(
                        "the key in %s is not that of the certificate in %s.".formatted(key.path(), certificate.path()),
                        null);
            }
            if (leaf.getNotAfter().getTime() < System.currentTimeMillis()) {
                LOG.warn("The certificate in {} has expired: {}", certificate.path(), leaf.getNotAfter());
            }
            var store = new PemSslStoreBundle(PemSslStore.of(chain, secret), null).getKeyStore();
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, null);
            return keys;
        } catch (InvalidConfigurationException e) {
            throw e;
        } catch (GeneralSecurityException | RuntimeException e) {
            // the parser's own message may hold a part of the key
            throw certificate.refused(
                    "%s and %s hold no usable certificate and key.".formatted(certificate.path(), key.path()), e);
        }
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

    /** One of the files, as it was at the last look. */
    private static final class PemFile {

        private final String purpose;
        private final WatchedFile file;
        private final String remedy;
        private final String[] settings;
        private WatchedFile.Finding found;

        PemFile(String purpose, Path path, String remedy, String... settings) {
            this.purpose = purpose;
            this.file = new WatchedFile(path.toAbsolutePath(), LARGEST_FILE);
            this.remedy = remedy;
            this.settings = settings;
        }

        Path path() {
            return file.path();
        }

        /** Whether the file is another one than at the last look. */
        boolean look() {
            Optional<WatchedFile.Finding> now = file.look();
            now.ifPresent(finding -> found = finding);
            return now.isPresent();
        }

        String text() {
            if (found.missing()) {
                throw refused("there is no file %s.".formatted(path()), null);
            }
            if (found.trouble() != null) {
                throw refused("%s cannot be read: %s.".formatted(path(), found.trouble()), null);
            }
            return new String(found.content(), StandardCharsets.ISO_8859_1);
        }

        InvalidConfigurationException refused(String reason, Exception cause) {
            return new InvalidConfigurationException(purpose + " cannot be set up: " + reason, remedy, cause)
                    .about(settings);
        }
    }
}
