// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.HashMap;
import java.util.Map;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;

/** The options of an endpoint that are in the Simple language. */
public final class SimpleOptions {

    private final Map<String, Expression> expressions = new HashMap<>();

    /** @param options by their names */
    public SimpleOptions(CamelContext camel, Map<String, String> options) {
        options.forEach((name, text) ->
                expressions.put(name, camel.resolveLanguage("simple").createExpression(text)));
    }

    /** What an option is for this exchange; null for nothing. */
    public String value(Exchange exchange, String option) {
        String value = expressions.get(option).evaluate(exchange, String.class);
        return value == null || value.isEmpty() ? null : value;
    }
}
