// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Routes that fail: the log tells where and by which exception, and nothing of what was in the message. */
@ExtendWith(OutputCaptureExtension.class)
class RouteFailuresTest {

    private static final String SECRET = "hush-1234";

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus();

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port).routes("failing.camel.yaml", """
            - onException:
                exception: [java.io.IOException]
                redeliveryPolicy:
                  maximumRedeliveries: 2
                  redeliveryDelay: "1"
                steps:
                  - throwException:
                      exceptionType: java.lang.IllegalArgumentException
                      message: again ${body}
            - route:
                id: throwing
                from:
                  uri: platform-http:/throwing?access=public
                  steps:
                    - throwException:
                        id: thrower
                        exceptionType: java.lang.IllegalStateException
                        message: about ${body}
            - route:
                id: retrying
                from:
                  uri: platform-http:/retrying?access=public
                  steps:
                    - throwException:
                        exceptionType: java.io.IOException
                        message: about ${body}
            - route:
                id: parsing
                from:
                  uri: platform-http:/parsing?access=public
                  steps:
                    - unmarshal:
                        json: {}
            - route:
                id: converting
                from:
                  uri: platform-http:/converting?access=public
                  steps:
                    - convertBodyTo:
                        type: java.lang.Integer
            - route:
                id: splitting
                from:
                  uri: platform-http:/splitting?access=public
                  steps:
                    - split:
                        simple: ${body}
                        stopOnException: true
                        parallelProcessing: true
                        steps:
                          - to: direct:inner
            - route:
                id: inner
                from:
                  uri: direct:inner
                  steps:
                    - throwException:
                        exceptionType: java.lang.IllegalStateException
                        message: about ${body}
            - route:
                id: tapping
                from:
                  uri: platform-http:/tapping?access=public
                  steps:
                    - wireTap:
                        uri: direct:inner
                    - to: direct:inner
            - route:
                id: queueing
                from:
                  uri: platform-http:/queueing?access=public
                  steps:
                    - to: seda:queue?waitForTaskToComplete=Never
                    - to: direct:inner
            - route:
                id: queued
                from:
                  uri: seda:queue
                  steps:
                    - to: direct:inner
            - route:
                id: hearing
                from:
                  uri: ovos:test.heard
                  steps:
                    - throwException:
                        exceptionType: java.lang.IllegalStateException
                        message: about ${body}
            - route:
                id: asking
                from:
                  uri: ovos:test.asked
                  steps:
                    - to: ovos:test.silent?reply=test.said&timeout=100ms
            - route:
                id: ticking
                from:
                  uri: timer:tick?repeatCount=1&delay=0
                  steps:
                    - throwException:
                        exceptionType: java.lang.IllegalStateException
                        message: about hush-1234
            """);

    @BeforeEach
    void connect() {
        gateway.awaitBus();
    }

    @ParameterizedTest
    @ValueSource(strings = {"throwing", "retrying", "parsing", "converting", "splitting", "tapping", "queueing"})
    void tellNothingOfTheBody(String path, CapturedOutput output) throws Exception {
        String answer = gateway.raw("POST /" + path + " HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
                + "X-Request-Id: request-of-" + path + "\r\nConnection: close\r\nContent-Length: " + SECRET.length()
                + "\r\n\r\n" + SECRET);

        assertThat(answer).startsWith("HTTP/1.1 500 ").doesNotContain(SECRET);
        assertThat(output.getAll())
                .contains("ERROR RouteFailures: Request request-of-" + path + " failed in route ")
                .doesNotContain(SECRET)
                .doesNotContain("\tat ");
    }

    @Test
    void tellRouteAndNodeAndFileAndException(CapturedOutput output) throws Exception {
        gateway.raw("GET /throwing HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine\r\nConnection: close\r\n\r\n");

        assertThat(output.getAll())
                .containsPattern("Request mine failed in route throwing, node thrower, line 15: "
                        + "java\\.lang\\.IllegalStateException\\R");
    }

    @Test
    void tellNothingOfWhatWasHeard(CapturedOutput output) {
        bus.send("test.heard", Map.of("secret", SECRET));
        bus.send("test.asked", Map.of("secret", SECRET));

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(output.getAll())
                        .contains("ERROR RouteFailures: Error handling test.heard in route hearing")
                        .contains("WARN  RouteFailures: Error handling test.asked in route asking")
                        .contains("Nobody answered 'test.silent' within 0.1 s"));
        assertThat(output.getAll()).doesNotContain(SECRET).doesNotContain("\tat ");
    }

    @Test
    void tellNothingWhereNobodyAsked(CapturedOutput output) {
        gateway.restart();

        await().atMost(Duration.ofSeconds(30)).until(() -> output.getAll().contains("in route ticking"));
        assertThat(output.getAll()).doesNotContain(SECRET).doesNotContain("\tat ");
    }
}
