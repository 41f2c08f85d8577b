// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;
import org.ovosgateway.http.ErrorFormat;
import org.ovosgateway.http.HttpCall;

import static io.swagger.v3.oas.models.PathItem.HttpMethod.GET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.atMost;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

/** What of a message goes back to the caller. */
class AnswerTest {

    private static final Operation CREATED = operation(201);
    private static final Operation EMPTY = operation(204);

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final Message message = new DefaultExchange(camel).getMessage();

    @BeforeEach
    void build() {
        camel.build();
    }

    @Test
    void letsNoHeaderLeaveThatIsNotAllowed() {
        for (String name : List.of(
                "Authorization",
                "Cookie",
                "Set-Cookie",
                "Host",
                "User-Agent",
                "X-Forwarded-For",
                "Transfer-Encoding",
                "Content-Length",
                "Connection",
                "CamelOvosType",
                "skill_id",
                "breadcrumbId")) {
            message.setHeader(name, "private");
        }
        message.setHeader("Retry-After", "5");
        message.setBody(Map.of("a", 1));

        assertThat(write(Answer.of(message, CREATED)).headers)
                .containsOnlyKeys("Retry-After", "Content-Type", "content-length");
    }

    @Test
    void writesPointsInTimeAsHttpDoes() {
        Instant time = Instant.parse("2026-12-03T08:04:05Z");
        for (Object value : List.of(time, Date.from(time), time.atZone(ZoneId.of("Europe/Berlin")))) {
            message.setHeader("Last-Modified", value);
            assertThat(write(Answer.of(message, null)).headers)
                    .containsEntry("Last-Modified", "Thu, 03 Dec 2026 08:04:05 GMT");
        }
    }

    @Test
    void takesTheStatusOfTheContractUnlessTheRouteSetsOne() {
        message.setBody(Map.of("a", 1));
        assertThat(write(Answer.of(message, CREATED)).status).isEqualTo(201);

        message.setHeader(Exchange.HTTP_RESPONSE_CODE, 202);
        assertThat(write(Answer.of(message, CREATED)).status).isEqualTo(202);
    }

    @Test
    void hasAStatusOutsideOfTheContract() {
        assertThat(write(Answer.of(message, null)).status).isEqualTo(204);

        message.setBody("text");
        assertThat(write(Answer.of(message, null)).status).isEqualTo(200);
    }

    @Test
    void hasNeitherBodyNorLengthWhereTheContractHasNone() {
        message.setBody(Map.of("left", "over"));

        Written written = write(Answer.of(message, EMPTY));

        assertThat(written.status).isEqualTo(204);
        assertThat(written.body).isEmpty();
        assertThat(written.headers).isEmpty();
    }

    @Test
    void writesWhateverTheRouteLeavesAsJson() {
        Map<Object, String> bodies = Map.of(
                Map.of("grüße", List.of(1, true)),
                "{\"grüße\":[1,true]}",
                "{\"ready\":1}",
                "{\"ready\":1}",
                Buffer.buffer("[1]"),
                "[1]",
                "[2]".getBytes(StandardCharsets.UTF_8),
                "[2]",
                new ByteArrayInputStream("[3]".getBytes(StandardCharsets.UTF_8)),
                "[3]",
                List.of(),
                "[]",
                42,
                "42",
                false,
                "false");

        bodies.forEach((body, json) -> {
            message.setBody(body);
            Written written = write(Answer.of(message, CREATED));
            assertThat(written.body).isEqualTo(json);
            assertThat(written.headers)
                    .containsEntry("Content-Type", "application/json")
                    .containsEntry("content-length", Integer.toString(json.getBytes(StandardCharsets.UTF_8).length));
        });
    }

    @Test
    void writesTextOutsideOfTheContract() {
        message.setBody("grüße");

        assertThat(write(Answer.of(message, null)).headers)
                .containsEntry("Content-Type", "text/plain; charset=utf-8")
                .containsEntry("content-length", "7");
    }

    @Test
    void takesTheTypeThatTheRouteSets() {
        message.setHeader(Exchange.CONTENT_TYPE, "image/png");
        message.setBody(new byte[] {1, 2, 3});

        assertThat(write(Answer.of(message, null)).headers).containsEntry("Content-Type", "image/png");
    }

    @Test
    void saysWhyThereIsNothing() {
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, 404);
        Written notFound = write(Answer.of(message, null));

        assertThat(notFound.status).isEqualTo(404);
        assertThat(notFound.body).contains("urn:ovos-gateway:not-found");

        message.setHeader(Exchange.HTTP_RESPONSE_CODE, 405);
        message.setHeader("Allow", "GET, POST");
        Written notAllowed = write(Answer.of(message, null));

        assertThat(notAllowed.status).isEqualTo(405);
        assertThat(notAllowed.headers).containsEntry("Allow", "GET, POST");
        assertThat(notAllowed.body).contains("urn:ovos-gateway:method-not-allowed");
    }

    @Test
    void leavesA404OfTheRouteAsItIs() {
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, 404);
        message.setBody(Map.of("mine", true));

        assertThat(write(Answer.of(message, CREATED)).body).isEqualTo("{\"mine\":true}");
    }

    @Test
    void failsOnABodyThatIsNoJson() {
        message.setBody(new Object());

        assertThatIllegalStateException().isThrownBy(() -> Answer.of(message, CREATED));
    }

    @Test
    void writesNothingToAConnectionThatIsGone() {
        message.setBody("text");
        HttpServerResponse gone = mock(HttpServerResponse.class);
        when(gone.closed()).thenReturn(true);
        RoutingContext ctx = mock(RoutingContext.class);
        when(ctx.response()).thenReturn(gone);

        Answer.of(message, null).write(ctx, null);

        verify(gone, never()).end(any(Buffer.class));
    }

    private static Operation operation(int status) {
        return new Operation(
                "test", GET, "/", Admission.open(), null, "", null, null, new Success(status, null, false), null);
    }

    private record Written(int status, Map<String, String> headers, String body) {}

    private static Written write(Answer answer) {
        HttpServerResponse response = mock(HttpServerResponse.class);
        HttpServerRequest request = mock(HttpServerRequest.class);
        RoutingContext ctx = mock(RoutingContext.class);
        Map<String, String> headers = new TreeMap<>();
        when(ctx.response()).thenReturn(response);
        when(ctx.request()).thenReturn(request);
        when(request.method()).thenReturn(HttpMethod.GET);
        when(request.response()).thenReturn(response);
        when(response.headers()).thenReturn(MultiMap.caseInsensitiveMultiMap());
        when(response.end(any(Buffer.class))).thenReturn(Future.succeededFuture());
        when(response.putHeader(anyString(), anyString())).thenAnswer(call -> {
            headers.put(call.getArgument(0), call.getArgument(1));
            return response;
        });
        when(response.putHeader(any(CharSequence.class), any(CharSequence.class)))
                .thenAnswer(call -> {
                    headers.put(
                            call.getArgument(0).toString(), call.getArgument(1).toString());
                    return response;
                });
        ArgumentCaptor<Integer> status = ArgumentCaptor.forClass(Integer.class);
        ArgumentCaptor<Buffer> body = ArgumentCaptor.forClass(Buffer.class);

        HttpCall call = mock(HttpCall.class);
        when(call.errors()).thenReturn(ErrorFormat.PROBLEM);
        when(ctx.get("call")).thenReturn(call);

        answer.write(ctx, null);

        verify(response).setStatusCode(status.capture());
        verify(response, atMost(1)).setStatusCode(anyInt());
        verify(call).end(body.capture());
        return new Written(status.getValue(), headers, body.getValue().toString());
    }
}
