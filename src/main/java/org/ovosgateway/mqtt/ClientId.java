// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.security.SecureRandom;
import java.util.HexFormat;

import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.StateDirectory;
import org.springframework.stereotype.Component;

/** The name under which the broker knows this gateway: the configured one, or one made once and kept. */
@Component
@ConditionalOnMqtt
class ClientId {

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
            throw new InvalidConfigurationException(
                    "The MQTT client id in " + state.file(FILE) + " cannot be read: " + e,
                    "Set ovos.mqtt.client-id, or make the file readable.");
        }
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        String made = "ovos-gateway-" + HexFormat.of().formatHex(random);
        try {
            state.write(FILE, made.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new InvalidConfigurationException(
                    "The MQTT client id cannot be kept in " + state.file(FILE) + ": " + e,
                    "Set ovos.mqtt.client-id, or make the state directory writable.");
        }
        return made;
    }
}
