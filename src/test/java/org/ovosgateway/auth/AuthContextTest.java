// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.DeviceNames;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.Scopes;
import org.ovosgateway.StateDirectory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@ExtendWith(OutputCaptureExtension.class)
class AuthContextTest {

    @TempDir
    private Path folder;

    @Test
    void hasTheBeansThatRoutesCall() {
        runner().withPropertyValues("SECRET=" + Gate.SECRET).run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBean("logins")).isInstanceOf(Logins.class);
            assertThat(context.getBean("tokens")).isInstanceOf(Tokens.class);
            assertThat(context.getBean("hashing")).isInstanceOf(ExecutorService.class);
        });
    }

    @Test
    void bindsTheVariablesOfTheOriginal() {
        runner().withPropertyValues(
                        "SECRET=" + Gate.SECRET,
                        "PREVIOUS_SECRET=" + Gate.SECRET + "!",
                        "USERS_DB=",
                        "STATE_DIRECTORY=" + folder.resolve("elsewhere"),
                        "ovos.auth.access-token-lifetime=5m",
                        "ovos.auth.attempts.per-user=3",
                        "ovos.auth.hashing.threads=2")
                .run(context -> {
                    var properties = context.getBean(AuthProperties.class);
                    assertThat(properties.secret()).isEqualTo(Gate.SECRET);
                    assertThat(properties.previousSecret()).isEqualTo(Gate.SECRET + "!");
                    assertThat(properties.users()).isEqualTo("users.json");
                    assertThat(properties.accessTokenLifetime()).isEqualTo(Duration.ofMinutes(5));
                    assertThat(properties.refreshTokenLifetime()).isEqualTo(Duration.ofHours(6));
                    assertThat(properties.attempts())
                            .isEqualTo(new AuthProperties.Attempts(3, 30, Duration.ofMinutes(5)));
                    assertThat(properties.hashing()).isEqualTo(new AuthProperties.Hashing(2, 32));
                    assertThat(properties.toString()).doesNotContain(Gate.SECRET);
                    assertThat(context.getBean(StateDirectory.class).state()).endsWith("elsewhere");
                });
    }

    @Test
    void takesEmptyVariablesForOnesThatAreNotSet() {
        assertThat(new StateDirectory("").file("secret")).isEqualTo(Path.of("state", "secret"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "access-token-lifetime=0s",
                "refresh-token-lifetime=soon",
                "attempts.per-user=0",
                "attempts.window=0s",
                "hashing.queue=0",
                "hashing.threads=-1"
            })
    void refusesToStartWithWhatMakesNoSense(String property) {
        runner().withPropertyValues("SECRET=" + Gate.SECRET, "ovos.auth." + property)
                .run(context -> assertThat(context).hasFailed());
    }

    @Test
    void showsAShortSecretWithARemedyAndWithoutTheSecret(CapturedOutput output) {
        var application = new SpringApplication(Beans.class);
        application.setWebApplicationType(WebApplicationType.NONE);

        assertThatThrownBy(
                        () -> application.run("--SECRET=much-too-short", "--ovos.state=" + folder, "--OVOS_ENV_FILE="))
                .hasRootCauseInstanceOf(InvalidConfigurationException.class);

        assertThat(output.getAll())
                .contains("The gateway cannot start.", "SECRET is too short", "openssl rand -base64 48")
                .doesNotContain("much-too-short", "\tat ");
    }

    private ApplicationContextRunner runner() {
        return new ApplicationContextRunner()
                .withInitializer(new ConfigDataApplicationContextInitializer())
                .withUserConfiguration(Beans.class)
                .withPropertyValues("STATE_DIRECTORY=" + folder.resolve("state"));
    }

    @Configuration(proxyBeanMethods = false)
    @Import({DeviceNames.class, Scopes.class})
    @EnableConfigurationProperties({AuthProperties.class, StateDirectory.class})
    @ComponentScan(excludeFilters = @Filter(type = FilterType.REGEX, pattern = ".*Test.*"))
    static class Beans {

        @Bean
        CamelContext camel() {
            return new DefaultCamelContext();
        }

        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }
    }
}
