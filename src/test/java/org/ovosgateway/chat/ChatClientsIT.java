// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.chat;

import java.io.IOException;
import java.time.Duration;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.DoorClients;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Ffmpeg;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** The clients of Ollama and OpenAI that everybody has. */
class ChatClientsIT {

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder().speech(Duration.ofMillis(20)));

    @RegisterExtension
    @Order(2)
    static final Ffmpeg ffmpeg = new Ffmpeg();

    @RegisterExtension
    @Order(3)
    static final DoorClients clients = new DoorClients();

    @RegisterExtension
    @Order(4)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.apis.ollama.enabled", true)
            .with("ovos.apis.openai.enabled", true)
            .with("ovos.audio.ffmpeg", ffmpeg::path);

    @Test
    void talkWithTheAssistantByALongLivedToken() throws IOException {
        gateway.awaitBus();
        String token = gateway.permatoken("{\"name\": \"chat\", \"scopes\": [\"conversation:ask\", \"voice:*\"]}")
                .path("token")
                .asText();

        assertThat(clients.run("chat.py", gateway.port(), token)).endsWith("all as it should be");
    }
}
