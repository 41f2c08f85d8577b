// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.util.List;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;

import org.ovosgateway.HostName;
import org.ovosgateway.http.Networks;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The server for the Wyoming protocol.
 *
 * @param enabled whether it is on
 * @param address an address of this machine; the default is reachable from this machine only
 * @param port TCP port; 0 takes a free one
 * @param networks addresses and networks that may connect; nobody else may
 * @param user of the users file; whoever connects has the rights of this one
 * @param zeroconf whether it is announced by multicast, unless the address is a loopback one
 * @param maxConnections open at a time; for one more, the one that has been idle for longest is closed
 * @param maxSound a longer sound to be understood is refused
 */
@Validated
@ConfigurationProperties("ovos.apis.wyoming")
record WyomingProperties(
        @DefaultValue("false") boolean enabled,
        @DefaultValue("127.0.0.1") @NotBlank String address,
        @DefaultValue("10700") @Min(0) @Max(65535) int port,
        @DefaultValue({"127.0.0.0/8", "::1"}) List<String> networks,
        @DefaultValue("") String user,
        @DefaultValue("true") boolean zeroconf,
        @DefaultValue("32") @Min(1) @Max(1000) int maxConnections,
        @DefaultValue("4MB") @NotNull DataSize maxSound) {

    static final String PREFIX = "ovos.apis.wyoming";

    WyomingProperties {
        Networks.of(PREFIX + ".networks", networks);
    }

    Networks allowed() {
        return Networks.of(PREFIX + ".networks", networks);
    }

    boolean isLoopback() {
        return new HostName(address).isLoopback();
    }
}
