// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.ovosgateway.assistant.ApiOperations;
import org.ovosgateway.http.Problems;
import org.ovosgateway.live.Failure;
import org.ovosgateway.live.LiveRoutes;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/** The operations of the contract that is live, for those who come by another way than HTTP. */
@Component
class Contract implements ApiOperations {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final LiveRoutes routes;
    private final ContractFile document;
    private final Map<String, Operation> tried = new HashMap<>();
    private volatile Map<String, Operation> live = Map.of();
    private volatile Map<String, String> commands = Map.of();

    Contract(LiveRoutes routes, HttpRouter router, ContractFile document) {
        this.routes = routes;
        this.document = document;
        routes.onChange(this::change);
        router.show(document::at);
        router.explain(() -> routes.contractFailure().map(Contract::outage));
    }

    /** Nothing is served, which is no reason to tell a caller that a path does not exist. */
    private static Problem outage(Failure failure) {
        String file = failure.file().substring(failure.file().lastIndexOf('/') + 1);
        return new Problem(
                        "contract-unavailable",
                        "The API is not served",
                        503,
                        "Nothing is served, because of "
                                + file
                                + (failure.line() > 0 ? ", line " + failure.line() : "")
                                + "; the reason is in the log and the health of the gateway")
                .header("Retry-After", "10");
    }

    /** Operations of a version that may yet turn out not to fit in with the rest. */
    synchronized void tried(Operation operation) {
        for (Operation other : tried.values()) {
            if (operation.command() != null
                    && operation.command().equals(other.command())
                    && !operation.id().equals(other.id())) {
                throw new IllegalArgumentException("x-command of '%s' is '%s', which is that of '%s' already"
                        .formatted(operation.id(), operation.command(), other.id()));
            }
        }
        tried.put(operation.id(), operation);
    }

    private synchronized void change(boolean taken) {
        if (taken) {
            Map<String, Operation> all = new HashMap<>(live);
            all.putAll(tried);
            // what the contract has no longer cannot be called by any door
            all.keySet().retainAll(routes.operations());
            live = Map.copyOf(all);
            Map<String, String> named = new HashMap<>();
            all.values().stream()
                    .filter(operation -> operation.command() != null)
                    .forEach(operation -> named.put(operation.command(), operation.id()));
            commands = Map.copyOf(named);
        }
        tried.clear();
        document.decided(taken);
    }

    /** All operations of a version have been tried; its document is what callers will read. */
    void tried() throws IOException {
        document.tried();
    }

    @Override
    public boolean has(String operation) {
        return live.containsKey(operation);
    }

    @Override
    public Map<String, String> commands() {
        return commands;
    }

    @Override
    public String scope(String operation) {
        Operation found = operation(operation);
        if (found.scope() == null && found.access() != Operation.Access.PUBLIC) {
            throw new IllegalArgumentException("The operation '" + operation + "' has no x-scope in the contract");
        }
        return found.scope();
    }

    @Override
    public String mainMember(String operation) {
        Operation next = next(operation);
        return (next == null ? operation(operation) : next).mainMember();
    }

    @Override
    public void run(String operation, Exchange exchange, AsyncCallback callback) {
        operation(operation).route().process(exchange, callback);
    }

    @Override
    public Input read(String operation, Map<String, Object> members) {
        return read(operation(operation), members);
    }

    @Override
    public Input readNext(String operation, Map<String, Object> members) {
        Operation next = next(operation);
        return read(next == null ? operation(operation) : next, members);
    }

    @Override
    public boolean willHave(String operation) {
        return next(operation) != null || has(operation);
    }

    private synchronized Operation next(String operation) {
        return tried.get(operation);
    }

    private static Input read(Operation called, Map<String, Object> members) {
        Map<String, Object> left = new LinkedHashMap<>(members);
        Map<String, Object> headers = called.parameters().take(left);
        if (called.body() == null || left.isEmpty() && !called.body().required()) {
            left.keySet().stream().findFirst().ifPresent(name -> {
                throw new ProblemException(Problems.validation(name, "is not known"));
            });
            return new Input(null, headers);
        }
        JsonNode body = JSON.valueToTree(left);
        Schemas.validate(called.body().schema(), body, "body");
        return new Input(left, headers);
    }

    private Operation operation(String id) {
        Operation operation = live.get(id);
        if (operation == null) {
            throw new IllegalArgumentException("The contract has no operation '" + id + "'");
        }
        return operation;
    }
}
