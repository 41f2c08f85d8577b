// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.health;

import java.time.ZonedDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.ovosgateway.http.HttpServer;
import org.springframework.stereotype.Component;

/**
 * Whether the gateway can do its work: it serves, its routes run, and the bus of every device is connected.
 *
 * <p>Asks all checks in Camel's registry that take part in readiness, such as {@code bus-<device>} and {@code routes}.
 */
@Component
final class Health {

    private final CamelContext camel;
    private final HttpServer http;

    Health(CamelContext camel, HttpServer http) {
        this.camel = camel;
        this.http = http;
    }

    /** Runs all checks; may block. */
    Report report() {
        Check serving =
                new Check("http", http.isServing(), http.isServing() ? null : "The API is not served", Map.of());
        Check started = new Check(
                "camel", camel.isStarted(), camel.isStarted() ? null : "Camel is " + camel.getStatus(), Map.of());
        return new Report(Stream.concat(
                        Stream.of(serving, started),
                        HealthCheckHelper.invokeReadiness(camel, "full").stream()
                                .map(Health::check)
                                .sorted(Comparator.comparing(Check::name)))
                .toList());
    }

    private static Check check(HealthCheck.Result result) {
        boolean up = result.getState() == HealthCheck.State.UP;
        Map<String, Object> details = new TreeMap<>();
        result.getDetails().forEach((key, value) -> {
            // Camel's own bookkeeping, such as check.id and invocation.count, and never a stack trace
            boolean own = !key.contains(".");
            if (own && value != null) {
                details.put(key, value.toString());
            }
        });
        Object since = result.getDetails().get(HealthCheck.FAILURE_START_TIME);
        if (!up && since != null) {
            // Camel adds the name of the zone, which RFC 3339 does not know
            details.putIfAbsent(
                    "since", ZonedDateTime.parse(since.toString()).toInstant().toString());
        }
        return new Check(result.getCheck().getId(), up, result.getMessage().orElse(null), details);
    }

    /** What all checks say. */
    record Report(List<Check> checks) {

        boolean up() {
            return checks.stream().allMatch(Check::up);
        }

        /** The same without what is well. */
        Report down() {
            return new Report(checks.stream().filter(check -> !check.up).toList());
        }
    }

    /**
     * What one check says.
     *
     * @param message why it is down, or null
     * @param details such as {@code since}
     */
    record Check(String name, boolean up, String message, Map<String, Object> details) {}
}
