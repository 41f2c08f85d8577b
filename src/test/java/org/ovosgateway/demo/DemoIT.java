// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.ovosgateway.GatewayApplication;
import org.ovosgateway.testing.MqttProbe;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What somebody sees who starts the demo and does what it says. */
@ExtendWith(OutputCaptureExtension.class)
class DemoIT {

    private static final Pattern MOSQUITTO_PUB = Pattern.compile(
            "^mosquitto_pub -h 127.0.0.1 -p (\\d+) -u (\\w+) -P (\\w+) -t (\\S+) -m '(.*)'$", Pattern.MULTILINE);

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void speaksFirstAndSaysWhatIsPasted(CapturedOutput screen) throws Exception {
        try (var gateway = SpringApplication.run(
                GatewayApplication.class,
                "--spring.profiles.active=demo",
                "--server.port=0",
                "--ovos.management.port=0",
                "--ovos.mqtt.broker.port=0")) {
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
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() ->
                            assertThat(screen.getOut()).contains("The assistant says: \"Hello from the gateway\""));
            publish(screen.getOut());
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(screen.getOut()).contains("The assistant says: \"Hello from MQTT\""));
        }
    }

    // as mosquitto_pub does, which need not be there
    private static void publish(String screen) throws Exception {
        Matcher line = MOSQUITTO_PUB.matcher(screen);
        assertThat(line.find()).isTrue();
        try (MqttProbe client = MqttProbe.connect(Integer.parseInt(line.group(1)), line.group(2), line.group(3))) {
            client.publish(line.group(4), line.group(5), message -> message.setQos(0));
        }
    }
}
