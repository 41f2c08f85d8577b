// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.testing.DoorClients;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

/** The client of PyPI. */
class WyomingIT {

    @RegisterExtension
    @Order(1)
    static final DoorClients clients = new DoorClients();

    @RegisterExtension
    @Order(2)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(3)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.apis.wyoming.enabled", true)
            .with("ovos.apis.wyoming.port", 0)
            .with("ovos.apis.wyoming.user", Gateway.USER);

    @TempDir
    Path folder;

    @Test
    void talksHearsAndSpeaks() throws IOException {
        gateway.awaitBus();

        clients.run(
                "voice.py",
                gateway.property("local.apis.wyoming.port", int.class),
                Files.write(folder.resolve("question.wav"), Sounds.wav("what time is it")));
    }
}
