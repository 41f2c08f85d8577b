// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

import io.vertx.core.Future;
import org.apache.camel.CamelContext;
import org.ovosgateway.Ellipsis;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * What can be commanded: routes that begin with {@code command:<name>}, and the operations that the contract makes commands.
 * Where both have one name, the route is meant: it is the owner's.
 */
@Component
public final class Commands {

    private final Map<String, CommandConsumer> byName = new ConcurrentHashMap<>();
    private final Devices devices;
    private final ApiOperations operations;
    private final CamelContext camel;
    private final HeldCommands held;

    Commands(Devices devices, ApiOperations operations, CamelContext camel, HeldCommands held) {
        this.devices = devices;
        this.operations = operations;
        this.camel = camel;
        this.held = held;
    }

    void add(String name, CommandConsumer consumer) {
        byName.put(name, consumer);
    }

    void remove(String name, CommandConsumer consumer) {
        byName.remove(name, consumer);
    }

    /** The names of all commands that can be run, sorted. */
    public Set<String> names() {
        Set<String> names = new TreeSet<>(operations.commands().keySet());
        byName.forEach((name, command) -> {
            if (command.missingOperation().isEmpty()) {
                names.add(name);
            } else {
                names.remove(name);
            }
        });
        return names;
    }

    /**
     * Checks the name of a device when a route is loaded.
     *
     * @throws IllegalArgumentException when there is none of this name
     */
    public void requireDevice(String device) {
        if (!devices.names().contains(device)) {
            throw new IllegalArgumentException(devices.absent(device));
        }
    }

    /** Whether there are such a device and such a command. */
    public boolean knows(String device, String command) {
        return command(command) != null && devices.names().contains(device);
    }

    /**
     * Runs a command; nothing blocks.
     *
     * @return what its route made of it; fails with {@link ProblemException}: {@code unknown-command} or
     *     {@code unknown-device} (404), {@code forbidden} (403), {@code validation} (422), or what the route fails with
     */
    public Future<Object> run(Call call) {
        return held.whenReleased(() -> runNow(call));
    }

    private Future<Object> runNow(Call call) {
        try {
            Command command = command(call.command());
            if (command == null) {
                throw problem(
                        "unknown-command",
                        "There is no such command",
                        404,
                        "There is no command '%s'; there are %s."
                                .formatted(Ellipsis.cut(call.command(), 64), String.join(", ", names())));
            }
            command.missingOperation().ifPresent(operation -> {
                throw problem(
                        "unknown-command",
                        "There is no such command",
                        404,
                        "The command '%s' was the operation '%s', which the contract has no longer."
                                .formatted(call.command(), operation));
            });
            devices.of(call.caller(), call.device());
            if (command.scope() != null) {
                call.caller().require(command.scope());
            }
            ApiOperations.Input input = command.read(call.payload());
            if (call.dryRun() != null) {
                Map<String, Object> note = new LinkedHashMap<>();
                note.put("command", call.command());
                note.put("device", call.device());
                note.put("payload", input.body());
                note.putAll(input.headers());
                call.dryRun().note(note);
            }
            return command.run(call, input);
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    private Command command(String name) {
        CommandConsumer route = byName.get(name);
        if (route != null) {
            return route;
        }
        String operation = operations.commands().get(name);
        return operation == null ? null : new OperationCommand(camel, operations, operation);
    }

    private static ProblemException problem(String type, String title, int status, String detail) {
        return new ProblemException(new Problem(type, title, status, detail));
    }
}
