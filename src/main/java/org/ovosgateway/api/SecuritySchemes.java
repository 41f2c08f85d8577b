// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;
import java.util.function.Function;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.Nearest;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.Links;
import org.ovosgateway.auth.Proofs;
import org.ovosgateway.auth.Tickets;
import org.ovosgateway.auth.Tokens;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * The {@code securitySchemes} of a contract, read by their type, whatever their names are.
 *
 * <p>{@code http} with {@code bearer} is the access token, or with {@code x-use: refresh} the refresh token; {@code http}
 * with {@code basic} is user and password; {@code apiKey} in a header or in the query is the access token as well, or with
 * {@code x-use: ticket} a ticket, with {@code x-use: link} the signature of a link.
 */
@Component
class SecuritySchemes {

    private static final String USE = "x-use";

    /** The query parameter of a ticket for a WebSocket. */
    private static final String TICKET = "ticket";

    private static final int LONGEST_BASIC = 1_000;

    private final Tokens tokens;
    private final Proofs passwords;
    private final Tickets tickets;
    private final Links links;

    SecuritySchemes(Tokens tokens, Proofs passwords, Tickets tickets, Links links) {
        this.tokens = tokens;
        this.passwords = passwords;
        this.tickets = tickets;
        this.links = links;
    }

    /** Whoever has an access token, and this scope; null for none. */
    Admission bearer(String scope) {
        return new Admission(List.of(List.of(new Bearer("access", tokens::access))), scope);
    }

    /** The same, or a ticket in the query parameter {@value #TICKET}: a web page sends no header when it opens a WebSocket. */
    Admission bearerOrTicket(String scope) {
        return new Admission(
                List.of(List.of(new Bearer("access", tokens::access)), List.of(ticket(TICKET, true))), scope);
    }

    /**
     * The caller with the token in the first message of a WebSocket: {@code {"type":"auth","token":…}}.
     *
     * @param scope that the caller needs; null for none
     * @throws ProblemException 401, 403, or 503 while the users cannot be read
     */
    Caller ofMessage(Object message, String scope) {
        Caller caller = tokens.access(FirstMessage.token(message));
        if (scope != null) {
            caller.require(scope);
        }
        return caller;
    }

    private Key ticket(String name, boolean inQuery) {
        return new Key(
                name,
                inQuery,
                "a ticket of POST /v1/auth/tickets",
                (ctx, ticket) -> tickets.redeem(ticket, ctx.request().path()));
    }

    /**
     * Whether one who was let in may stay: with a credential that still holds, all devices and scopes as before, as what is
     * told may depend on any of them, and this scope; null for none. Never blocks.
     */
    boolean mayStay(Caller caller, String scope) {
        try {
            Caller present = tokens.present(caller);
            if (scope != null) {
                present.require(scope);
            }
            return present.mayAllOf(caller);
        } catch (ProblemException e) {
            // while the users are not known, nobody has lost anything
            return e.problem().status() >= 500;
        }
    }

    /** Whether a caller may go on with an answer without an end: its links have not expired. Never blocks. */
    boolean mayFollow(Caller caller) {
        return links.hold(caller);
    }

    /**
     * Who may call an operation; one that says nothing itself, in a contract that does not either, needs an access token.
     *
     * @throws IllegalArgumentException when that cannot be checked as it is written
     */
    Admission admission(OpenAPI contract, io.swagger.v3.oas.models.Operation operation) {
        Object scope = operation.getExtensions() == null
                ? null
                : operation.getExtensions().get("x-scope");
        String needed = scope == null ? null : scope.toString();
        List<SecurityRequirement> own = operation.getSecurity();
        List<SecurityRequirement> security = own != null ? own : contract.getSecurity();
        if (security == null) {
            return bearer(needed);
        }
        Map<String, Authenticator> authenticators = authenticators(contract);
        List<List<Authenticator>> alternatives = new ArrayList<>();
        for (SecurityRequirement requirement : security) {
            List<Authenticator> all = new ArrayList<>();
            requirement.forEach((name, scopes) -> {
                Authenticator one = authenticators.get(name);
                if (one == null) {
                    throw new IllegalArgumentException(
                            "The security of '%s' is '%s', which components.securitySchemes does not have%s"
                                    .formatted(
                                            operation.getOperationId(),
                                            name,
                                            Nearest.hint(name, new TreeSet<>(authenticators.keySet()))));
                }
                if (scopes != null && !scopes.isEmpty()) {
                    throw new IllegalArgumentException(
                            "The security of '%s' has scopes for '%s'; write them as x-scope, and the list empty"
                                    .formatted(operation.getOperationId(), name));
                }
                all.add(one);
            });
            // only the operation itself can say that nobody needs a credential
            if (!all.isEmpty() || own != null) {
                alternatives.add(all);
            }
        }
        if (alternatives.isEmpty() && own == null) {
            return bearer(needed);
        }
        Admission admission = alternatives.isEmpty() ? Admission.open() : new Admission(alternatives, needed);
        if (admission.isOpen() && needed != null) {
            throw new IllegalArgumentException(
                    "'%s' has an x-scope, but its security lets everybody call; take away one of the two"
                            .formatted(operation.getOperationId()));
        }
        return admission;
    }

