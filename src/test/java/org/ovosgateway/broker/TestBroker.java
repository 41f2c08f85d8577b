// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** The embedded broker without the rest of the gateway. */
public final class TestBroker implements AutoCloseable {

    private static final String PREFIX = "ovos.mqtt.broker";

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Broker broker;

    private TestBroker(Map<String, Object> settings, ClientAuthenticator authenticator) {
        var properties =
                new Binder(new MapConfigurationPropertySource(settings)).bindOrCreate(PREFIX, BrokerProperties.class);
        broker = new Broker(properties, authenticator, new StandardEnvironment(), meters);
        broker.start();
    }

    /** On a loopback port, for everybody, also without a name. */
    public static TestBroker open(int port) {
        return start(Map.of(PREFIX + ".port", port), (user, password, address) -> welcome());
    }

    /** With settings as in {@code application.yaml}, under {@code ovos.mqtt.broker}. */
    static TestBroker start(Map<String, Object> settings, ClientAuthenticator authenticator) {
        return new TestBroker(settings, authenticator);
    }

    static CompletionStage<ClientAuthenticator.Decision> welcome() {
        return answer(ClientAuthenticator.Verdict.ACCEPTED);
    }

    static CompletionStage<ClientAuthenticator.Decision> answer(ClientAuthenticator.Verdict verdict) {
        return CompletableFuture.completedFuture(ClientAuthenticator.Decision.of(verdict));
    }

    public int port() {
        return broker.publicPort();
    }

    Broker broker() {
        return broker;
    }

    /** Bytes that it holds for its clients. */
    long held() {
        return broker.budget().held();
    }

    double count(String counter) {
        return meters.counter("ovos.mqtt.broker." + counter).count();
    }

    @Override
    public void close() {
        broker.stop();
    }
}
