// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.Arrays;
import java.util.OptionalInt;

import org.apache.camel.component.rest.openapi.springboot.RestOpenApiComponentAutoConfiguration;
import org.apache.camel.component.rest.openapi.springboot.RestOpenApiComponentConverter;
import org.apache.camel.model.rest.springboot.RestConfigurationDefinitionAutoConfiguration;
import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.ovosgateway.auth.UserCommands;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.context.TypeExcludeFilter;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.context.annotation.FilterType;

/**
 * Starts the gateway, or runs a command.
 *
 * <p>What it needs of all that Spring Boot and Camel's starters would set up is named here, as most of the rest would only
 * make the start slower.
 */
@SpringBootConfiguration
@ComponentScan(excludeFilters = @Filter(type = FilterType.CUSTOM, classes = TypeExcludeFilter.class))
@ConfigurationPropertiesScan
@ImportAutoConfiguration({
    PropertyPlaceholderAutoConfiguration.class,
    ConfigurationPropertiesAutoConfiguration.class,
    LifecycleAutoConfiguration.class,
    CamelAutoConfiguration.class,
    RestConfigurationDefinitionAutoConfiguration.class,
    RestOpenApiComponentAutoConfiguration.class,
    RestOpenApiComponentConverter.class
})
public class GatewayApplication {

    public static void main(String[] args) {
        HostName.askTheSystem();
        command(args).ifPresent(System::exit);
        SpringApplication.run(GatewayApplication.class, args);
    }

    /** The exit code of the command among the arguments; empty if the gateway is to start. */
    private static OptionalInt command(String... args) {
        String first = args.length == 0 ? "" : args[0];
        return switch (first) {
            case "check", "--check" -> OptionalInt.of(Check.run(Arrays.copyOfRange(args, 1, args.length)));
            case "version", "--version", "-V" -> {
                System.out.println("ovos-gateway " + version());
                yield OptionalInt.of(0);
            }
            default -> UserCommands.run(args);
        };
    }

    private static String version() {
        String version = GatewayApplication.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }
}
