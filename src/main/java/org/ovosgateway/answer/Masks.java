// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.answer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import jakarta.validation.constraints.NotEmpty;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;
import org.springframework.validation.annotation.Validated;

/** Hides the values of keys that name a secret, at any depth; the keys stay. */
@Component
public class Masks {

    /**
     * What is masked.
     *
     * @param keys regular expressions for a whole key, after it was turned into lower case words with _ between them
     */
    @Validated
    @ConfigurationProperties("ovos.mask")
    record MaskProperties(
            @NotEmpty
            @DefaultValue({
                "key",
                ".*(password|passwd|passphrase|secret|credential).*",
                "(.*_)?(pass|pwd|psk|pin)",
                ".*token",
                "(.*_)?(access|refresh|api|auth|bearer|id)_?tokens|tokens",
                ".*user_?names?|user|login",
                ".*(private|api|access|app|auth|encryption|signing|shared|client|ssh|license)_?keys?(_id)?",
                // the key of a service: wolfram_key
                "(?!.*(public|hot|primary|foreign|sort|cache)_keys?).*_keys?(_id)?",
                "authorization|cookies?",
            })
            List<Pattern> keys) {}

    private static final String MASK = "********";
    private static final Pattern CAMEL_CASE = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");
    private static final Pattern SEPARATORS = Pattern.compile("[^\\p{L}\\p{N}]+");

    /** A password inside of a URL: {@code scheme://user:password@host}. */
    private static final Pattern IN_URL = Pattern.compile("(?<=://)[^/\\s:@]*:[^/\\s@]*(?=@)");

    /** Keys recur from answer to answer; bounded, since they come from outside. */
    private static final int REMEMBERED = 5_000;

    private final List<Pattern> secretKeys;
    private final Map<String, Boolean> known = new ConcurrentHashMap<>();

    Masks(MaskProperties properties) {
        this.secretKeys = List.copyOf(properties.keys());
    }

    /** The same with the values of such keys hidden; a copy where it is a map or a list. */
    public Object mask(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> masked = new LinkedHashMap<>();
            map.forEach((key, member) -> {
                String name = key.toString();
                masked.put(name, isSecret(name) ? MASK : mask(member));
            });
            return masked;
        }
        if (value instanceof List<?> list) {
            return list.stream().map(this::mask).toList();
        }
        if (value instanceof String text && text.contains("://")) {
            return IN_URL.matcher(text).replaceAll(MASK);
        }
        return value;
    }

    private boolean isSecret(String key) {
        Boolean secret = known.get(key);
        if (secret == null) {
            String words = SEPARATORS
                    .matcher(CAMEL_CASE.matcher(key).replaceAll("_"))
                    .replaceAll("_")
                    .toLowerCase(Locale.ROOT);
            secret = secretKeys.stream()
                    .anyMatch(pattern -> pattern.matcher(words).matches());
            if (known.size() < REMEMBERED) {
                known.put(key, secret);
            }
        }
        return secret;
    }
}
