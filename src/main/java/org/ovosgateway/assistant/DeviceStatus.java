// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import io.vertx.core.Future;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.ovosgateway.assistant.Presence.State;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.Inspection;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.bus.Part;
import org.springframework.stereotype.Component;

/** What there is of each device, and what it can do; routes call it as the bean {@code deviceStatus}. */
@Component("deviceStatus")
public class DeviceStatus {

    /** Who asks again and again is given what was found out a moment ago. */
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Devices devices;
    private final Presence presence;
    private final Map<String, Asked> asked = new ConcurrentHashMap<>();

    /** Of devices that are not as they were when they were last looked after. */
    private final Map<String, Change> changes = new ConcurrentHashMap<>();

    private record Asked(Future<Inspection> inspection, boolean connected, long at) {

        boolean isFresh(Device device) {
            return connected == device.isConnected() && System.nanoTime() - at < FRESH_NANOS;
        }
    }

    private record Change(State state, Instant since) {}

    DeviceStatus(Devices devices, Presence presence) {
        this.devices = devices;
        this.presence = presence;
    }

    /** All devices that the caller may use, in the order of their names. */
    public CompletionStage<Map<String, Object>> all(Exchange exchange) {
        Caller caller = Caller.of(exchange);
        List<Future<Map<String, Object>>> all = devices.all().stream()
                .filter(device -> caller.mayUse(device.name()))
                .map(this::status)
                .toList();
        return Future.join(all)
                .map(done -> Map.<String, Object>of("devices", done.list()))
                .toCompletionStage();
    }

    /** One device. */
    public CompletionStage<Map<String, Object>> of(@Header(OvosConstants.DEVICE) String device) {
        return status(devices.get(device)).toCompletionStage();
    }

    private Future<Map<String, Object>> status(Device device) {
        Asked latest = asked.compute(
                device.name(),
                (name, before) -> before != null && before.isFresh(device)
                        ? before
                        : new Asked(Inspection.of(device), device.isConnected(), System.nanoTime()));
        return latest.inspection().map(found -> status(device.name(), found));
    }

    private Map<String, Object> status(String device, Inspection found) {
        Map<String, Boolean> parts = new LinkedHashMap<>(found.parts());
        // one that loads skills may take longer to answer
        boolean core = parts.merge(Part.CORE.label(), presence.isPresent(device, Part.CORE), Boolean::logicalOr);
        State state =
                !core ? State.OFFLINE : found.ready() || presence.isOnline(device) ? State.ONLINE : State.STARTING;
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("name", device);
        status.put("default", device.equals(Devices.DEFAULT));
        status.put("state", state.name().toLowerCase(Locale.ROOT));
        status.put("since", since(device, state).truncatedTo(ChronoUnit.SECONDS).toString());
        status.put("parts", parts);
        status.put("can", found.abilities());
        return status;
    }

    private Instant since(String device, State state) {
        if (state == presence.state(device)) {
            changes.remove(device);
            return presence.since(device);
        }
        return changes.compute(
                        device,
                        (name, before) ->
                                before != null && before.state() == state ? before : new Change(state, Instant.now()))
                .since();
    }
}
