// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.io.EOFException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import javax.net.SocketFactory;

import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.ovosgateway.InvalidConfigurationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;

/**
 * One attempt at a connection, and the connection it becomes. Each has a Paho client of its own: one that has lost its
 * connection keeps messages, timers and states of it.
 */
final class Link implements MqttCallback {

    /** Who is told what becomes of it, on threads of Paho. */
    interface Listener {
        /** @param receiveMaximum how many messages the broker takes before it has acknowledged them */
        void connected(Link from, boolean sessionPresent, int receiveMaximum);

        /** Once. */
        void lost(Link from, Lost lost);

        void heard(Link from, String topic, MqttMessage message);
    }

    /** Why there is no connection. */
    record Lost(String reason, boolean takenOver) {}

    /** What is larger is not delivered to us. */
    private static final long MAX_PACKET = 256 * 1024;

    /** MQTT 5, 3.2.2.3.3. */
    private static final int NO_RECEIVE_MAXIMUM = 65_535;

    private static final long CLOSE_MILLIS = 500;
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    private final MqttAsyncClient client;
    private final Listener listener;
    private final AtomicBoolean lost = new AtomicBoolean();

    private Link(MqttAsyncClient client, Listener listener) {
        this.client = client;
        this.listener = listener;
    }

    /** Opens connections as configured. */
    static final class Factory {

        private final MqttProperties properties;
        private final String clientId;
        private final ObjectProvider<LocalBroker> local;
        private final Publication will;
        private final SocketFactory tls;

        Factory(MqttProperties properties, String clientId, ObjectProvider<LocalBroker> local, Publication will) {
            this.properties = properties;
            this.clientId = clientId;
            this.local = local;
            this.will = will;
            this.tls = properties.tls().enabled() ? tls(properties.tls()) : null;
            if (!properties.host().isBlank()) {
                client();
            }
        }

        private MqttAsyncClient client() {
            try {
                return new MqttAsyncClient(uri(), clientId, new MemoryPersistence());
            } catch (MqttException | IllegalArgumentException e) {
                throw new InvalidConfigurationException(
                        "The MQTT broker cannot be addressed as " + uri() + ": " + e.getMessage(),
                        "Check ovos.mqtt.host, port, transport and path.");
            }
        }

        String uri() {
            LocalBroker broker = broker();
            return broker == null ? properties.uri() : "tcp://" + broker.host() + ":" + broker.port();
        }

        private LocalBroker broker() {
            return properties.host().isBlank() ? local.getIfAvailable() : null;
        }

        /** Begins an attempt; never fails itself. */
        Link open(Listener listener) {
            MqttConnectionOptions options = new MqttConnectionOptions();
            options.setAutomaticReconnect(false);
            options.setCleanStart(false);
            options.setSessionExpiryInterval(properties.sessionExpiry().toSeconds());
            options.setKeepAliveInterval((int) properties.keepAlive().toSeconds());
            options.setConnectionTimeout((int) properties.connectTimeout().toSeconds());
            options.setMaximumPacketSize(MAX_PACKET);
            options.setWill(will.topic(), will.message());
            options.setHttpsHostnameVerificationEnabled(true);
            LocalBroker broker = broker();
            String user = broker == null ? properties.user() : broker.user();
            String password = broker == null ? properties.password() : broker.password();
            if (!user.isEmpty()) {
                options.setUserName(user);
            }
            if (!password.isEmpty()) {
                options.setPassword(password.getBytes(StandardCharsets.UTF_8));
            }
            options.setSocketFactory(tls != null && broker == null ? tls : new PromptSockets());
            Link link = new Link(client(), listener);
            link.client.setCallback(link);
            try {
                link.client.connect(options, null, link.new Connecting());
            } catch (MqttException e) {
                link.fail(new Lost(text(e), false));
            }
            return link;
        }

        private static SocketFactory tls(MqttProperties.Tls tls) {
            try {
                PemSslStoreDetails own = tls.certificate().isBlank()
                        ? null
                        : PemSslStoreDetails.forCertificate(file(tls.certificate()))
                                .withPrivateKey(file(tls.key()));
                PemSslStoreDetails trusted =
                        tls.ca().isBlank() ? null : PemSslStoreDetails.forCertificate(file(tls.ca()));
                return SslBundle.of(new PemSslStoreBundle(own, trusted))
                        .createSslContext()
                        .getSocketFactory();
            } catch (RuntimeException e) {
                throw new InvalidConfigurationException(
                        "TLS to the MQTT broker cannot be set up: " + e.getMessage(),
                        "Check the files of ovos.mqtt.tls: PEM, readable, certificate and key belonging together.");
            }
        }

        private static String file(String path) {
            return Path.of(path).toUri().toString();
        }
    }

