// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.ovosgateway.StateDirectory;
import org.springframework.stereotype.Component;

/**
 * The devices whose companion skill has proved the key, also over restarts: the gateway does not send the key to anything that
 * answers in place of that skill.
 *
 * <p>An entry that cannot be written counts until the gateway ends, and is written later. While the file cannot be read, every
 * device counts as proven.
 */
@Component
class ProvenCompanions {

    /** The name of a device in each line. */
    static final String FILE = "proven-companions";

    private final StateDirectory state;
    private final Set<String> devices = ConcurrentHashMap.newKeySet();
    private final boolean readable;

    ProvenCompanions(StateDirectory state) {
        this.state = state;
        this.readable = read();
    }

    boolean has(String device) {
        return !readable || devices.contains(device);
    }

    /** Returns when it is on the disk; may block. */
    void add(String device) {
        if (devices.add(device)) {
            try {
                keep(device);
            } catch (IOException e) {
                // the state directory has logged it
                state.retry(FILE + "/" + device, () -> keep(device));
            }
        }
    }

    private void keep(String device) throws IOException {
        state.append(FILE, (device + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private boolean read() {
        try {
            devices.addAll(Files.readAllLines(state.file(FILE)));
        } catch (NoSuchFileException e) {
            // none has yet
        } catch (IOException e) {
            state.unreadable(FILE, e);
            return false;
        }
        return true;
    }
}
