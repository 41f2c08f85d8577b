// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.Optional;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;
import org.ovosgateway.bus.OvosConstants;

/** The route of a command. */
class CommandConsumer extends DefaultConsumer implements Suspendable {

    private final CommandEndpoint endpoint;
    private final Commands commands;

    CommandConsumer(CommandEndpoint endpoint, Processor processor, Commands commands) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.commands = commands;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        commands.add(endpoint.getName(), this);
    }

    @Override
    protected void doStop() throws Exception {
        commands.remove(endpoint.getName(), this);
        super.doStop();
    }

    @Override
    protected void doSuspend() throws Exception {
        commands.remove(endpoint.getName(), this);
        super.doSuspend();
    }

    @Override
    protected void doResume() throws Exception {
        super.doResume();
        commands.add(endpoint.getName(), this);
    }

    String scope() {
        return endpoint.neededScope();
    }

    /** The operation that it is, if the contract does not have it any more. */
    Optional<String> missingOperation() {
        return endpoint.missingOperation();
    }

    ApiOperations.Input read(Object payload) {
        return endpoint.read(payload);
    }

    Future<Object> run(Call call, ApiOperations.Input input) {
        Exchange exchange = createExchange(false);
        exchange.setPattern(ExchangePattern.InOut);
        exchange.getMessage().setBody(input.body());
        exchange.getMessage().getHeaders().putAll(input.headers());
        exchange.getMessage().setHeader(OvosConstants.DEVICE, call.device());
        call.caller().mark(exchange);
        if (call.dryRun() != null) {
            call.dryRun().join(exchange);
        }
        Promise<Object> result = Promise.promise();
        getAsyncProcessor().process(exchange, doneSync -> {
            Exception failure = exchange.getException();
            Object answer = exchange.getMessage().getBody();
            releaseExchange(exchange, false);
            if (failure == null) {
                result.complete(answer);
            } else {
                result.fail(failure);
            }
        });
        return result.future();
    }
}
