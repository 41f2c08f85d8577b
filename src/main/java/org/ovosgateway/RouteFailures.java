// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.StringJoiner;

import org.apache.camel.Exchange;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.ExceptionHandler;
import org.apache.camel.util.ObjectHelper;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log which route has failed, where, and by which exception.
 *
 * <p>The message of an exception may quote a body, so only DEBUG has it, and the stack trace.
 */
final class RouteFailures implements ExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(RouteFailures.class);
    private static final int MAX_CAUSES = 5;

    @Override
    public void handleException(Throwable failure) {
        handleException("Failed", failure);
    }

    @Override
    public void handleException(String what, Throwable failure) {
        handleException(what, null, failure);
    }

    @Override
    public void handleException(String what, Exchange exchange, Throwable failure) {
        String message = what == null ? "Failed" : what;
        ProblemException told = ObjectHelper.getException(ProblemException.class, failure);
        if (told != null) {
            LOG.warn(
                    "{}{}: {}",
                    message,
                    place(exchange),
                    LogText.of(told.problem().detail()));
        } else {
            LOG.error("{}{}: {}", message, place(exchange), types(failure));
        }
        LOG.debug("{}", message, failure);
    }

    private static String place(Exchange exchange) {
        if (exchange == null) {
            return "";
        }
        StringJoiner place = new StringJoiner(", ", " in ", "").setEmptyValue("");
        String route = exchange.getProperty(Exchange.FAILURE_ROUTE_ID, exchange.getFromRouteId(), String.class);
        if (route != null) {
            place.add("route " + route);
        }
        FailedNode node = FailedNode.of(exchange);
        if (node != null) {
            place.add("node " + node.id());
            if (node.line() > 0) {
                place.add("line " + node.line());
            }
        }
        return place.toString();
    }

    private static String types(Throwable failure) {
        StringJoiner types = new StringJoiner(", caused by ");
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++, cause = cause.getCause()) {
            // those that only wrap another say nothing
            if (cause.getClass() != RuntimeCamelException.class || cause.getCause() == null) {
                types.add(cause.getClass().getName());
            }
        }
        return types.toString();
    }
}
