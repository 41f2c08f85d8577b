// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.util.LinkedHashMap;
import java.util.Map;

import io.vertx.core.Future;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;
import org.ovosgateway.DryRun;
import org.ovosgateway.RouteThread;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.OvosConstants;

/** Says an utterance in a conversation, finds out its intent, or ends one. No thread waits for the answer. */
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
                    note(dryRun, exchange);
                } else {
                    Conversations conversations = endpoint.conversations();
                    String id = endpoint.conversationId(exchange);
                    conversations.end(conversations.get(id == null ? "" : id, caller), "deleted");
                }
                callback.done(true);
                return true;
            }
            Utterance utterance = endpoint.utterance(exchange);
            if (utterance.aloud()) {
                caller.require("voice:speak");
            }
            Future<Map<String, Object>> answer = endpoint.isMatch()
                    ? new IntentPreview(endpoint.conversations()).of(utterance, device(exchange, caller), caller)
                    : ask(utterance, exchange, caller);
            RouteThread thread = new RouteThread(endpoint.conversations().vertx());
            answer.onComplete(result -> thread.run(false, () -> {
                if (result.succeeded()) {
                    exchange.getMessage().setBody(result.result());
                } else {
                    exchange.setException(result.cause());
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

    private Future<Map<String, Object>> ask(Utterance utterance, Exchange exchange, Caller caller) {
        Future<Map<String, Object>> answer = conversation(exchange, caller).say(utterance, caller);
        if (!endpoint.isBegunAnew()) {
            return answer;
        }
        // it may have ended since it was found
        return answer.recover(cause -> Conversations.isUnknownConversation(cause)
                ? endpoint.conversations()
                        .begin(caller, device(exchange, caller))
                        .say(utterance, caller)
                : Future.failedFuture(cause));
    }

    private Conversation conversation(Exchange exchange, Caller caller) {
        Conversations conversations = endpoint.conversations();
        String id = endpoint.conversationId(exchange);
        Conversation conversation = id == null
                ? null
                : endpoint.isBegunAnew() ? conversations.find(id, caller) : conversations.get(id, caller);
        if (conversation != null) {
            caller.requireDevice(conversation.device().name());
            return conversation;
        }
        return conversations.begin(caller, device(exchange, caller));
    }

    private Device device(Exchange exchange, Caller caller) {
        Object header = exchange.getMessage().getHeader(OvosConstants.DEVICE);
        String name = endpoint.getDevice() != null ? endpoint.getDevice() : header == null ? null : header.toString();
        return endpoint.conversations().devices().of(caller, name);
    }

    private void note(DryRun dryRun, Exchange exchange) {
        Map<String, Object> note = new LinkedHashMap<>();
        note.put(
                endpoint.isEnd() ? "ends" : endpoint.isMatch() ? "matches" : "asks",
                endpoint.isEnd()
                        ? endpoint.conversationId(exchange)
                        : endpoint.utterance(exchange).text());
        dryRun.note(note);
        if (!endpoint.isEnd()) {
            exchange.getMessage().setBody(new LinkedHashMap<String, Object>());
        }
    }
}
