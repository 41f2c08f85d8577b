// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;

import com.fasterxml.jackson.databind.ObjectMapper;
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

    private static final Duration LIMIT = Duration.ofSeconds(30);

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

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient client =
            HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build();
    private final Demo demo;
    private final Environment environment;

    TrainingRun(Demo demo, Environment environment) {
        this.demo = demo;
        this.environment = environment;
    }

    /** Exits with 0 if the gateway had an answer of its own to everything. */
    @EventListener
    void train(ApplicationReadyEvent ready) throws IOException, InterruptedException {
        String login = json.writeValueAsString(demo.credentials());
        String token = json.readTree(call("POST", "/v1/auth/tokens", login, "").body())
                .path("access_token")
                .asText();
        boolean answered = !token.isEmpty();
        for (String operation : OPERATIONS) {
            String[] words = operation.split(" ", 3);
            answered &= call(words[0], words[1], words.length > 2 ? words[2] : "", token)
                            .statusCode()
                    < 500;
        }
        int exitCode = answered ? 0 : 1;
        System.exit(SpringApplication.exit(ready.getApplicationContext(), () -> exitCode));
    }

    private HttpResponse<String> call(String method, String path, String body, String token)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(
                        URI.create(DemoAddress.of(environment).base() + path))
                .timeout(LIMIT)
                .method(method, BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }
}
