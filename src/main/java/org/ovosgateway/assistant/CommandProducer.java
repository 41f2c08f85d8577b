// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.Map;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;
import org.ovosgateway.DryRun;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.problem.ProblemException;

/** Runs a command with the body as its payload; the body becomes what the command answers. */
class CommandProducer extends DefaultAsyncProducer {

    private final CommandEndpoint endpoint;
    private final Commands commands;

    CommandProducer(CommandEndpoint endpoint, Commands commands) {
        super(endpoint);
        this.endpoint = endpoint;
        this.commands = commands;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Object body = exchange.getMessage().getBody();
        Object payload = body == null || body instanceof Map<?, ?>
                ? body
                : exchange.getMessage().getBody(String.class);
        Caller caller = Caller.of(exchange);
        String device;
        try {
            device = device(exchange, caller);
        } catch (ProblemException e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
        commands.run(new Call(device, endpoint.getName(), payload, caller, DryRun.of(exchange)))
                .onComplete(done -> {
                    if (done.succeeded()) {
                        exchange.getMessage().setBody(done.result());
                    } else {
                        exchange.setException(done.cause());
                    }
                    callback.done(false);
                });
        return false;
    }

    private String device(Exchange exchange, Caller caller) {
        if (endpoint.getDevice() != null) {
            return endpoint.getDevice();
        }
        String named = exchange.getMessage().getHeader(OvosConstants.DEVICE, String.class);
        return named == null ? caller.device(Devices.DEFAULT) : named;
    }
}
