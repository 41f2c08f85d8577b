// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.ArrayList;
import java.util.List;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.parameters.Parameter;
import org.apache.camel.AsyncProducer;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceHelper;
import org.ovosgateway.http.HttpProperties;

/**
 * One operation of the contract, made ready once: who may call it, what it takes, which route serves it.
 *
 * @param id its operationId, in a folder of its own below the name of the API; the name of its route: {@code direct:<id>}
 * @param path of the requests that are meant for it, below the base path, with its variables in braces
 * @param admission who may call it
 * @param command the name by which it is a command as well, {@code x-command} in the contract; null for none
 * @param mainMember the one parameter or member that it cannot do without; empty when there is none, or more than one
 * @param success how it answers when all went well
 * @param route sends to the route
 */
record Operation(
        String id,
        PathItem.HttpMethod method,
        String path,
        Admission admission,
        String command,
        String mainMember,
        Parameters parameters,
        RequestBody body,
        Success success,
        AsyncProducer route) {

    /**
     * @throws IllegalArgumentException when the contract can't be served as it is written
     */
    static Operation compile(
            CamelContext camel,
            Api api,
            SecuritySchemes security,
            HttpProperties limits,
            OpenAPI contract,
            Schemas schemas,
            String path,
            PathItem item,
            PathItem.HttpMethod method,
            io.swagger.v3.oas.models.Operation operation) {
        String id = operation.getOperationId();
        if (id == null || !id.matches("[A-Za-z][A-Za-z0-9_-]*")) {
            throw new IllegalArgumentException(method + " " + path + " needs an operationId of letters and digits");
        }
        List<Parameter> parameters = new ArrayList<>();
        if (item.getParameters() != null) {
            parameters.addAll(item.getParameters());
        }
        if (operation.getParameters() != null) {
            parameters.addAll(operation.getParameters());
        }
        String name = api.qualified(id);
        Admission admission = security.admission(contract, operation);
        return new Operation(
                name,
                method,
                path,
                admission,
                command(operation, id, admission),
                mainMember(parameters, operation.getRequestBody(), schemas),
                new Parameters(parameters, path, schemas, admission.queryParameters()),
                RequestBody.of(operation, schemas, limits),
                Success.of(contract, operation),
                producer(camel, name));
    }

    private static String extension(io.swagger.v3.oas.models.Operation operation, String name) {
        Object value = operation.getExtensions() == null
                ? null
                : operation.getExtensions().get(name);
        return value == null ? null : value.toString();
    }

    /** What has no scope, and is not for everybody, would be for everybody as a command. */
    private static String command(io.swagger.v3.oas.models.Operation operation, String id, Admission admission) {
        String command = extension(operation, "x-command");
        if (command != null && !command.matches("[a-z][a-z0-9_]{0,63}")) {
            throw new IllegalArgumentException(
                    "x-command of '%s' is '%s'; a command is named with a-z, 0-9 and _, such as stop_speech"
                            .formatted(id, command));
        }
        if (command != null && !admission.isOpen() && admission.scope() == null) {
            throw new IllegalArgumentException(
                    "x-command of '%s' needs an x-scope: who may run the command '%s'?".formatted(id, command));
        }
        return command;
    }

    private static String mainMember(
            List<Parameter> parameters, io.swagger.v3.oas.models.parameters.RequestBody body, Schemas schemas) {
        List<String> required = new ArrayList<>();
        parameters.stream()
                .filter(parameter -> Boolean.TRUE.equals(parameter.getRequired()))
                .forEach(parameter -> required.add(parameter.getName()));
        var json = body == null || body.getContent() == null
                ? null
                : body.getContent().get("application/json");
        if (json != null && json.getSchema() != null) {
            List<String> members = schemas.resolve(json.getSchema()).getRequired();
            required.addAll(members == null ? List.of() : members);
        }
        return required.size() == 1 ? required.get(0) : "";
    }

    /** The scope that its caller needs, {@code x-scope} in the contract; null for none. */
    String scope() {
        return admission.scope();
    }

    private static AsyncProducer producer(CamelContext camel, String id) {
        try {
            // block=false: a call must not wait for a route that is not there
            AsyncProducer producer =
                    camel.getEndpoint("direct:" + id + "?block=false").createAsyncProducer();
            ServiceHelper.startService(producer);
            return producer;
        } catch (Exception e) {
            throw new IllegalArgumentException("No route can be called for '%s'".formatted(id), e);
        }
    }
}
