// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.avs;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.camel.Exchange;
import org.ovosgateway.Json;
import org.ovosgateway.auth.AccessToken;
import org.ovosgateway.auth.Logins;
import org.ovosgateway.auth.Tokens;
import org.ovosgateway.auth.UnauthorizedException;
import org.ovosgateway.http.Problems;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * Access tokens as Login with Amazon gives them (RFC 6749, 6), on the {@code hashing} pool.
 *
 * <p>These clients keep one refresh token for good, so it is never replaced: a refresh token of a login, or a long-lived token,
 * which is its own access token.
 */
@Component("avsTokens")
@EnableConfigurationProperties(AvsProperties.class)
class AvsTokens {

    private static final String GRANT = "refresh_token";

    /** After it, clients ask again. */
    private static final Duration LONG_LIVED = Duration.ofHours(1);

    private final Tokens tokens;
    private final Logins logins;
    private final AvsProperties properties;

    AvsTokens(Tokens tokens, Logins logins, AvsProperties properties) {
        this.tokens = tokens;
        this.logins = logins;
        this.properties = properties;
    }

    /** An answer that is a failure (RFC 6749, 5.2). */
    private static final class Refused extends RuntimeException {

        private final int status;
        private final String error;

        Refused(int status, String error, String description) {
            super(description, null, false, false);
            this.status = status;
            this.error = error;
        }
    }

    /** Makes the body the answer: a token, or what is wrong. */
    public void token(Exchange exchange) {
        exchange.getMessage().setHeader("Cache-Control", "no-store");
        try {
            exchange.getMessage().setBody(answer(fields(exchange)));
        } catch (Refused e) {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("error", e.error);
            body.put("error_description", e.getMessage());
            body.put("request_id", exchange.getProperty(Problems.REQUEST_ID));
            exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, e.status);
            exchange.getMessage().setBody(body);
        }
    }

    private static Map<?, ?> fields(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (body instanceof Map<?, ?> form) {
            return form;
        }
        String text = body == null ? "" : exchange.getMessage().getBody(String.class);
        try {
            if (Json.STRICT.readValue(text, Object.class) instanceof Map<?, ?> json) {
                return json;
            }
        } catch (JsonProcessingException e) {
            // refused below
        }
        throw new Refused(400, "invalid_request", "The body has to be a form or a JSON object.");
    }

    private Map<String, Object> answer(Map<?, ?> fields) {
        String grant = text(fields, "grant_type");
        if (!grant.equals(GRANT)) {
            throw new Refused(400, "unsupported_grant_type", "Of grant_type there is refresh_token only.");
        }
        if (!isEqual(properties.clientId(), text(fields, "client_id"))
                || !isEqual(properties.clientSecret(), text(fields, "client_secret"))) {
            throw new Refused(
                    401,
                    "invalid_client",
                    "client_id and client_secret have to be ovos.apis.avs.client-id and ovos.apis.avs.client-secret.");
        }
        String refresh = text(fields, GRANT);
        try {
            Map<String, Object> answer = new LinkedHashMap<>();
            AccessToken access = isLongLived(refresh)
                    ? new AccessToken(refresh, LONG_LIVED)
                    : logins.refresh(tokens.refresh(refresh));
            answer.put("access_token", access.accessToken());
            answer.put("token_type", "bearer");
            answer.put("expires_in", access.lifetime().toSeconds());
            answer.put(GRANT, refresh);
            return answer;
        } catch (UnauthorizedException e) {
            throw new Refused(
                    400,
                    "invalid_grant",
                    "refresh_token has to be a long-lived token or a refresh token. " + e.getMessage());
        }
    }

    private boolean isLongLived(String token) {
        try {
            return tokens.access(token).login().isLongLived();
        } catch (UnauthorizedException e) {
            return false;
        }
    }

    private static String text(Map<?, ?> fields, String name) {
        Object value = fields.get(name);
        return value instanceof String text ? text : "";
    }

    private static boolean isEqual(String configured, String given) {
        return configured.isEmpty()
                || MessageDigest.isEqual(
                        configured.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }
}
