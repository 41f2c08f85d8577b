// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import io.swagger.v3.oas.models.OpenAPI;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumerAware;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.apache.camel.component.rest.openapi.RestOpenapiProcessorStrategy;
import org.apache.camel.support.processor.RestBindingAdvice;
import org.ovosgateway.auth.Logins;
import org.ovosgateway.auth.Principal;
import org.ovosgateway.auth.Tokens;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * Lets a request through to the route of its operation if the contract does: who may call, and with which input.
 *
 * <p>The contract's {@code security} decides; an operation that says nothing needs a token. Camel calls this before
 * anything of the operation runs, and no route can forget it. It has no life cycle of its own, because two versions of
 * a contract share it while one replaces the other.
 */
@Component
class ContractGuard implements RestOpenapiProcessorStrategy {

    /** Exchange property: the operation found for the request. */
    static final String OPERATION = "ovosOperation";

    /** Exchange property: why the request is refused. */
    static final String REFUSED = "ovosRefused";

    private static final String COMPILED = "x-ovos-compiled";

    private final CamelContext camel;
    private final Tokens tokens;
    private final Contract live;
    private final TrustedProxies proxies;
    private String missingOperation = "ignore";

    ContractGuard(CamelContext camel, Tokens tokens, Contract live, TrustedProxies proxies) {
        this.camel = camel;
        this.tokens = tokens;
        this.live = live;
        this.proxies = proxies;
    }

    @Override
    public void validateOpenApi(OpenAPI contract, String basePath, PlatformHttpConsumerAware consumer) {
        if (!String.valueOf(contract.getOpenapi()).startsWith("3.0.")) {
            // the parser reads 3.1 into a model whose types are elsewhere, and input would pass unchecked
            throw new IllegalArgumentException("the contract is OpenAPI " + contract.getOpenapi() + "; it must be 3.0");
        }
        contract.getPaths()
                .forEach((path, item) -> item.readOperationsMap().forEach((method, operation) -> {
                    Operation compiled = Operation.compile(camel, contract, path, item, method, operation);
                    operation.addExtension(COMPILED, compiled);
                    live.tried(compiled);
                }));
    }

    @Override
    public boolean process(
            OpenAPI contract,
            io.swagger.v3.oas.models.Operation found,
            String verb,
            String path,
            RestBindingAdvice binding,
            Exchange exchange,
            AsyncCallback callback) {
        Operation operation = (Operation) found.getExtensions().get(COMPILED);
        // Camel's search is generous: any case of the letters, any part of a method, and OPTIONS for every operation
        if (path == null || !operation.path().matcher(path).matches()) {
            exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 404);
            callback.done(true);
            return true;
        }
        if (!operation.method().name().equals(verb)) {
            exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 405);
            exchange.getMessage().setHeader("Allow", operation.allow());
            callback.done(true);
            return true;
        }
        exchange.setProperty(OPERATION, operation);
        try {
            HttpServerRequest request = exchange.getIn(HttpMessage.class).getRequest();
            exchange.setProperty(Logins.CLIENT_ADDRESS, proxies.client(request));
            authorize(operation, request, exchange);
            Message message = exchange.getMessage();
            operation.parameters().accept(message, request);
            message.setBody(
                    operation.body() == null
                            ? null
                            : operation
                                    .body()
                                    .read(request.getHeader(HttpHeaders.CONTENT_TYPE), message.getBody(Buffer.class)));
        } catch (ProblemException e) {
            exchange.setProperty(REFUSED, e);
        }
        callback.done(true);
        return true;
    }

    private void authorize(Operation operation, HttpServerRequest request, Exchange exchange) {
        if (operation.access() == Operation.Access.PUBLIC) {
            return;
        }
        String bearer = Tokens.bearer(request.getHeader(HttpHeaders.AUTHORIZATION));
        Principal principal =
                operation.access() == Operation.Access.REFRESH ? tokens.refresh(bearer) : tokens.access(bearer);
        exchange.setProperty(Logins.PRINCIPAL, principal);
        if (operation.scope() != null) {
            RouteGuard.requireScope(principal, operation.scope());
        }
    }

    @Override
    public boolean processApiSpecification(String specification, Exchange exchange, AsyncCallback callback) {
        // the documentation pages serve it
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 404);
        callback.done(true);
        return true;
    }

    @Override
    public void setMissingOperation(String missingOperation) {
        this.missingOperation = missingOperation;
    }

    @Override
    public String getMissingOperation() {
        return missingOperation;
    }

    @Override
    public void setMockIncludePattern(String mockIncludePattern) {
        // an operation without a route is answered as such, never mocked
    }

    @Override
    public String getMockIncludePattern() {
        return null;
    }
}
