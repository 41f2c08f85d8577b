// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.util.LinkedHashMap;
import java.util.Map;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;
import org.ovosgateway.DryRun;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.OvosConstants;

/** Says something in a conversation, or ends one; no thread waits for the answer. */
class ConverseProducer extends DefaultAsyncProducer {

    private final ConverseEndpoint endpoint;

    ConverseProducer(ConverseEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            Caller caller = Caller.of(exchange);
            DryRun dryRun = DryRun.of(exchange);
            if (endpoint.isEnd() || dryRun != null) {
                if (dryRun != null) {
                    pretend(dryRun, exchange);
                } else {
                    Conversations all = endpoint.conversations();
                    String id = endpoint.conversation(exchange);
                    all.end(all.get(id == null ? "" : id, caller), "deleted");
                }
                callback.done(true);
                return true;
            }
            Utterance utterance = endpoint.utterance(exchange);
            Future<Map<String, Object>> answer = conversation(exchange, caller).say(utterance, caller);
            Context loop = Context.isOnEventLoopThread() ? Vertx.currentContext() : null;
            answer.onComplete(done -> rest(loop, () -> {
                if (done.succeeded()) {
                    exchange.getMessage().setBody(done.result());
                } else {
                    exchange.setException(done.cause());
                }
                callback.done(false);
            }));
            return false;
        } catch (RuntimeException e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
    }

    /** The rest of the route runs where it was called: on an event loop only if all of it may. */
    private void rest(Context loop, Runnable step) {
        if (loop != null) {
            loop.runOnContext(nothing -> step.run());
        } else {
            endpoint.conversations()
                    .vertx()
                    .executeBlocking(
                            () -> {
                                step.run();
                                return null;
                            },
                            false);
        }
    }

    private Conversation conversation(Exchange exchange, Caller caller) {
        Conversations all = endpoint.conversations();
        String id = endpoint.conversation(exchange);
        if (id != null) {
            Conversation known = all.get(id, caller);
            caller.requireDevice(known.device().name());
            return known;
        }
        Object header = exchange.getMessage().getHeader(OvosConstants.DEVICE);
        String named = endpoint.getDevice() != null ? endpoint.getDevice() : header == null ? null : header.toString();
        Device device = all.devices().of(caller, named);
        return all.begin(caller, device);
    }

    private void pretend(DryRun dryRun, Exchange exchange) {
        Map<String, Object> note = new LinkedHashMap<>();
        note.put(
                endpoint.isEnd() ? "ends" : "asks",
                endpoint.isEnd()
                        ? endpoint.conversation(exchange)
                        : endpoint.utterance(exchange).text());
        dryRun.note(note);
        if (!endpoint.isEnd()) {
            exchange.getMessage().setBody(new LinkedHashMap<String, Object>());
        }
    }
}
