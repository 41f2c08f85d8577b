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
 * The stages by which each device matches an utterance, without those that stop: they stop the device itself, in whichever
 * session somebody says "stop".
 */
final class Pipelines {

    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final long FRESH_NANOS = TimeUnit.MINUTES.toNanos(10);

    private record Entry(Future<List<String>> stages, long loadedAt) {}

    private final Map<Device, Entry> byDevice = new ConcurrentHashMap<>();

    Future<List<String>> of(Device device) {
        return byDevice.compute(
                        device,
                        (key, entry) -> entry == null
                                        || entry.stages.failed()
                                        || System.nanoTime() - entry.loadedAt > FRESH_NANOS
                                ? new Entry(load(device), System.nanoTime())
                                : entry)
                .stages;
    }

    void forget(Device device) {
        byDevice.remove(device);
    }

    private static Future<List<String>> load(Device device) {
        return device.session(TIMEOUT)
                .map(session -> {
                    List<String> stages = new ArrayList<>();
                    for (JsonNode stage : session.path("pipeline")) {
                        if (stage.isTextual() && !stage.textValue().contains("stop")) {
                            stages.add(stage.textValue());
                        }
                    }
                    return List.copyOf(stages);
                })
                // the new line does not list them; there a session can leave a stage out by its name
                .recover(cause -> cause instanceof NoAnswerException
                        ? Future.succeededFuture(List.of())
                        : Future.failedFuture(cause));
    }
}
