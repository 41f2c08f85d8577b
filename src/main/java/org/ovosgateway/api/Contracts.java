// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.engine.DefaultResourceLoader;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.support.ResourceResolverSupport;
import org.ovosgateway.Json;
import org.ovosgateway.assistant.ApiOperations;
import org.ovosgateway.http.Document;
import org.ovosgateway.http.ErrorFormat;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * The contracts that are live, for all who guard, show or call their operations.
 *
 * <p>Whoever reads the files offers each new version before it is mounted, and says afterwards which versions serve. In
 * between the old ones do.
 */
@Component
public class Contracts implements ApiOperations {

    private static final String SCHEME = "contract";

    private static final List<String> OWN_DOCUMENTS = List.of("/openapi.yaml", "/openapi.json");

    private final Map<String, Contract> offered = new ConcurrentHashMap<>();
    private volatile Map<String, Operation> operations = Map.of();
    private volatile Map<String, String> commands = Map.of();
    private volatile List<Contract> live = List.of();
    private volatile Problem outage;

    /** Where Camel finds the contract of an API while it is offered. */
    public static String location(Api api) {
        return SCHEME + ":/" + api.name();
    }

    /** Lets Camel find the contracts that are offered. */
    public void register(CamelContext camel) {
        camel.getRegistry().bind(DefaultResourceLoader.RESOURCE_LOADER_KEY_PREFIX + SCHEME, new Offered());
    }

    /** A version that is about to be mounted, and may yet turn out not to fit in with the rest. */
    public void offer(Contract contract) {
        offered.put(contract.api().name(), contract);
    }

    Contract offered(Api api) {
        return offered.get(api.name());
    }

    /** None of those that were offered is served. */
    public void withdraw() {
        offered.clear();
    }

    /** From now on these are served, and no others. */
    public void serve(Collection<Contract> live) {
        Map<String, Operation> byName = new HashMap<>();
        live.forEach(contract -> contract.compiled().forEach(operation -> byName.put(operation.id(), operation)));
        Map<String, String> named = new HashMap<>();
        live.forEach(contract -> named.putAll(contract.commands()));
        operations = Map.copyOf(byName);
        commands = Map.copyOf(named);
        this.live = List.copyOf(live);
        offered.clear();
    }

    /**
     * Nothing of the gateway's own API is served, which is no reason to tell a caller that a path does not exist.
     *
     * @param place the file and line that are the reason; null when there is none any more
     */
    public void explainOutage(String place) {
        outage = place == null
                ? null
                : new Problem(
                                "contract-unavailable",
                                "The API is not served",
                                503,
                                "Nothing is served, because of " + place
                                        + ". The reason is in the log and the health of the gateway.")
                        .header("Retry-After", "10");
    }

    Optional<Problem> outage() {
        return Optional.ofNullable(outage);
    }

    /**
     * The contract that is shown at this path; null when none is.
     *
     * @param there whether an API is served at the address that is meant
     * @throws ProblemException 404 while the gateway's own is not served
     */
    Document document(String path, Predicate<Api> there) {
        for (Contract contract : live) {
            Document document = contract.documents().get(path);
            if (document != null && there.test(contract.api())) {
                return document;
            }
        }
        if (OWN_DOCUMENTS.contains(path) && there.test(Api.OWN)) {
            throw new ProblemException(new Problem(
                    "not-found",
                    "Not found",
                    404,
                    "The gateway serves no contract: openapi.yaml is not in its routes, or was refused; see its log."));
        }
        return null;
    }

    /** Which web pages of other origins may call this path; null when no contract says so. */
    Handler<RoutingContext> cors(String path, Predicate<Api> there) {
        Contract nearest = nearest(path, there);
        return nearest == null ? null : nearest.cors();
    }

    /** Whether users show their password to this path itself. */
    boolean takesPasswords(String path, Predicate<Api> there) {
        Contract nearest = nearest(path, there);
        return nearest != null && nearest.takesPasswords();
    }

    /** How failures of this path are written, by the contract whose base path is the longest. */
    ErrorFormat errors(String path, Predicate<Api> there) {
        Contract nearest = nearest(path, there);
        return nearest == null ? ErrorFormat.PROBLEM : nearest.errors();
    }

    private Contract nearest(String path, Predicate<Api> there) {
        Contract nearest = null;
        for (Contract contract : live) {
            if (contract.isAbove(path)
                    && there.test(contract.api())
                    && (nearest == null
                            || contract.basePath().length() > nearest.basePath().length())) {
                nearest = contract;
            }
        }
        return nearest;
    }

    @Override
    public boolean has(String operation) {
        return operations.containsKey(operation);
    }

    @Override
    public boolean willHave(String operation) {
        return next(operation) != null || has(operation);
    }

    @Override
    public Map<String, String> commands() {
        return commands;
    }

    @Override
    public String scope(String operation) {
        Operation found = operation(operation);
        if (found.scope() == null && !found.admission().isOpen()) {
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

    /** The operation in the version that is offered; null when none of them has it. */
    private Operation next(String id) {
        return offered.values().stream()
                .flatMap(contract -> contract.compiled().stream())
                .filter(operation -> operation.id().equals(id))
                .findFirst()
                .orElse(null);
    }

    private static Input read(Operation called, Map<String, Object> members) {
        Map<String, Object> left = new LinkedHashMap<>(members);
        Map<String, Object> headers = called.parameters().take(left);
        JsonBody taken = called.body() == null ? null : called.body().json();
        if (taken == null || left.isEmpty() && !taken.required()) {
            left.keySet().stream().findFirst().ifPresent(name -> {
                throw new ProblemException(Problems.validation(name, "is not known"));
            });
            return new Input(null, headers);
        }
        JsonNode body = Json.PLAIN.valueToTree(left);
        Schemas.validate(taken.schema(), body, "body");
        return new Input(left, headers);
    }

    private Operation operation(String id) {
        Operation operation = operations.get(id);
        if (operation == null) {
            throw new IllegalArgumentException("The contract has no operation '" + id + "'");
        }
        return operation;
    }

    /** The bytes that were read, so that what is mounted cannot be another version than what was looked at. */
    private final class Offered extends ResourceResolverSupport {

        Offered() {
            super(SCHEME);
        }

        @Override
        protected Resource createResource(String location, String path) {
            Contract contract = offered.get(path.replaceFirst("^/", ""));
            if (contract == null) {
                throw new IllegalStateException("no contract is offered as " + location);
            }
            return ResourceHelper.fromBytes(location, contract.mounted());
        }
    }
}
