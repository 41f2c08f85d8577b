// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.NoAnswerException;

/**
 * The stages in which each device matches an utterance. Those that stop are left out: in whichever session something like
 * "stop" is said, they stop the device itself.
 */
final class Pipelines {

    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final long FRESH_NANOS = TimeUnit.MINUTES.toNanos(10);

    private record Known(Future<List<String>> stages, long at) {}

    private final Map<Device, Known> known = new ConcurrentHashMap<>();

    Future<List<String>> of(Device device) {
        return known.compute(
                        device,
                        (key, last) -> last == null || last.stages.failed() || System.nanoTime() - last.at > FRESH_NANOS
                                ? new Known(ask(device), System.nanoTime())
                                : last)
                .stages;
    }

    void forget(Device device) {
        known.remove(device);
    }

    private static Future<List<String>> ask(Device device) {
        return device.session(TIMEOUT)
                .map(session -> {
                    List<String> stages = new ArrayList<>();
                    for (JsonNode stage : session.path("pipeline")) {
                        if (stage.isTextual() && !stage.textValue().contains("stop")) {
                            stages.add(stage.textValue());
                        }
                    }
                    return List.copyOf(stages);
                    // the new line does not tell them; there a session can leave a stage out by its name
                })
                .recover(silence -> silence instanceof NoAnswerException
                        ? Future.succeededFuture(List.of())
                        : Future.failedFuture(silence));
    }
}
