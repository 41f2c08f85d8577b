// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@ExtendWith(OutputCaptureExtension.class)
class EnvFilePostProcessorTest {

    private final Map<String, Object> variables = new HashMap<>();
    private final StandardEnvironment environment = new StandardEnvironment();
    private Path file;

    @BeforeEach
    void choose(@TempDir Path folder) {
        file = folder.resolve(".env");
        variables.put("OVOS_ENV_FILE", file.toString());
        environment
                .getPropertySources()
                .replace("systemEnvironment", new SystemEnvironmentPropertySource("systemEnvironment", variables));
        // as the application.yaml has it
        environment
                .getPropertySources()
                .addLast(new MapPropertySource(
                        "yaml", Map.of("ovos.auth.secret", "${SECRET:}", "ovos.bus.host", "127.0.0.1")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a]ajmffdrtj4r#2meSw$v",
                "#%$h64tenayjqDSB67cwCcev44!313",
                "${",
                "a${b}c",
                "a${b:c}d",
                "${SECRET}",
                "\\${a}",
                "\\\\${a}${b",
                "${${a}}",
                "a:b\\:c",
                "#{1}",
                "$${a}}"
            })
    void keepsAValueLiterally(String value) throws IOException {
        Files.writeString(file, "SECRET='" + value + "'\n");
        process();
        assertThat(secret()).isEqualTo(value);

        Files.writeString(file, "");
        variables.put("SECRET", value);
        process();
        assertThat(secret()).isEqualTo(value);
    }

    @Test
    void winsOverTheYamlAndGivesWayToTheEnvironment() throws IOException {
        Files.writeString(file, "OVOS_BUS_HOST=a.example\nSECRET=from-file\n");
        variables.put("SECRET", "from-environment");

        process();

        assertThat(Binder.get(environment).bind("ovos.bus.host", String.class).get())
                .isEqualTo("a.example");
        assertThat(secret()).isEqualTo("from-environment");
    }

    @Test
    void leavesTheSwitchesOfOtherProgramsToThem() throws IOException {
        Files.writeString(file, "DEBUG=True\nTRACE=1\nSECRET=a\n");

        process();

        assertThat(environment.getProperty("debug")).isNull();
        assertThat(environment.getProperty("trace")).isNull();
        assertThat(secret()).isEqualTo("a");
    }

    @Test
    void givesWayToTheCommandLine() throws IOException {
        Files.writeString(file, "OVOS_BUS_HOST=a.example\n");
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource("commandLineArgs", Map.of("ovos.bus.host", "b.example")));

        process();

        assertThat(environment.getProperty("ovos.bus.host")).isEqualTo("b.example");
    }

    @Test
    void refusesANamedFileThatIsMissing() {
        assertThatThrownBy(this::process)
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void readsNoFileWhenItIsToldSo() {
        variables.put("OVOS_ENV_FILE", "");

        process();

        assertThat(secret()).isEmpty();
    }

    @Test
    void showsAMalformedFileWithoutAStackTrace(CapturedOutput output) throws IOException {
        Files.writeString(file, "SECRET=\"s3cr3t\n");
        var application = new SpringApplication(Object.class);
        application.setWebApplicationType(WebApplicationType.NONE);

        assertThatThrownBy(() -> application.run("--OVOS_ENV_FILE=" + file))
                .isInstanceOf(InvalidConfigurationException.class);

        assertThat(output.getAll())
                .contains("The gateway cannot start.", file + ", line 1", "Write KEY=value")
                .doesNotContain("s3cr3t", "\tat ");
    }

    private void process() {
        new EnvFilePostProcessor().postProcessEnvironment(environment, new SpringApplication());
    }

    private String secret() {
        return Binder.get(environment).bind("ovos.auth.secret", String.class).orElse("");
    }
}
