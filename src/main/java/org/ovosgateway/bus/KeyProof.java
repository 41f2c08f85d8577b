// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Shows that a message comes from somebody who has the key: HMAC-SHA256 (RFC 2104) over what it says. */
final class KeyProof {

    private static final String ALGORITHM = "HmacSHA256";

    private final byte[] key;

    KeyProof(String key) {
        this.key = key.getBytes(StandardCharsets.UTF_8);
    }

    /** In hexadecimal; over type, id, challenge, and the SHA-256 of the body, a line each. */
    String of(String type, String id, String challenge, String body) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8));
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            String text = String.join("\n", type, id, challenge, HexFormat.of().formatHex(digest));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Each Java has HMAC-SHA256", e);
        }
    }

    boolean holds(String given, String type, String id, String challenge, String body) {
        return MessageDigest.isEqual(
                of(type, id, challenge, body).getBytes(StandardCharsets.US_ASCII),
                given.getBytes(StandardCharsets.UTF_8));
    }
}
