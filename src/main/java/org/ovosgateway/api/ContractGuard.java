// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.ArrayList;
import java.util.List;

import io.swagger.v3.oas.models.OpenAPI;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumerAware;
import org.apache.camel.component.rest.openapi.RestOpenapiProcessorStrategy;
import org.apache.camel.support.processor.RestBindingAdvice;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.http.HttpProperties;
import org.springframework.stereotype.Component;

/**
 * Hands the operations of a contract, made ready, to the consumer that serves them.
 *
 * <p>It has no life cycle of its own, because two versions of a contract share it while one replaces the other.
 */
@Component
class ContractGuard implements RestOpenapiProcessorStrategy {

    private final CamelContext camel;
    private final SecuritySchemes security;
    private final HttpProperties limits;
    private final Contracts contracts;
    private final Devices devices;
    private String missingOperation = "ignore";

    ContractGuard(
            CamelContext camel, SecuritySchemes security, HttpProperties limits, Contracts contracts, Devices devices) {
        this.camel = camel;
        this.security = security;
        this.limits = limits;
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
                                camel,
                                offered.api(),
                                security,
                                limits,
                                contract,
                                schemas,
                                path,
                                item,
                                method,
                                operation))));
        offered.compiled(operations);
        mount.serve(new Operations(offered.basePath(), operations, offered.isSlashOptional()), devices);
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
