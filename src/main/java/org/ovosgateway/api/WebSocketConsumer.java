// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.support.DefaultConsumer;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.http.Problems;
import org.ovosgateway.http.WebSocketConnection;
import org.ovosgateway.problem.ProblemException;

/**
 * Runs its route for each message of those who are connected, one after the other for each of them.
 *
 * <p>Who connects is let in as a caller of {@code platform-http} is. A browser sends no header: a web page gives its token as a
 * second subprotocol, {@code new WebSocket(url, ["bearer", token])}, or a ticket in the query.
 */
final class WebSocketConsumer extends DefaultConsumer {

    private static final String PROTOCOL = "Sec-WebSocket-Protocol";
    private static final String BEARER = "bearer";
    private static final int SERVICE_RESTART = 1012;

    private final Set<WebSocketConnection> own = ConcurrentHashMap.newKeySet();
    private final Map<String, WebSocketConnection> peers;
    private final WebSocketEndpoint endpoint;
    private final Admission admission;
    private Route route;

    WebSocketConsumer(WebSocketEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.admission = endpoint.admission();
        this.peers = endpoint.component().peers(endpoint.getPath());
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        route = VertxPlatformHttpRouter.lookup(endpoint.getCamelContext(), HttpRouter.name(endpoint.address()))
                .route(endpoint.getPath().replaceAll("\\{(\\w+)}", ":$1"))
                .method(HttpMethod.GET)
                .handler(this::connect);
    }

    @Override
    protected void doStop() throws Exception {
        if (route != null) {
            route.remove();
        }
        own.forEach(peer -> peer.close(SERVICE_RESTART, "The route has changed."));
        super.doStop();
    }

    private void connect(RoutingContext ctx) {
        HttpCall call = HttpCall.of(ctx);
        try {
            requireHandshake(ctx.request());
            takeToken(ctx.request().headers());
            requireOrigin(ctx);
        } catch (ProblemException e) {
            ctx.fail(e);
            return;
        }
        admission.admit(ctx).onFailure(ctx::fail).onSuccess(caller -> upgrade(ctx, call, caller));
    }

    private void upgrade(RoutingContext ctx, HttpCall call, Caller caller) {
        Runnable left;
        try {
            left = endpoint.component().streams().open(Admission.subject(ctx));
        } catch (ProblemException e) {
            ctx.fail(e);
            return;
        }
        call.allowWhile(() -> endpoint.component().security().mayStay(caller, admission.scope()));
        Peer peer = new Peer(ctx, caller, left);
        int most = (int) endpoint.component().http().maxMessage().toBytes();
        call.upgrade(most, peer).onSuccess(peer::connected).onFailure(failure -> {
            left.run();
            ctx.fail(400, failure);
        });
    }

    private static void requireHandshake(HttpServerRequest request) {
        MultiMap headers = request.headers();
        if (request.version() != HttpVersion.HTTP_1_1
                || !headers.contains(HttpHeaders.UPGRADE, "websocket", true)
                || !contains(headers.get(HttpHeaders.CONNECTION), "upgrade")
                || !"13".equals(headers.get("Sec-WebSocket-Version"))) {
            throw new ProblemException(Problems.of(426));
        }
        if (!isKey(headers.get("Sec-WebSocket-Key"))) {
            throw new ProblemException(Problems.of(400));
        }
    }

    private static boolean contains(String list, String word) {
        return list != null && list.toLowerCase(java.util.Locale.ROOT).contains(word);
    }

    private static boolean isKey(String key) {
        try {
            return key != null && Base64.getDecoder().decode(key).length == 16;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void takeToken(MultiMap headers) {
        String protocols = headers.get(PROTOCOL);
        if (protocols != null && !headers.contains(HttpHeaders.AUTHORIZATION)) {
            String[] words = protocols.split("\\s*,\\s*");
            if (words.length > 1 && words[0].strip().equals(BEARER)) {
                headers.set(HttpHeaders.AUTHORIZATION, "Bearer " + words[1].strip());
            }
        }
    }

    /** For a WebSocket, browsers leave it to the server to look from where a page is. */
    private static void requireOrigin(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        boolean allowed = ctx.response().headers().contains(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN);
        if (origin != null && !allowed && !origin.equals(request.scheme() + "://" + request.authority())) {
            throw new ProblemException(Problems.foreignOrigin());
        }
    }

    private enum Event {
        OPEN,
        MESSAGE,
        CLOSE
    }

    /** One who is connected. */
    private final class Peer implements WebSocketConnection.Listener {

        private final String key = UUID.randomUUID().toString();
        private final RoutingContext ctx;
        private final Caller caller;
        private final Runnable left;
        private boolean opening;
        private Object first;

        private Peer(RoutingContext ctx, Caller caller, Runnable left) {
            this.ctx = ctx;
            this.caller = caller;
            this.left = left;
        }

        private void connected(WebSocketConnection connection) {
            peers.put(key, connection);
            own.add(connection);
            if (!isRunAllowed()) {
                connection.close(SERVICE_RESTART, "The route has changed.");
            }
            if (endpoint.isFireWebSocketConnectionEvents()) {
                opening = true;
                Context context = ctx.vertx().getOrCreateContext();
                run(Event.OPEN, null, () -> context.runOnContext(v -> opened(connection)));
            }
        }

        private void opened(WebSocketConnection connection) {
            opening = false;
            if (first != null) {
                message(connection, first);
                first = null;
            }
        }

        @Override
        public void message(WebSocketConnection connection, Object message) {
            if (opening) {
                first = message;
            } else {
                run(Event.MESSAGE, message, connection::next);
            }
        }

        @Override
        public void closed(WebSocketConnection connection) {
            peers.remove(key);
            own.remove(connection);
            left.run();
            if (endpoint.isFireWebSocketConnectionEvents()) {
                run(Event.CLOSE, null, () -> {});
            }
        }

        private void run(Event event, Object body, Runnable done) {
            Exchange exchange = createExchange(false);
            caller.mark(exchange);
            describe(exchange.getMessage(), event);
            exchange.getMessage().setBody(body);
            Vertx vertx = ctx.vertx();
            vertx.executeBlocking(
                            () -> {
                                createUoW(exchange);
                                getAsyncProcessor().process(exchange, doneSync -> finish(exchange, done));
                                return null;
                            },
                            false)
                    .onFailure(failure -> {
                        exchange.setException(failure);
                        finish(exchange, done);
                    });
        }

        private void finish(Exchange exchange, Runnable done) {
            try {
                if (exchange.getException() != null) {
                    getExceptionHandler()
                            .handleException("A message of a WebSocket failed", exchange, exchange.getException());
                }
                doneUoW(exchange);
                releaseExchange(exchange, false);
            } finally {
                done.run();
            }
        }

        private void describe(Message message, Event event) {
            Set<String> credentials = admission.queryParameters();
            ctx.queryParams().forEach((name, value) -> {
                if (!credentials.contains(name)) {
                    give(message, name, value);
                }
            });
            ctx.pathParams().forEach((name, value) -> give(message, name, value));
            message.setHeader(WebSocketConstants.CONNECTION_KEY, key);
            message.setHeader(WebSocketConstants.EVENT, event.name());
            message.setHeader(
                    WebSocketConstants.REMOTE_ADDRESS, HttpCall.of(ctx).client());
        }

        private static void give(Message message, String name, String value) {
            if (!name.regionMatches(true, 0, "Camel", 0, 5)) {
                message.setHeader(name, value);
            }
        }
    }
}
