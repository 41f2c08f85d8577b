// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.ovosgateway.GatewayApplication;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What somebody sees who starts the demo and does what it says. */
@ExtendWith(OutputCaptureExtension.class)
class DemoIT {

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void speaksFirstAndSaysWhatIsPasted(CapturedOutput screen) throws Exception {
        try (var gateway = SpringApplication.run(
                GatewayApplication.class,
                "--spring.profiles.active=demo",
                "--server.port=0",
                "--ovos.management.port=0")) {
            assertThat(gateway.isRunning()).isTrue();
            assertThat(screen.getOut()).startsWith("\nDEMO: ");
            String command = screen.getOut()
                    .lines()
                    .filter(line -> line.startsWith("curl"))
                    .findFirst()
                    .orElseThrow();
            Process shell = new ProcessBuilder("sh", "-c", command).start();
            String answer = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).isEqualTo("{\"utterance\":\"Hello from the gateway\",\"lang\":null}");
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() ->
                            assertThat(screen.getOut()).contains("The assistant says: \"Hello from the gateway\""));
        }
    }
}
