// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.testing.EmbeddedBroker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ovosgateway.broker.Wire.NONE;
import static org.ovosgateway.broker.Wire.bytes;
import static org.ovosgateway.broker.Wire.packet;
import static org.ovosgateway.broker.Wire.puback;
import static org.ovosgateway.broker.Wire.publish;
import static org.ovosgateway.broker.Wire.subscribe;

/** What comes again to a client that left messages unacknowledged. */
class ResumedSessionTest {

    private static final int LARGE = 100_000;

    @RegisterExtension
    static final EmbeddedBroker BROKER = new EmbeddedBroker();

    @Test
    void sendsLargeMessagesAgainOnceAndInOrder() throws Exception {
        try (Wire from = Wire.connected(BROKER.port(), "from", true)) {
            Wire to = Wire.connected(BROKER.port(), "to", false);
            to.send(subscribe(1, "large", 1));
            to.expect(9);
            for (int i = 0; i < 2; i++) {
                from.send(publish("large", i + 1, NONE, payload(i)));
                from.expect(4);
                to.expect(3);
            }
            to.drop();
            for (int i = 2; i < 5; i++) {
                from.send(publish("large", i + 1, NONE, payload(i)));
                from.expect(4);
            }
            try (Wire back = Wire.connected(BROKER.port(), "to", false)) {
                List<Integer> numbers = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    Wire.Packet message = back.expect(3);
                    numbers.add((int) message.payload()[0]);
                    back.send(puback(message.id()));
                }
                assertThat(numbers).containsExactly(0, 1, 2, 3, 4);
                back.send(packet(0xC0));
                assertThat(back.read().type()).isEqualTo(13);
            }
        }
    }

    @Test
    void sendsNoMoreAgainThanTheClientTakesNow() throws Exception {
        try (Wire from = Wire.connected(BROKER.port(), "from-2", true)) {
            Wire to = Wire.connected(BROKER.port(), "to-2", false);
            to.send(subscribe(1, "many", 1));
            to.expect(9);
            for (int i = 0; i < 5; i++) {
                from.send(publish("many", i + 1, NONE, bytes(i)));
                from.expect(4);
                to.expect(3);
            }
            to.drop();
            try (Wire back = new Wire(BROKER.port())) {
                // receive maximum 2, session expiry 256 s
                back.send(Wire.connect("to-2", 0, bytes(8, 0x21, 0, 2, 0x11, 0, 0, 1, 0), bytes()));
                assertThat(numbersUntilPong(back)).containsExactly(0, 1);
                back.send(puback(1), puback(2));
                assertThat(numbersUntilPong(back)).containsExactly(2, 3);
            }
        }
    }

    private static List<Integer> numbersUntilPong(Wire wire) throws IOException {
        wire.send(packet(0xC0));
        List<Integer> numbers = new ArrayList<>();
        for (Wire.Packet packet = wire.read(); packet.type() != 13; packet = wire.read()) {
            if (packet.type() == 3) {
                numbers.add((int) packet.payload()[0]);
            }
        }
        return numbers;
    }

    private static byte[] payload(int number) {
        byte[] payload = new byte[LARGE];
        payload[0] = (byte) number;
        return payload;
    }
}
