// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.Optional;

import io.vertx.core.Future;
import org.apache.camel.CamelContext;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.util.ObjectHelper;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** A command without a route of its own: an operation of the API, which the contract makes one ({@code x-command}). */
final class OperationCommand implements Command {

    private final CamelContext camel;
    private final ApiOperations operations;
    private final String operation;

    OperationCommand(CamelContext camel, ApiOperations operations, String operation) {
        this.camel = camel;
        this.operations = operations;
        this.operation = operation;
    }

    @Override
    public String scope() {
        return operations.scope(operation);
    }

    @Override
    public Optional<String> missingOperation() {
        return Optional.empty();
    }

    @Override
    public ApiOperations.Input read(Object payload) {
        return new OperationInput(operation, operations.mainMember(operation), operations::read).read(payload);
    }

    @Override
    public Future<Object> run(Call call, ApiOperations.Input input) {
        return Command.run(
                        new DefaultExchange(camel),
                        call,
                        input,
                        (exchange, callback) -> operations.run(operation, exchange, callback))
                .recover(failure -> Future.failedFuture(
                        ObjectHelper.getException(DirectConsumerNotAvailableException.class, failure) == null
                                ? failure
                                : withoutRoute()));
    }

    private ProblemException withoutRoute() {
        return new ProblemException(new Problem(
                "no-route",
                "No route serves this operation",
                503,
                "The contract has the operation '%s', but no route in the routes folder begins with it."
                        .formatted(operation)));
    }
}
