// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.List;
import java.util.Map;

import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.ovosgateway.Nearest;
import org.ovosgateway.live.LiveRoutes;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/** {@code command:<name>}: a route that begins with it is a command; one that sends to it runs the command. */
@Component("command-component")
class CommandComponent extends DefaultComponent {

    private static final List<String> OPTIONS =
            List.of("operation", "scope", "payload", "value", "min", "max", "device");

    private final Commands commands;
    private final ApiOperations operations;

    CommandComponent(Commands commands, ApiOperations operations, LiveRoutes routes) {
        this.commands = commands;
        this.operations = operations;
        routes.checkOperationsBy(this::check);
    }

    /** What a route or a button gives to an operation must fit the contract that is about to be live. */
    private void check(String operation, Object input) {
        try {
            new OperationInput(operation, operations.mainMember(operation), operations::readNext).read(input);
        } catch (ProblemException e) {
            throw new IllegalArgumentException(e.problem().detail(), e);
        }
    }

    ApiOperations operations() {
        return operations;
    }

    Commands commands() {
        return commands;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String name, Map<String, Object> parameters) throws Exception {
        if (!name.matches("[a-z][a-z0-9_]{0,63}")) {
            throw new IllegalArgumentException(
                    "A command is named with a-z, 0-9 and _, such as stop_speech, not '" + name + "'");
        }
        CommandEndpoint endpoint = new CommandEndpoint(uri, this, name);
        setProperties(endpoint, parameters);
        parameters.keySet().stream().findFirst().ifPresent(option -> {
            throw new IllegalArgumentException(
                    "command: has no option '%s'%s".formatted(option, Nearest.hint(option, OPTIONS)));
        });
        if (endpoint.getDevice() != null) {
            commands.requireDevice(endpoint.getDevice());
        }
        return endpoint;
    }
}
