// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads a {@code .env} as ovos-api (python-decouple) does: values are literal, one pair of quotes around one is dropped.
 *
 * <p>There are no comments behind a value and no placeholders in it: {@code #} and {@code $} are what they are.
 */
public final class EnvFile {

    private static final int MAX_BYTES = 1 << 20;
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final Pattern LINE =
            Pattern.compile("(?:export\\s+)?(?<key>[A-Za-z_][A-Za-z0-9_.-]*)\\s*=(?<value>.*)");

    private EnvFile() {}

    /**
     * The entries of the file in its order; of a repeated key the last one counts.
     *
     * @throws InvalidConfigurationException with the file and the line, never the value, if it cannot be understood
     */
    public static Map<String, String> read(Path file) {
        Map<String, String> values = new LinkedHashMap<>();
        entries(file).forEach((key, entry) -> values.put(key, entry.value()));
        return Collections.unmodifiableMap(values);
    }

    /**
     * @param value without quotes
     * @param line counted from 1
     */
    record Entry(String value, int line) {}

    /** As {@link #read}, with the lines. */
    static Map<String, Entry> entries(Path file) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        read(file, entries).stream().findFirst().ifPresent(mistake -> {
            throw mistake;
        });
        return entries;
    }

    /** All that cannot be understood in the file. */
    static List<InvalidConfigurationException> mistakes(Path file) {
        try {
            return read(file, new LinkedHashMap<>());
        } catch (InvalidConfigurationException e) {
            return List.of(e);
        }
    }

    private static List<InvalidConfigurationException> read(Path file, Map<String, Entry> entries) {
        List<InvalidConfigurationException> mistakes = new ArrayList<>();
        int number = 0;
        for (String raw : text(file).split("\\R", -1)) {
            number++;
            String line = raw.strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            var pair = LINE.matcher(line);
            if (!pair.matches()) {
                mistakes.add(malformed(file, number, "is not KEY=value"));
                continue;
            }
            try {
                entries.put(
                        pair.group("key"),
                        new Entry(unquoted(pair.group("value").strip(), file, number), number));
            } catch (InvalidConfigurationException e) {
                mistakes.add(e);
            }
        }
        return mistakes;
    }

    private static String unquoted(String value, Path file, int number) {
        if (!value.startsWith("\"") && !value.startsWith("'")) {
            return value;
        }
        if (value.length() < 2 || value.charAt(value.length() - 1) != value.charAt(0)) {
            throw malformed(file, number, "has a value that begins with a quote and does not end with it");
        }
        return value.substring(1, value.length() - 1);
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new InvalidConfigurationException(
                        file + " is larger than " + MAX_BYTES + " bytes.", "Check that it is the right file.");
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
            return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new InvalidConfigurationException(file + " is not UTF-8.", "Save it as UTF-8.");
        } catch (IOException e) {
            throw new InvalidConfigurationException(
                    file + " cannot be read: " + Reason.of(e) + ".",
                    "Make it a file that the gateway's user may read.");
        }
    }

    private static InvalidConfigurationException malformed(Path file, int number, String reason) {
        return new InvalidConfigurationException(
                file + ", line " + number + " " + reason + ".",
                "Write KEY=value, KEY=\"value\" or KEY='value' on a line of its own; comments begin a line with #.");
    }
}
