// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.nio.file.Files;
import java.nio.file.Path;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class LiveWiringTest {

    @TempDir
    Path folder;

    @EnableAutoConfiguration
    @ComponentScan
    @ConfigurationPropertiesScan
    static class Application {
        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }
    }

    @Test
    void routesAreLiveWhenTheApplicationHasStarted() throws Exception {
        Files.writeString(folder.resolve("a.camel.yaml"), LiveFolder.answering("a", "\"{{ovos.routes.folder}}\""));
        try (var application = application().run("--ovos.routes.folder=" + folder)) {
            var context = application.getBean(CamelContext.class);

            assertThat(context.createProducerTemplate().requestBody("direct:a", "", String.class))
                    .isEqualTo(folder.toString());
            // Camel itself loads nothing: camel/decoy.camel.yaml of the class path is where it looks by default
            assertThat(context.getRoutes()).hasSize(1);
            assertThat(context.getComponent("direct")).isInstanceOf(SwitchedDirect.class);
        }
    }

    @Test
    void tellsABrokenFileInHealthAndStaysUp() throws Exception {
        Files.writeString(folder.resolve("a.camel.yaml"), "- route: [");
        try (var application = application().run("--ovos.routes.folder=" + folder)) {
            var results = HealthCheckHelper.invokeReadiness(application.getBean(CamelContext.class));

            var result = results.stream()
                    .filter(r -> r.getCheck().getId().equals("routes"))
                    .findFirst()
                    .orElseThrow();
            assertThat(result.getState()).isEqualTo(HealthCheck.State.UP);
            assertThat(result.getDetails().get(folder.resolve("a.camel.yaml").toString()))
                    .asString()
                    .contains("a.camel.yaml:1: ");
            assertThat(HealthCheckHelper.invokeLiveness(application.getBean(CamelContext.class)))
                    .noneMatch(r -> r.getCheck().getId().equals("routes"));
        }
    }

    @Test
    void doesNotStartWithoutTheFolder() {
        assertThatThrownBy(() -> application().run("--ovos.routes.folder=" + folder.resolve("nowhere")))
                .rootCause()
                .hasMessageContaining("does not exist")
                .hasMessageContaining("ovos.routes.folder");
    }

    private static SpringApplicationBuilder application() {
        return new SpringApplicationBuilder(Application.class).properties("camel.main.run-controller=false");
    }
}
