// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.ArrayList;
import java.util.List;

import io.swagger.v3.oas.models.OpenAPI;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumerAware;
import org.apache.camel.component.rest.openapi.RestOpenapiProcessorStrategy;
import org.apache.camel.support.processor.RestBindingAdvice;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.Logins;
import org.ovosgateway.auth.Tokens;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * Lets a request through to the route of its operation if the contract does: who may call, and with which input.
 *
 * <p>The contract's {@code security} decides; an operation that says nothing needs a token. {@link HttpConsumer} asks
 * before anything of the operation runs, and no route can forget it. It has no life cycle of its own, because two
 * versions of a contract share it while one replaces the other.
 */
@Component
class ContractGuard implements RestOpenapiProcessorStrategy {

    private final CamelContext camel;
    private final Tokens tokens;
    private final Contracts contracts;
    private final Devices devices;
    private String missingOperation = "ignore";

    ContractGuard(CamelContext camel, Tokens tokens, Contracts contracts, Devices devices) {
        this.camel = camel;
        this.tokens = tokens;
        this.contracts = contracts;
        this.devices = devices;
    }

    @Override
    public void validateOpenApi(OpenAPI contract, String basePath, PlatformHttpConsumerAware consumer) {
        HttpConsumer mount = (HttpConsumer) consumer.getPlatformHttpConsumer();
        Contract offered = contracts.offered(mount.api());
        Schemas schemas = new Schemas(contract);
        List<Operation> operations = new ArrayList<>();
        contract.getPaths()
                .forEach((path, item) -> item.readOperationsMap()
                        .forEach((method, operation) -> operations.add(Operation.compile(
                                camel, offered.api(), contract, schemas, path, item, method, operation))));
        offered.compiled(operations);
        mount.serve(new Operations(offered.basePath(), operations), this);
    }

    /**
     * Checks who calls, and reads the parameters into the message, the device that is meant among them.
     *
     * @throws ProblemException when the caller may not do this, a parameter does not fit, or there is no such device
     */
    void admit(Operations.Found found, RoutingContext ctx, Exchange exchange) {
        Operation operation = found.operation();
        HttpServerRequest request = ctx.request();
        exchange.setProperty(Logins.CLIENT_ADDRESS, HttpCall.of(ctx).client());
        Caller caller = authorize(operation, request);
        if (caller != null) {
            caller.mark(exchange);
            ctx.put("user", caller.name());
            if (operation.scope() != null) {
                caller.require(operation.scope());
            }
        }
        Message message = exchange.getMessage();
        message.setHeader(Exchange.HTTP_METHOD, request.method().name());
        message.setHeader(Exchange.HTTP_PATH, ctx.normalizedPath());
        operation.parameters().accept(message, found.path(), request.query());
        if (operation.parameters().namesDevice()) {
            String named = message.getHeader(OvosConstants.DEVICE, String.class);
            message.setHeader(
                    OvosConstants.DEVICE, devices.of(Caller.of(exchange), named).name());
        }
    }

    /**
     * Reads the body into the message.
     *
     * @throws ProblemException when it does not fit
     */
    void accept(Operation operation, RoutingContext ctx, Buffer body, Exchange exchange) {
        if (operation.body() != null) {
            String type = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
            exchange.getMessage().setBody(operation.body().read(type, body));
        }
    }

    private Caller authorize(Operation operation, HttpServerRequest request) {
        if (operation.access() == Operation.Access.PUBLIC) {
            return null;
        }
        String bearer = RouteGuard.bearer(request);
        return operation.access() == Operation.Access.REFRESH ? tokens.refresh(bearer) : tokens.access(bearer);
    }

    /** Never called: {@link HttpConsumer} finds and runs the operation by itself. */
    @Override
    public boolean process(
            OpenAPI contract,
            io.swagger.v3.oas.models.Operation operation,
            String verb,
            String path,
            RestBindingAdvice binding,
            Exchange exchange,
            AsyncCallback callback) {
        throw new UnsupportedOperationException();
    }

    /** Never called either: the documentation pages serve the contract. */
    @Override
    public boolean processApiSpecification(String specification, Exchange exchange, AsyncCallback callback) {
        throw new UnsupportedOperationException();
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
