// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.security.SecureRandom;
import java.util.HexFormat;

import org.ovosgateway.StateDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The name under which the broker knows this gateway: the configured one, or one made once and kept. */
@Component
@ConditionalOnMqtt
class ClientId {

    private static final Logger LOG = LoggerFactory.getLogger(ClientId.class);
    private static final String FILE = "mqtt-client-id";
    private static final int RANDOM_BYTES = 6;

    private final String id;

    ClientId(MqttProperties properties, StateDirectory state) {
        this.id = properties.clientId().isEmpty() ? kept(state) : properties.clientId();
    }

    String get() {
        return id;
    }

    private static String kept(StateDirectory state) {
        try {
            String known = Files.readString(state.file(FILE)).strip();
            if (known.matches("[A-Za-z0-9_-]{1,64}")) {
                return known;
            }
        } catch (NoSuchFileException e) {
            // the first start
        } catch (IOException e) {
            state.unreadable(FILE, e);
        }
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        String made = "ovos-gateway-" + HexFormat.of().formatHex(random);
        StateDirectory.Write write = () -> state.write(FILE, made.getBytes(StandardCharsets.US_ASCII));
        try {
            write.run();
        } catch (IOException e) {
            state.retry(FILE, write);
            LOG.warn("The MQTT client id is kept until the next restart only: what waits at the broker is lost then."
                    + " Make the state directory writable, or set ovos.mqtt.client-id");
        }
        return made;
    }
}
