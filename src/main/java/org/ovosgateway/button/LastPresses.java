// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.ovosgateway.Json;
import org.ovosgateway.Reason;
import org.ovosgateway.StateDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The number of the last press of each button, kept over a restart.
 *
 * <p>A Shelly i3 reports its last press every 30 seconds, a radio gateway each packet it hears. Only its number says
 * that such a report is an old press, so the number is on the disk before its press acts. A file that cannot be kept
 * up to date is removed: without any memory a repeated report does nothing, with an outdated one it would act.
 */
final class LastPresses {

    static final String FILE = "last-presses.json";

    private static final Logger LOG = LoggerFactory.getLogger(LastPresses.class);
    private static final int MOST = 300;
    private static final int LARGEST_FILE = 512 * 1024;

    private final StateDirectory state;
    private final Consumer<String> trouble;
    /** By button; those heard last are at the end. */
    private final Map<String, Known> known = new LinkedHashMap<>(16, 0.75f, true);

    private boolean changed;
    private boolean failing;

    /**
     * @param key number of the press
     * @param millis when it was heard, since 1970
     * @param since when its number was heard first, by the ticker; of no meaning when it is from before the start
     * @param press whether it was taken as a press
     * @param old whether it is from before the start
     * @param heard when it was reported last, by the ticker; null when that was before the start
     * @param repeats whether the source was ever heard to report one press again later
     */
    record Known(String key, long millis, long since, boolean press, boolean old, Long heard, boolean repeats) {

        Known heardAgain(long now, boolean repeats) {
            return new Known(key, millis, since, press, old, now, repeats);
        }
    }

    /** @param trouble is told when the presses cannot be read or kept */
    LastPresses(StateDirectory state, Consumer<String> trouble) {
        this.state = state;
        this.trouble = trouble;
        read();
    }

    synchronized Known get(String button) {
        return known.get(button);
    }

    synchronized void put(String button, Known press) {
        Known before = known.put(button, press);
        changed |= before == null || !before.key().equals(press.key()) || before.repeats() != press.repeats();
        if (known.size() > MOST) {
            known.remove(known.keySet().iterator().next());
        }
    }

    /** Writes what is new, and returns when it is on the disk; a disk that is full does not stop a press. */
    synchronized void keep() {
        if (!changed) {
            return;
        }
        try {
            write();
            if (failing) {
                failing = false;
                LOG.info("The last presses of buttons are kept again");
            }
        } catch (IOException e) {
            failed(e);
        }
    }

    private synchronized void write() throws IOException {
        List<List<Object>> rows = new ArrayList<>();
        known.forEach((button, press) -> rows.add(List.of(button, press.key(), press.millis(), press.repeats())));
        state.write(FILE, Json.write(rows).getBytes(StandardCharsets.UTF_8));
        changed = false;
    }

    private void failed(IOException e) {
        boolean removed = remove();
        state.retry(FILE, this::write);
        if (!failing) {
            failing = true;
            String told = "The last presses of buttons cannot be kept in %s: %s. Presses act all the same; %s."
                    .formatted(
                            state.file(FILE),
                            Reason.of(e),
                            removed
                                    ? "after a restart the first report of a button that counts does nothing"
                                    : "after a restart an old one may act again");
            LOG.warn(told);
            trouble.accept(told);
        }
    }

    private boolean remove() {
        try {
            Files.deleteIfExists(state.file(FILE));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void read() {
        Path file = state.file(FILE);
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw new IllegalArgumentException("too large");
            }
            for (Object row : Json.STRICT.readValue(Files.readString(file), List.class)) {
                List<?> press = (List<?>) row;
                known.put(
                        (String) press.get(0),
                        new Known(
                                (String) press.get(1),
                                ((Number) press.get(2)).longValue(),
                                0,
                                true,
                                true,
                                null,
                                // a file of a version that did not know
                                press.size() < 4 || Boolean.TRUE.equals(press.get(3))));
            }
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException | RuntimeException e) {
            known.clear();
            boolean unreadable = e instanceof IOException
                    && !(e instanceof CharacterCodingException || e instanceof JsonProcessingException);
            String told =
                    "The last presses of buttons in %s cannot be read%s; the first report of a button that counts does nothing."
                            .formatted(
                                    file,
                                    unreadable
                                            ? ": " + Reason.of((IOException) e)
                                            : ", since they are damaged, and are begun anew");
            LOG.warn(told);
            trouble.accept(told);
        }
        // where it cannot be written now, it may be older than the last press
        changed = true;
        keep();
        if (failing) {
            known.clear();
        }
    }
}
