// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

/** Headers of messages from and to WebSockets, named as those of camel-vertx-websocket. */
final class WebSocketConstants {

    /** Whose message it is; to send, one or several with commas between them. */
    static final String CONNECTION_KEY = "CamelVertxWebsocket.connectionKey";

    /** Whether to send to all. */
    static final String SEND_TO_ALL = "CamelVertxWebsocket.sendToAll";

    /** OPEN, MESSAGE or CLOSE. */
    static final String EVENT = "CamelVertxWebsocket.event";

    static final String REMOTE_ADDRESS = "CamelVertxWebsocket.remoteAddress";

    private WebSocketConstants() {}
}