    void subscribe(List<MqttSubscription> subscriptions) {
        try {
            client.subscribe(
                    subscriptions.toArray(MqttSubscription[]::new), null, new Subscribing(subscriptions), null);
        } catch (MqttException e) {
            LOG.debug("Subscribing failed", e);
            fail(new Lost("subscribing failed: " + text(e), false));
        }
    }

    void unsubscribe(String filter) {
        try {
            client.unsubscribe(filter);
        } catch (MqttException e) {
            LOG.debug("Unsubscribing from {} failed", filter, e);
        }
    }

    /** @param sent is told whether the broker has taken it */
    void publish(Publication message, Consumer<Boolean> sent) {
        try {
            client.publish(message.topic(), message.message(), null, new MqttActionListener() {
                @Override
                public void onSuccess(IMqttToken token) {
                    sent.accept(accepted(token, message.topic()));
                }

                @Override
                public void onFailure(IMqttToken token, Throwable reason) {
                    sent.accept(false);
                }
            });
        } catch (MqttException e) {
            LOG.debug("Publishing on {} failed", message.topic(), e);
            sent.accept(false);
        }
    }

    private static boolean accepted(IMqttToken token, String topic) {
        for (int code : token.getReasonCodes() == null ? new int[0] : token.getReasonCodes()) {
            if (code >= 0x80) {
                LOG.warn("The broker does not let the gateway publish on {} (reason {})", topic, code);
                return false;
            }
        }
        return true;
    }

    /**
     * Leaves without the will being sent, if there is a connection, and gives all resources back.
     *
     * @return the thread that does so, since Paho's client waits for its own
     */
    Thread close() {
        lost.set(true);
        Thread closer = new Thread(this::end, "mqtt-close");
        closer.setDaemon(true);
        closer.start();
        return closer;
    }

    private void end() {
        try {
            if (client.isConnected()) {
                client.disconnect(0).waitForCompletion(CLOSE_MILLIS);
            } else {
                client.disconnectForcibly(0, 1, false);
            }
        } catch (MqttException e) {
            LOG.debug("Disconnecting from the broker: {}", text(e));
        }
        try {
            client.close(true);
        } catch (MqttException e) {
            LOG.debug("Closing the client of the broker: {}", text(e));
        }
    }

    private void fail(Lost reason) {
        if (!lost.getAndSet(true)) {
            listener.lost(this, reason);
        }
    }

    private static String text(Throwable reason) {
        Throwable cause = reason;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof EOFException
                ? "the broker closed the connection"
                : cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private final class Connecting implements MqttActionListener {
        @Override
        public void onSuccess(IMqttToken token) {
            var given = token.getResponseProperties();
            Integer maximum = given == null ? null : given.getReceiveMaximum();
            listener.connected(Link.this, token.getSessionPresent(), maximum == null ? NO_RECEIVE_MAXIMUM : maximum);
        }

        @Override
        public void onFailure(IMqttToken token, Throwable reason) {
            fail(new Lost(text(reason), false));
        }
    }

    private final class Subscribing implements MqttActionListener {

        private final List<MqttSubscription> subscriptions;

        Subscribing(List<MqttSubscription> subscriptions) {
            this.subscriptions = subscriptions;
        }

        @Override
        public void onSuccess(IMqttToken token) {
            int[] codes = token.getReasonCodes();
            for (int i = 0; codes != null && i < codes.length && i < subscriptions.size(); i++) {
                if (codes[i] >= 0x80) {
                    LOG.warn(
                            "The broker does not let the gateway subscribe to {} (reason {}); check its access rules",
                            subscriptions.get(i).getTopic(),
                            codes[i]);
                }
            }
        }

        @Override
        public void onFailure(IMqttToken token, Throwable reason) {
            onSuccess(token);
            LOG.debug("Subscribing failed", reason);
        }
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
        boolean takenOver = response.getReturnCode() == MqttReturnCode.RETURN_CODE_SESSION_TAKEN_OVER;
        String reason = takenOver
                ? "another client has the same client id, '" + client.getClientId()
                        + "'; give each gateway its own ovos.mqtt.client-id"
                : response.getReasonString() != null
                                && !response.getReasonString().isBlank()
                        ? response.getReasonString()
                        : response.getException() != null ? text(response.getException()) : "the connection was lost";
        fail(new Lost(reason, takenOver));
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        try {
            listener.heard(this, topic, message);
        } catch (RuntimeException e) {
            // Paho would end the connection
            LOG.error("A message of the broker could not be taken in", e);
        }
    }

    @Override
    public void mqttErrorOccurred(MqttException exception) {
        LOG.debug("An error of the broker's client", exception);
    }

    @Override
    public void deliveryComplete(IMqttToken token) {
        // each publication has a listener of its own
    }

    @Override
    public void connectComplete(boolean reconnect, String uri) {
        // told by Connecting
    }

    @Override
    public void authPacketArrived(int reasonCode, org.eclipse.paho.mqttv5.common.packet.MqttProperties properties) {
        // no extended authentication
    }
}
