// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/** Talk with programs and web pages over WebSockets. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "vertx-websocket",
        title = "WebSocket",
        syntax = "vertx-websocket:path",
        category = {Category.HTTP})
class WebSocketEndpoint extends DefaultEndpoint {

    @UriPath(description = "Path on the ports of the API, such as /events or /rooms/{room}")
    @Metadata(required = true)
    private final String path;

    @UriParam(
            label = "consumer",
            description = "Who may connect: public, or the scope that is needed; without it any user")
    private String access;

    @UriParam(label = "producer", description = "Send to all who are connected, and not to the one in the header")
    private boolean sendToAll;

    @UriParam(label = "consumer", description = "Run the route also when somebody connects (OPEN) and leaves (CLOSE)")
    private boolean fireWebSocketConnectionEvents;

    @UriParam(
            label = "consumer",
            description = "Whether a peer that connects without a credential may send its token in its first message,"
                    + " {\"type\":\"auth\",\"token\":…}, within 5 seconds")
    private boolean authByMessage;

    private final String address;

    WebSocketEndpoint(String uri, WebSocketComponent component, String path, String address) {
        super(uri, component);
        this.path = path;
        this.address = address;
    }

    @Override
    public Producer createProducer() {
        return new WebSocketProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        WebSocketConsumer consumer = new WebSocketConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    WebSocketComponent component() {
        return (WebSocketComponent) getComponent();
    }

    /** Who may connect. */
    Admission admission() {
        return Entrance.of(access, null, null, null).isPublic()
                ? Admission.open()
                : component().security().bearerOrTicket(access);
    }

    /** The name of the address at which it is. */
    String address() {
        return address;
    }

    public String getPath() {
        return path;
    }

    public String getAccess() {
        return access;
    }

    public void setAccess(String access) {
        this.access = access;
    }

    public boolean isSendToAll() {
        return sendToAll;
    }

    public void setSendToAll(boolean sendToAll) {
        this.sendToAll = sendToAll;
    }

    public boolean isFireWebSocketConnectionEvents() {
        return fireWebSocketConnectionEvents;
    }

    public boolean isAuthByMessage() {
        return authByMessage;
    }

    public void setAuthByMessage(boolean authByMessage) {
        this.authByMessage = authByMessage;
    }

    public void setFireWebSocketConnectionEvents(boolean fireWebSocketConnectionEvents) {
        this.fireWebSocketConnectionEvents = fireWebSocketConnectionEvents;
    }
}
