// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import org.ovosgateway.auth.UserCommands;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Starts the gateway, or runs a command. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class GatewayApplication {

    public static void main(String[] args) {
        UserCommands.run(args).ifPresent(System::exit);
        SpringApplication.run(GatewayApplication.class, args);
    }
}
