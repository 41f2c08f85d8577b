// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.Map;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import org.ovosgateway.http.Content;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The APIs beside the gateway's own.
 *
 * @param apis by the names of their folders
 */
@Validated
@ConfigurationProperties("ovos")
public record ApiProperties(@DefaultValue Map<String, @Valid Settings> apis) {

    private static final Settings NONE = new Settings(false, null, null);

    /**
     * How one API is served.
     *
     * @param enabled whether it is served at all
     * @param address an address of this machine; null for the one of the gateway's own API
     * @param port TCP port, 0 takes a free one; null for the one of the gateway's own API
     */
    public record Settings(
            @DefaultValue("false") boolean enabled,
            String address,
            @Min(0) @Max(65535) Integer port) {

        boolean isElsewhere() {
            return address != null || port != null;
        }
    }

    /** Whether an API is served. */
    public boolean isEnabled(Api api) {
        return api.isOwn() || of(api).enabled();
    }

    /** The name of the address at which an API is served. */
    public String address(Api api) {
        Settings settings = of(api);
        // without hyphens, as in variables of the environment
        return settings.isElsewhere() ? api.name().replace("-", "") : Content.MAIN;
    }

    /** In variables of the environment names have no hyphens. */
    private Settings of(Api api) {
        Settings exact = apis.get(api.name());
        return exact != null ? exact : apis.getOrDefault(api.name().replace("-", ""), NONE);
    }
}
