// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.ovosgateway.Ellipsis;
import org.ovosgateway.Json;
import org.ovosgateway.LogText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Counts what did not act, and tells it on {@code <base>/bridge/event}; a flood of refusals is told a few times a second. */
@Component
@ConditionalOnMqtt
public class Refusals {

    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final int TOLD_PER_SECOND = 20;
    private static final int LONGEST = 500;

    private final Mqtt mqtt;
    private final MeterRegistry meters;
    private long second;
    private int told;
    private long untold;

    Refusals(Mqtt mqtt, MeterRegistry meters) {
        this.mqtt = mqtt;
        this.meters = meters;
        mqtt.onRefused(this::add);
    }

    /** A message on this topic did not act. */
    public void add(String topic, Refusal refusal) {
        count(refusal);
        report(topic, refusal);
    }

    /** A message did not act, for a reason that was reported before. */
    public void count(Refusal refusal) {
        Counter.builder("ovos.mqtt.refused")
                .description("Messages of the broker that did not act")
                .tag("reason", refusal.reason())
                .register(meters)
                .increment();
    }

    private void report(String topic, Refusal refusal) {
        Map<String, Object> data = new LinkedHashMap<>();
        synchronized (this) {
            long now = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime());
            if (now != second) {
                second = now;
                told = 0;
            }
            if (told++ >= TOLD_PER_SECOND) {
                untold++;
                return;
            }
            data.put("topic", Ellipsis.cut(topic, LONGEST));
            data.put("reason", refusal.reason());
            data.put("detail", Ellipsis.cut(refusal.detail(), LONGEST));
            if (untold > 0) {
                data.put("untold_before", untold);
                untold = 0;
            }
        }
        LOG.debug("Refused on {}: {}", LogText.of(topic), LogText.of(refusal.detail()));
        mqtt.publish(mqtt.base() + "/bridge/event", Json.write(Map.of("type", "refused", "data", data)), false);
    }
}
