// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.Map;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** Where a caller on this machine finds the gateway. */
record DemoAddress(boolean secure, String host, int port) {

    private static final int DEFAULT_PORT = 8000;

    static DemoAddress of(Environment environment) {
        boolean secure = environment.getProperty("server.ssl.enabled", Boolean.class, true)
                && Binder.get(environment)
                        .bind("server.ssl", Bindable.mapOf(String.class, Object.class))
                        .orElse(Map.of())
                        .keySet()
                        .stream()
                        .anyMatch(key -> !key.equals("enabled"));
        int port = environment.getProperty(
                "local.server.port",
                Integer.class,
                environment.getProperty("server.port", Integer.class, DEFAULT_PORT));
        return new DemoAddress(secure, host(environment.getProperty("server.address", "")), port);
    }

    DemoAddress withPort(int other) {
        return new DemoAddress(secure, host, other);
    }

    String base() {
        return (secure ? "https://" : "http://") + host + ":" + port;
    }

    // an address that stands for all interfaces is reached over loopback
    private static String host(String address) {
        return switch (address) {
            case "", "0.0.0.0", "::", "[::]" -> "127.0.0.1";
            default -> address.contains(":") && !address.startsWith("[") ? "[" + address + "]" : address;
        };
    }
}
