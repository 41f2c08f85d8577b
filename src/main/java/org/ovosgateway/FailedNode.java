// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/**
 * Keeps in mind which node of a route has failed; Camel forgets it when the node is left.
 *
 * @param id of the node
 * @param line in its file, counted from 1; not positive if it is not known
 */
record FailedNode(String id, int line, Throwable failure) {

    private static final String PROPERTY = "ovosFailedNode";

    /** Null if no node has failed. */
    static FailedNode of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, FailedNode.class);
    }

    private static void remember(Exchange exchange, NamedNode node) {
        Throwable failure = exchange.getException();
        if (failure != null) {
            FailedNode known = of(exchange);
            // the innermost node is left first
            if (known == null || known.failure != failure) {
                exchange.setProperty(PROPERTY, new FailedNode(node.getId(), node.getLineNumber(), failure));
            }
        }
    }

    /** Looks at the exchange when it leaves a node. */
    static final class Watch implements InterceptStrategy {

        @Override
        public Processor wrapProcessorInInterceptors(
                CamelContext context, NamedNode node, Processor target, Processor next) {
            return new DelegateAsyncProcessor(target) {
                @Override
                public boolean process(Exchange exchange, AsyncCallback callback) {
                    return super.process(exchange, doneSync -> {
                        remember(exchange, node);
                        callback.done(doneSync);
                    });
                }
            };
        }
    }
}