    private Map<String, Authenticator> authenticators(OpenAPI contract) {
        Map<String, Authenticator> authenticators = new LinkedHashMap<>();
        Map<String, SecurityScheme> schemes = contract.getComponents() == null
                ? null
                : contract.getComponents().getSecuritySchemes();
        if (schemes != null) {
            schemes.forEach((name, scheme) -> authenticators.put(name, authenticator(name, scheme)));
        }
        return authenticators;
    }

    private Authenticator authenticator(String name, SecurityScheme scheme) {
        Object extension =
                scheme.getExtensions() == null ? null : scheme.getExtensions().get(USE);
        String use = extension == null ? "access" : extension.toString();
        if (scheme.getType() == SecurityScheme.Type.HTTP) {
            String kind = String.valueOf(scheme.getScheme()).toLowerCase(Locale.ROOT);
            if (kind.equals("bearer") && use.equals("access")) {
                return new Bearer(use, tokens::access);
            }
            if (kind.equals("bearer") && use.equals("refresh")) {
                return new Bearer(use, tokens::refresh);
            }
            if (kind.equals("basic") && extension == null) {
                return new Basic();
            }
        }
        boolean inQuery = scheme.getIn() == SecurityScheme.In.QUERY;
        if (scheme.getType() == SecurityScheme.Type.APIKEY
                && scheme.getName() != null
                && (inQuery || scheme.getIn() == SecurityScheme.In.HEADER)) {
            String key = scheme.getName();
            switch (use) {
                case "access":
                    return new Key(key, inQuery, "a token", (ctx, token) -> tokens.access(token));
                case TICKET:
                    return ticket(key, inQuery);
                case "link":
                    if (inQuery) {
                        return new Key(
                                key,
                                true,
                                "the signature of a link",
                                (ctx, signature) -> links.follow(
                                        ctx.request().method().name(), target(ctx.request(), key), signature));
                    }
                    break;
                default:
            }
        }
        throw new IllegalArgumentException(
                ("The security scheme '%s' cannot be checked; there are: type http with scheme bearer (x-use: refresh for"
                                + " refresh tokens) or basic, and type apiKey in header or query, which is a token, or with"
                                + " x-use: ticket a ticket, or in query with x-use: link the signature of a link")
                        .formatted(name));
    }

    /** The target in front of the signature, which is the last parameter of a link. */
    private static String target(HttpServerRequest request, String key) {
        String query = Objects.requireNonNullElse(request.query(), "");
        int last = query.lastIndexOf('&');
        if (!query.substring(last + 1).startsWith(key + "=")) {
            throw new ProblemException(
                    new Problem("unauthorized", "Not logged in", 401, "The signature is not at the end of the link."));
        }
        return last < 0 ? request.path() : request.path() + "?" + query.substring(0, last);
    }

    /** What the one {@code Authorization} header has behind this scheme; null where it has none, or another one. */
    private static String authorization(RoutingContext ctx, String scheme) {
        List<String> all = ctx.request().headers().getAll(HttpHeaders.AUTHORIZATION);
        if (all.size() > 1) {
            throw twice("The request has more than one Authorization header; send one (RFC 9110, 11.6.2).");
        }
        String header = all.isEmpty() ? "" : all.get(0);
        return header.length() > scheme.length()
                        && header.charAt(scheme.length()) == ' '
                        && header.regionMatches(true, 0, scheme, 0, scheme.length())
                ? header.substring(scheme.length() + 1).strip()
                : null;
    }

    private static ProblemException twice(String detail) {
        return new ProblemException(new Problem("bad-request", "Bad request", 400, detail));
    }

