// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.Optional;

import io.vertx.core.Future;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;

/** The route of a command. */
class CommandConsumer extends DefaultConsumer implements Command, Suspendable {

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

    @Override
    public String scope() {
        return endpoint.neededScope();
    }

    @Override
    public Optional<String> missingOperation() {
        return endpoint.missingOperation();
    }

    @Override
    public ApiOperations.Input read(Object payload) {
        return endpoint.read(payload);
    }

    @Override
    public Future<Object> run(Call call, ApiOperations.Input input) {
        Exchange exchange = createExchange(false);
        return Command.run(exchange, call, input, getAsyncProcessor()::process)
                .onComplete(done -> releaseExchange(exchange, false));
    }
}
