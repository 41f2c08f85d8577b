// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

import org.ovosgateway.Certificate;

/**
 * Whether a bus is the right one: by the fingerprint of its certificate, or by who signed it and for which host. A refusal
 * says which fingerprint was seen, so that a person can compare and pin it.
 */
final class BusTrust extends X509ExtendedTrustManager {

    /** One side of a check; what it throws is the reason. */
    private interface Check {
        void run(X509ExtendedTrustManager authorities) throws CertificateException;
    }

    private static final X509Certificate[] NONE = {};

    private final String setting;
    private final String pin;
    private final X509ExtendedTrustManager authorities;

    /**
     * Reads the file of the authorities; blocks.
     *
     * @param device name of the device, for messages
     * @throws org.ovosgateway.InvalidConfigurationException when the file cannot be used
     */
    BusTrust(String device, DevicesProperties.Tls tls) {
        this.setting = "ovos.devices." + device + ".tls";
        this.pin = tls.pin();
        this.authorities = pin.isBlank() ? authorities(device, tls.ca()) : null;
    }

    private X509ExtendedTrustManager authorities(String device, String ca) {
        try {
            TrustManagerFactory factory;
            if (ca.isBlank()) {
                factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                factory.init((KeyStore) null);
            } else {
                factory = Certificate.authorities(
                        "TLS to the bus of '%s'".formatted(device), Path.of(ca), setting + ".ca");
            }
            return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
    }

    static String fingerprint(X509Certificate certificate) throws CertificateException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return "sha256:" + HexFormat.of().formatHex(digest);
        } catch (GeneralSecurityException e) {
            throw new CertificateException(e);
        }
    }

    private void check(X509Certificate[] chain, Check check) throws CertificateException {
        String seen = fingerprint(chain[0]);
        if (authorities == null) {
            if (!MessageDigest.isEqual(seen.getBytes(), pin.getBytes())) {
                throw new CertificateException(
                        ("its certificate is not the pinned one. Its fingerprint is %s: if the device shows the same, set"
                                        + " %s.pin to it")
                                .formatted(seen, setting));
            }
            return;
        }
        try {
            check.run(authorities);
        } catch (CertificateException e) {
            throw new CertificateException(
                    ("its certificate is not trusted (%s). Its fingerprint is %s: if the device shows the same, set %s.pin"
                                    + " to it")
                            .formatted(e.getMessage(), seen, setting),
                    e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        check(chain, manager -> manager.checkServerTrusted(chain, type, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        check(chain, manager -> manager.checkServerTrusted(chain, type, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        check(chain, manager -> manager.checkServerTrusted(chain, type));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
        throw new UnsupportedOperationException("a bus is no client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
        throw new UnsupportedOperationException("a bus is no client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
        throw new UnsupportedOperationException("a bus is no client");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities == null ? NONE : authorities.getAcceptedIssuers();
    }
}
