// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * Who may call one operation, or one route: any caller that one of the alternatives knows, with the scope that is needed.
 *
 * <p>This is the first step of every request, before its body is read: with a token, which is checked at once, in the same
 * turn of the event loop; with a password, while the body waits.
 */
final class Admission {

    /** Key in the routing context: the name of the caller, once it is known. */
    static final String USER = "user";

    private static final String AUTHENTICATE = "WWW-Authenticate";
    private static final String UNAUTHORIZED = "unauthorized";
    private static final Future<Caller> OWNER = Future.succeededFuture(Caller.OWNER);
    private static final Future<Caller> ANYBODY = Future.succeededFuture(Caller.ANYBODY);

    private final List<List<Authenticator>> alternatives;
    private final boolean anonymous;
    private final String scope;

    /**
     * @param alternatives of each, all credentials are needed; one without any lets everybody call
     * @param scope that the caller needs; null for none
     */
    Admission(List<List<Authenticator>> alternatives, String scope) {
        this.alternatives = alternatives.stream().filter(all -> !all.isEmpty()).toList();
        this.anonymous = this.alternatives.size() < alternatives.size();
        this.scope = scope;
    }

    /** Whose streams count together: those of a user, or else of an address. */
    static String subject(RoutingContext ctx) {
        String user = ctx.get(USER);
        return user == null ? HttpCall.of(ctx).client() : "user " + user;
    }

    /** Lets everybody call, and looks at no credential. */
    static Admission open() {
        return new Admission(List.of(List.of()), null);
    }

    /** Whether nobody needs a credential, and none is looked at. */
    boolean isOpen() {
        return anonymous && alternatives.isEmpty();
    }

    /** The scope that a caller needs; null for none. */
    String scope() {
        return scope;
    }

    /** The query parameters that hold credentials. */
    Set<String> queryParameters() {
        return authenticators()
                .map(Authenticator::queryParameter)
                .filter(Objects::nonNull)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Finds out who calls.
     *
     * @return the caller, the {@link Caller#OWNER} of the route where it is open; complete already unless there is something to
     *     wait for, and then completed on the same event loop; fails with a {@link ProblemException}: 400, 401, 403, 429, 503
     */
    Future<Caller> admit(RoutingContext ctx) {
        if (isOpen()) {
            return OWNER;
        }
        try {
            Future<Caller> caller = attempt(ctx, 0, null).map(one -> scoped(ctx, one));
            return caller.succeeded() ? caller : caller.recover(why -> Future.failedFuture(withChallenges(why)));
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    private Caller scoped(RoutingContext ctx, Caller caller) {
        if (caller.kind() != Caller.Kind.ANYBODY) {
            ctx.put(USER, caller.kind() == Caller.Kind.LINK ? "link" : caller.name());
        }
        if (scope != null) {
            caller.require(scope);
        }
        return caller;
    }

    /** Tries the alternatives whose credentials are shown, one after the other; the refusal of the first one is the answer. */
    private Future<Caller> attempt(RoutingContext ctx, int first, Throwable refused) {
        Throwable refusal = refused;
        for (int i = first; i < alternatives.size(); i++) {
            List<Authenticator> all = alternatives.get(i);
            List<String> shown = all.stream().map(one -> one.shown(ctx)).toList();
            if (shown.contains(null)) {
                continue;
            }
            Future<Caller> caller = authenticate(ctx, all, shown);
            if (caller.succeeded()) {
                return caller;
            }
            if (!caller.isComplete()) {
                int next = i + 1;
                Throwable before = refusal;
                return caller.recover(failure -> attempt(ctx, next, before == null ? failure : before));
            }
            refusal = refusal == null ? caller.cause() : refusal;
        }
        if (refusal != null) {
            return Future.failedFuture(refusal);
        }
        // half of what is needed is a mistake, and not nothing
        return anonymous && hasNoCredential(ctx) ? ANYBODY : Future.failedFuture(missing());
    }

    /** Whether the caller has sent no credential at all. */
    boolean hasNoCredential(RoutingContext ctx) {
        return authenticators().allMatch(one -> one.shown(ctx) == null);
    }

    private static Future<Caller> authenticate(RoutingContext ctx, List<Authenticator> all, List<String> shown) {
        Future<Caller> caller = all.get(0).authenticate(ctx, shown.get(0));
        for (int i = 1; i < all.size(); i++) {
            Authenticator next = all.get(i);
            String credential = shown.get(i);
            caller = caller.compose(one -> next.authenticate(ctx, credential).map(other -> both(one, other)));
        }
        return caller;
    }

    /** A user with two credentials may do what both allow; a link only adds to the credential of a user. */
    private static Caller both(Caller one, Caller other) {
        if (other.kind() == Caller.Kind.LINK) {
            return one.and(other);
        }
        if (one.kind() == Caller.Kind.LINK) {
            return other.and(one);
        }
        if (!one.name().equals(other.name()) || one.isRefreshing() || other.isRefreshing()) {
            throw new ProblemException(
                    new Problem(UNAUTHORIZED, "Not logged in", 401, "The credentials are not of one user."));
        }
        return one.and(other);
    }

    private ProblemException missing() {
        return new ProblemException(new Problem(
                UNAUTHORIZED,
                "Not logged in",
                401,
                alternatives.stream()
                        .map(all -> all.stream().map(Authenticator::credential).collect(Collectors.joining(" and ")))
                        .distinct()
                        .collect(Collectors.joining(", or ", "This call needs ", "."))));
    }

    private Throwable withChallenges(Throwable refusal) {
        return refusal instanceof ProblemException told
                ? new ProblemException(withChallenges(told.problem()))
                : refusal;
    }

    /** A refusal with every way to show who one is, and no other; the one that failed says itself why. */
    Problem withChallenges(Problem refusal) {
        String told = refusal.headers().get(AUTHENTICATE);
        boolean isForCredential = refusal.status() == 401 || refusal.status() == 403 && told != null;
        if (alternatives.isEmpty() || !isForCredential) {
            return refusal;
        }
        Set<String> challenges = new LinkedHashSet<>();
        authenticators().map(Authenticator::challenge).forEach(challenges::add);
        if (told != null && challenges.removeIf(told::contains)) {
            return refusal.header(
                    AUTHENTICATE,
                    Stream.concat(Stream.of(told), challenges.stream()).collect(Collectors.joining(", ")));
        }
        return refusal.header(AUTHENTICATE, String.join(", ", challenges));
    }

    private Stream<Authenticator> authenticators() {
        return alternatives.stream().flatMap(List::stream);
    }
}
