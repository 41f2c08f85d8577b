// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

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
import org.apache.camel.util.ObjectHelper;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.http.Problems;
import org.ovosgateway.http.SlowReaderException;
import org.ovosgateway.http.WebSocketConnection;
import org.ovosgateway.problem.ProblemException;

/**
 * Runs its route for each message of those who are connected, one after the other for each of them.
 *
 * <p>Who connects is let in as a caller of {@code platform-http} is. A browser sends no header: a web page gives its token as a
 * second subprotocol, {@code new WebSocket(url, ["bearer", token])}, or a ticket in the query; or, where the endpoint has
 * {@code authByMessage}, the token in its first message.
 *
 * <p>Where the route answers a new connection with a {@link Flow.Publisher}, its elements are sent to that peer.
 */
final class WebSocketConsumer extends DefaultConsumer {

    private static final String PROTOCOL = "Sec-WebSocket-Protocol";
    private static final String BEARER = "bearer";
    /** Codes of RFC 6455, 7.4.1. */
    private static final int NORMAL = 1000;

    private static final int POLICY_VIOLATION = 1008;
    private static final int INTERNAL_ERROR = 1011;
    private static final int SERVICE_RESTART = 1012;

    /** For the first message, where it has the token. */
    private static final Duration AUTH_WITHIN = Duration.ofSeconds(5);

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
        if (endpoint.isAuthByMessage() && admission.hasNoCredential(ctx)) {
            upgrade(ctx, call, null);
        } else {
            admission.admit(ctx).onFailure(ctx::fail).onSuccess(caller -> upgrade(ctx, call, caller));
        }
    }

    /** @param caller null for a peer that sends its token in its first message */
    private void upgrade(RoutingContext ctx, HttpCall call, Caller caller) {
        Runnable left;
        try {
            left = endpoint.component().streams().open(Admission.subject(ctx));
        } catch (ProblemException e) {
            ctx.fail(e);
            return;
        }
        Peer peer = new Peer(ctx, left);
        if (caller != null) {
            peer.authenticateAs(caller);
        }
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
        private Runnable left;
        private Caller caller;
        private long timer = -1;
        private boolean opening;
        private Object first;
        private Following following;

        private Peer(RoutingContext ctx, Runnable left) {
            this.ctx = ctx;
            this.left = left;
        }

        private void authenticateAs(Caller authenticated) {
            caller = authenticated;
            HttpCall.of(ctx)
                    .allowWhile(() -> endpoint.component().security().mayStay(authenticated, admission.scope()));
        }

        private void connected(WebSocketConnection connection) {
            own.add(connection);
            if (!isRunAllowed()) {
                connection.close(SERVICE_RESTART, "The route has changed.");
            } else if (caller == null) {
                timer = ctx.vertx()
                        .setTimer(
                                AUTH_WITHIN.toMillis(),
                                fired -> connection.close(
                                        POLICY_VIOLATION,
                                        "No token came within " + AUTH_WITHIN.toSeconds() + " seconds."));
            } else {
                enter(connection);
            }
        }

        /** Makes it a peer, and calls the route. */
        private void enter(WebSocketConnection connection) {
            peers.put(key, connection);
            if (endpoint.isFireWebSocketConnectionEvents()) {
                opening = true;
                Context context = ctx.vertx().getOrCreateContext();
                run(Event.OPEN, null, exchange -> {
                    Object body = exchange.getMessage().getBody();
                    Exception failure = exchange.getException();
                    context.runOnContext(v -> {
                        if (failure != null) {
                            connection.close(POLICY_VIOLATION, reason(failure));
                        } else if (body instanceof Flow.Publisher<?> elements) {
                            follow(connection, elements);
                        }
                        opened(connection);
                    });
                });
            }
        }

        @SuppressWarnings("unchecked")
        private void follow(WebSocketConnection connection, Flow.Publisher<?> elements) {
            following = new Following(connection);
            ((Flow.Publisher<Object>) elements).subscribe(following);
        }

        private void authenticate(WebSocketConnection connection, Object message) {
            ctx.vertx().cancelTimer(timer);
            try {
                Caller authenticated = endpoint.component().security().ofMessage(message, admission.scope());
                left.run();
                left = () -> {};
                left = endpoint.component().streams().open("user " + authenticated.name());
                authenticateAs(authenticated);
                enter(connection);
            } catch (ProblemException e) {
                connection.close(POLICY_VIOLATION, reason(e));
            }
            connection.next();
        }

        private static String reason(Exception failure) {
            ProblemException problem = ObjectHelper.getException(ProblemException.class, failure);
            String detail = problem == null
                    ? "The route has failed."
                    : problem.problem().detail();
            // a reason has 123 bytes at most (RFC 6455, 5.5)
            return detail.replaceAll("[^ -~]", "?").substring(0, Math.min(detail.length(), 120));
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
            if (caller == null) {
                authenticate(connection, message);
            } else if (opening) {
                first = message;
            } else {
                run(Event.MESSAGE, message, exchange -> connection.next());
            }
        }

        @Override
        public void closed(WebSocketConnection connection) {
            peers.remove(key);
            own.remove(connection);
            left.run();
            ctx.vertx().cancelTimer(timer);
            if (following != null) {
                following.cancel();
            }
            if (endpoint.isFireWebSocketConnectionEvents() && caller != null) {
                run(Event.CLOSE, null, exchange -> {});
            }
        }

        private void run(Event event, Object body, Consumer<Exchange> done) {
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

        private void finish(Exchange exchange, Consumer<Exchange> done) {
            try {
                // an exchange that is released may be another one's
                done.accept(exchange);
            } finally {
                if (exchange.getException() != null) {
                    getExceptionHandler()
                            .handleException("A message of a WebSocket failed", exchange, exchange.getException());
                }
                doneUoW(exchange);
                releaseExchange(exchange, false);
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

    /** Sends the elements of the publisher of a route, each when the peer has taken the one before. */
    private static final class Following implements Flow.Subscriber<Object> {

        private final WebSocketConnection connection;
        private Flow.Subscription subscription;
        private boolean cancelled;

        private Following(WebSocketConnection connection) {
            this.connection = connection;
        }

        @Override
        public void onSubscribe(Flow.Subscription offered) {
            boolean useless;
            synchronized (this) {
                useless = cancelled;
                subscription = offered;
            }
            if (useless) {
                offered.cancel();
            } else {
                offered.request(1);
            }
        }

        @Override
        public void onNext(Object element) {
            connection.send(WebSocketProducer.content(element)).onComplete(sent -> {
                if (sent.succeeded()) {
                    subscription.request(1);
                } else {
                    cancel();
                }
            });
        }

        @Override
        public void onError(Throwable cause) {
            if (cause instanceof SlowReaderException) {
                connection.cutOff();
            } else {
                connection.close(INTERNAL_ERROR, "What is told has failed.");
            }
        }

        @Override
        public void onComplete() {
            connection.close(NORMAL, "That was all.");
        }

        void cancel() {
            Flow.Subscription current;
            synchronized (this) {
                cancelled = true;
                current = subscription;
            }
            if (current != null) {
                current.cancel();
            }
        }
    }
}
