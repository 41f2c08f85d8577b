// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import io.vertx.core.buffer.Buffer;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultProducer;
import org.ovosgateway.http.WebSocketConnection;

/** Sends to those who are connected; who has left meanwhile is passed over. */
final class WebSocketProducer extends DefaultProducer {

    private final WebSocketEndpoint endpoint;

    WebSocketProducer(WebSocketEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        if (message.getBody() != null) {
            Object content = content(message);
            receivers(message).forEach(peer -> peer.send(content));
        }
    }

    private Collection<WebSocketConnection> receivers(Message message) {
        Map<String, WebSocketConnection> peers = endpoint.component().peers(endpoint.getPath());
        if (message.getHeader(WebSocketConstants.SEND_TO_ALL, endpoint.isSendToAll(), boolean.class)) {
            return List.copyOf(peers.values());
        }
        String keys = message.getHeader(WebSocketConstants.CONNECTION_KEY, String.class);
        if (keys == null) {
            throw new IllegalArgumentException("Nobody is named to send to: set the header "
                    + WebSocketConstants.CONNECTION_KEY + ", or the option sendToAll");
        }
        return Stream.of(keys.split(","))
                .map(String::strip)
                .map(peers::get)
                .filter(Objects::nonNull)
                .toList();
    }

    /** Texts as texts, bytes as bytes, anything else as JSON. */
    private static Object content(Message message) {
        Object body = message.getBody();
        return AnswerBody.isLong(body) ? Buffer.buffer(message.getBody(byte[].class)) : content(body);
    }

    static Object content(Object body) {
        if (body instanceof String || body instanceof Buffer) {
            return body;
        }
        return body instanceof byte[] bytes
                ? Buffer.buffer(bytes)
                : Buffer.buffer(SeriesFormat.json(body)).toString();
    }
}
