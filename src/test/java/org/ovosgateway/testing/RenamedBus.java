// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.ovosgateway.demo.MessageBus;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The bus of a simulated assistant as a client sees it whose assistant is of the new line: what its services send has the
 * new name, and with twins the old one as well, marked. What the client itself sends stays as it is.
 */
public final class RenamedBus implements BeforeAllCallback, AfterAllCallback {

    private static final String VOCABULARY = "/bus/vocabulary.yaml";

    private final FakeBus behind;
    private final boolean twins;
    private final Map<String, String> names = new HashMap<>();
    private Vertx vertx;
    private HttpServer server;

    /** @param behind registered before this one */
    public RenamedBus(FakeBus behind, boolean twins) {
        this.behind = behind;
        this.twins = twins;
    }

    /** Port on 127.0.0.1. */
    public int port() {
        return server.actualPort();
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        try (InputStream in = RenamedBus.class.getResourceAsStream(VOCABULARY)) {
            Map<?, ?> file = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromInputStream(in);
            ((Map<?, ?>) file.get("names")).forEach((old, now) -> names.put(old.toString(), now.toString()));
        }
        vertx = Vertx.vertx();
        server = vertx.createHttpServer(
                        new HttpServerOptions().setMaxWebSocketMessageSize(MessageBus.MAX_MESSAGE_BYTES))
                .webSocketHandler(this::connect)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private void connect(ServerWebSocket client) {
        List<String> own = new ArrayList<>();
        var bus = vertx.createWebSocketClient(
                        new WebSocketClientOptions().setMaxMessageSize(MessageBus.MAX_MESSAGE_BYTES))
                .webSocket();
        client.pause();
        bus.textMessageHandler(frame -> {
            if (own.remove(frame)) {
                client.writeTextMessage(frame);
            } else {
                renamed(new JsonObject(frame)).forEach(message -> client.writeTextMessage(message.encode()));
            }
        });
        bus.closeHandler(closed -> client.close());
        client.closeHandler(closed -> bus.close());
        client.textMessageHandler(frame -> {
            own.add(frame);
            bus.writeTextMessage(frame);
        });
        bus.connect(behind.port(), "127.0.0.1", MessageBus.PATH)
                .onSuccess(connected -> client.resume())
                .onFailure(failed -> client.close());
    }

    private List<JsonObject> renamed(JsonObject message) {
        String type = message.getString("type");
        if (names.containsKey(type)) {
            JsonObject now = message.copy().put("type", names.get(type));
            return twins ? List.of(now, marked(message, type, "_namespace_compat_twin")) : List.of(now);
        }
        if (type.matches("[^:]+\\.[^:]+:(?!(stop|converse|response|fallback|common_query)$)[^:]+")) {
            String intent = type.replaceFirst("\\.intent$", "");
            JsonObject now = message.copy().put("type", intent);
            return twins ? List.of(now, marked(message, intent + ".intent", "_intent_compat_twin")) : List.of(now);
        }
        return List.of(message);
    }

    private static JsonObject marked(JsonObject message, String type, String mark) {
        JsonObject twin = message.copy().put("type", type);
        JsonObject context = twin.getJsonObject("context");
        return twin.put("context", (context == null ? new JsonObject() : context).put(mark, true));
    }
}