    private static <T> Future<Caller> now(Function<T, Caller> check, T credential) {
        try {
            return Future.succeededFuture(check.apply(credential));
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    /** A token in the header (RFC 6750, 2.1). */
    private record Bearer(String use, Function<String, Caller> check) implements Authenticator {

        @Override
        public String shown(RoutingContext ctx) {
            return authorization(ctx, "Bearer");
        }

        @Override
        public Future<Caller> authenticate(RoutingContext ctx, String token) {
            return now(check, token);
        }

        @Override
        public String challenge() {
            return "Bearer";
        }

        @Override
        public String credential() {
            return use.equals("access")
                    ? "a token, sent as Authorization: Bearer <token> (POST /v1/auth/tokens gives one)"
                    : "a refresh token, sent as Authorization: Bearer <token> (POST /v1/auth/tokens gives one)";
        }
    }

    /** User and password (RFC 7617). */
    private final class Basic implements Authenticator {

        @Override
        public String shown(RoutingContext ctx) {
            return authorization(ctx, "Basic");
        }

        @Override
        public Future<Caller> authenticate(RoutingContext ctx, String shown) {
            String text = text(shown);
            int colon = text == null ? -1 : text.indexOf(':');
            if (colon < 0) {
                return Future.failedFuture(refused());
            }
            CompletableFuture<Caller> checked = passwords
                    .check(
                            text.substring(0, colon),
                            text.substring(colon + 1),
                            HttpCall.of(ctx).client())
                    .toCompletableFuture();
            Promise<Caller> caller = Promise.promise();
            if (checked.isDone()) {
                settle(checked, caller);
            } else {
                Context context = ctx.vertx().getOrCreateContext();
                checked.whenComplete((who, failure) -> context.runOnContext(v -> settle(checked, caller)));
            }
            return caller.future()
                    .recover(failure -> Future.failedFuture(
                            failure instanceof ProblemException told
                                            && (told.problem().status() == 401
                                                    || told.problem().status() == 422)
                                    ? refused()
                                    : failure));
        }

        private static void settle(CompletableFuture<Caller> checked, Promise<Caller> caller) {
            checked.whenComplete((who, failure) -> {
                if (failure == null) {
                    caller.complete(who);
                } else {
                    caller.fail(failure instanceof CompletionException wrapped ? wrapped.getCause() : failure);
                }
            });
        }

        private static String text(String encoded) {
            try {
                return encoded.length() > LONGEST_BASIC
                        ? null
                        : StandardCharsets.UTF_8
                                .newDecoder()
                                .decode(ByteBuffer.wrap(Base64.getDecoder().decode(encoded)))
                                .toString();
            } catch (IllegalArgumentException | CharacterCodingException e) {
                return null;
            }
        }

        private ProblemException refused() {
            return new ProblemException(
                    new Problem("invalid-credentials", "Login refused", 401, "The user or the password is wrong.")
                            .header("WWW-Authenticate", challenge()));
        }

        @Override
        public String challenge() {
            return "Basic realm=\"OVOS gateway\", charset=\"UTF-8\"";
        }

        @Override
        public String credential() {
            return "user and password, sent as Authorization: Basic (RFC 7617)";
        }
    }

    /** Something in a header or a query parameter of its own. */
    private record Key(String name, boolean inQuery, String what, BiFunction<RoutingContext, String, Caller> check)
            implements Authenticator {

        @Override
        public Future<Caller> authenticate(RoutingContext ctx, String shown) {
            return now(value -> check.apply(ctx, value), shown)
                    .recover(failure -> Future.failedFuture(
                            failure instanceof ProblemException told
                                            && told.problem().status() == 401
                                    ? new ProblemException(told.problem().header("WWW-Authenticate", challenge()))
                                    : failure));
        }

        @Override
        public String shown(RoutingContext ctx) {
            List<String> values =
                    inQuery ? inQuery(ctx) : ctx.request().headers().getAll(name);
            if (values.size() > 1) {
                throw twice("The request has '%s' more than once; send it once.".formatted(name));
            }
            return values.isEmpty() ? null : values.get(0);
        }

        private List<String> inQuery(RoutingContext ctx) {
            String query = ctx.request().query();
            if (query == null) {
                return List.of();
            }
            try {
                return new QueryStringDecoder(query, false).parameters().getOrDefault(name, List.of());
            } catch (IllegalArgumentException e) {
                throw twice("The query is not encoded as a URL is.");
            }
        }

        @Override
        public String challenge() {
            return "ApiKey in=\"%s\", name=\"%s\"".formatted(inQuery ? "query" : "header", name);
        }

        @Override
        public String credential() {
            return what + (inQuery ? ", in the query as " : ", in the header ") + name;
        }

        @Override
        public String queryParameter() {
            return inQuery ? name : null;
        }
    }
}
