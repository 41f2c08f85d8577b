// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.Map;
import java.util.Optional;

import io.vertx.core.Handler;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** What the server serves behind its own handlers, at one address or several. */
public interface Content {

    /** The name of the address that is set as {@code server.*}, where the gateway's own API is. */
    String MAIN = "";

    /** The other addresses, by their names. */
    Map<String, Address> addresses();

    /**
     * Where callers are served.
     *
     * @param host null for that of the main address
     * @param port null for that of the main address, 0 for a free one
     * @param keys prefix of the keys under which both are set
     */
    record Address(String host, Integer port, String keys) {}

    /** The routes of an address, which may change while the server serves. */
    Router router(String address);

    /**
     * A document that stands beside the routes, open to everybody.
     *
     * @param address by which the request came
     * @return null when this path has none
     * @throws ProblemException when it cannot be shown now
     */
    Document document(String address, String path);

    /**
     * Which web pages of other origins may call this path.
     *
     * @param address by which the request came
     * @return null when nothing but {@code ovos.http.cors} says so
     */
    Handler<RoutingContext> cors(String address, String path);

    /**
     * Whether users show their password to this path itself: browsers remember it, and send it along with what any page calls.
     *
     * @param address by which the request came
     */
    boolean takesPasswords(String address, String path);

    /**
     * How failures of this path are written.
     *
     * @param address by which the request came
     */
    ErrorFormat errors(String address, String path);

    /** Why nothing is served at the moment; empty while something is. */
    Optional<Problem> outage();
}
