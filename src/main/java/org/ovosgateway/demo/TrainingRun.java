// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.ovosgateway.Json;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.annotation.Profile;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * With the profile {@code training}, calls the demo as its users will and ends it, so that a JVM that records which
 * classes are loaded sees them all; {@code bin/ovos-gateway archive} asks for it.
 */
@Component
@Profile("training")
final class TrainingRun {

    private static final int LIMIT_MILLIS = 30_000;

    // one of each kind: with and without an answer from the bus, from the companion, refused, a page, the contract
    private static final List<String> OPERATIONS = List.of(
            "GET /v1/network/ping",
            "GET /v1/network/websocket",
            "GET /v1/network/internet",
            "GET /v1/system/info?sort=true",
            "GET /v1/system/config",
            "GET /v1/system/sleep",
            "GET /v1/skills",
            "PUT /v1/voice/listen",
            "DELETE /v1/voice/speech",
            "POST /v1/voice/speech {\"utterance\":\"ready\"}",
            "POST /v1/voice/speech {\"utterance\":1}",
            "POST /v1/auth/refresh",
            "GET /v1/nothing",
            "GET /docs",
            "GET /openapi.json");

    private final Demo demo;
    private final Environment environment;

    TrainingRun(Demo demo, Environment environment) {
        this.demo = demo;
        this.environment = environment;
    }

    /** Exits with 0 if the gateway had an answer of its own to everything. */
    @EventListener
    void train(ApplicationReadyEvent ready) throws IOException {
        HttpURLConnection login = call("POST", "/v1/auth/tokens", Json.write(demo.credentials()), "");
        boolean answered = login.getResponseCode() == 200;
        String token = answered
                ? Json.PLAIN
                        .readTree(login.getInputStream())
                        .path("access_token")
                        .asText()
                : "";
        for (String operation : OPERATIONS) {
            String[] words = operation.split(" ", 3);
            HttpURLConnection call = call(words[0], words[1], words.length > 2 ? words[2] : "", token);
            answered &= call.getResponseCode() < 500;
            call.disconnect();
        }
        int exitCode = answered ? 0 : 1;
        System.exit(SpringApplication.exit(ready.getApplicationContext(), () -> exitCode));
    }

    // not java.net.http: it would leave hundreds of classes in the archive that the gateway never loads
    private HttpURLConnection call(String method, String path, String body, String token) throws IOException {
        URI uri = URI.create(DemoAddress.of(environment).base() + path);
        HttpURLConnection call = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
        call.setConnectTimeout(LIMIT_MILLIS);
        call.setReadTimeout(LIMIT_MILLIS);
        call.setRequestMethod(method);
        if (!token.isEmpty()) {
            call.setRequestProperty("Authorization", "Bearer " + token);
        }
        if (!body.isEmpty()) {
            call.setRequestProperty("Content-Type", "application/json");
            call.setDoOutput(true);
            call.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
        }
        return call;
    }
}
