// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.Optional;
import java.util.function.BiConsumer;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.ovosgateway.bus.OvosConstants;

/** A command: who may run it, what it takes, and what it does. */
interface Command {

    /** The scope that is needed; null for none. */
    String scope();

    /** The operation that it is, if the contract does not have it any more. */
    Optional<String> missingOperation();

    /**
     * What a payload means.
     *
     * @param payload text, map or null
     * @throws org.ovosgateway.problem.ProblemException 422
     */
    ApiOperations.Input read(Object payload);

    /** Runs it; nothing blocks. */
    Future<Object> run(Call call, ApiOperations.Input input);

    /** Runs it by this, with an exchange that is made for it; gives the body that comes of it. */
    static Future<Object> run(
            Exchange exchange, Call call, ApiOperations.Input input, BiConsumer<Exchange, AsyncCallback> by) {
        exchange.setPattern(ExchangePattern.InOut);
        exchange.getMessage().setBody(input.body());
        exchange.getMessage().getHeaders().putAll(input.headers());
        exchange.getMessage().setHeader(OvosConstants.DEVICE, call.device());
        call.caller().mark(exchange);
        if (call.dryRun() != null) {
            call.dryRun().join(exchange);
        }
        Promise<Object> result = Promise.promise();
        by.accept(exchange, doneSync -> {
            if (exchange.getException() == null) {
                result.complete(exchange.getMessage().getBody());
            } else {
                result.fail(exchange.getException());
            }
        });
        return result.future();
    }
}
