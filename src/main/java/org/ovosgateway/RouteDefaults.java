// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import org.apache.camel.CamelContext;
import org.apache.camel.LoggingLevel;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;
import org.apache.camel.spi.CamelContextCustomizer;
import org.springframework.stereotype.Component;

/** What holds for every route unless it says otherwise. */
@Component
class RouteDefaults implements CamelContextCustomizer {

    @Override
    public void configure(CamelContext camel) {
        // a failure is told to who asked, by HTTP or in the log of the consumer; Camel would log a trace for each 504
        DefaultErrorHandlerDefinition errorHandler = new DefaultErrorHandlerDefinition();
        errorHandler.setLevel(LoggingLevel.OFF.name());
        camel.getCamelContextExtension().setErrorHandlerFactory(errorHandler);
    }
}
