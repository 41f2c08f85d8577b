// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.ovosgateway.api.Api;
import org.ovosgateway.api.ApiProperties;
import org.ovosgateway.api.Contract;

/** What must hold for all files together: each name is used once, and what a file names exists. */
final class Rules {

    private static final String COMMAND = "command://";

    private final CamelContext context;
    private final ApiProperties apis;
    private volatile BiConsumer<String, Object> operationCheck = (operation, input) -> {};

    Rules(CamelContext context, ApiProperties apis) {
        this.context = context;
        this.apis = apis;
    }

    /** Checks what a file gives to a command that an operation is. */
    void checkOperationsBy(BiConsumer<String, Object> check) {
        operationCheck = check;
    }

    /**
     * Before the routes of a change start: names are used once, and no operation loses its route.
     *
     * @param live what serves now
     * @param next what would serve
     * @param changed the files that were edited
     * @param complete whether an operation must have a route
     */
    void check(Map<String, Edition> live, Map<String, Edition> next, Set<String> changed, boolean complete)
            throws RefusedFileException {
        Map<String, String> owners = new HashMap<>();
        // files that did not change own their names; the ones just edited have to give way, first those of other APIs
        List<Edition> order = new ArrayList<>(next.values());
        order.sort(Comparator.comparing((Edition edition) -> changed.contains(edition.file()))
                .thenComparing(edition -> !edition.api().isOwn()));
        Map<String, Contract> contracts = new LinkedHashMap<>();
        for (Edition edition : order) {
            if (edition.contract() != null) {
                try {
                    checkBasePath(edition.contract(), contracts);
                } catch (IllegalArgumentException e) {
                    throw new RefusedFileException(edition.file(), edition.inContract(e));
                }
                contracts.put(edition.file(), edition.contract());
                for (String command : edition.commands().keySet()) {
                    claim(owners, "the command '" + command + "' of a contract", edition.file());
                }
            }
            for (LiveRoute route : edition.routes()) {
                claim(owners, "route " + route.name(), edition.file());
                if (route.exists() && route.from().startsWith("direct:")) {
                    claim(owners, route.from().replace("://", ":"), edition.file());
                }
            }
        }
        Set<String> lost = missing(live, next);
        lost.removeAll(missing(live, live));
        if (complete && !lost.isEmpty()) {
            String operation = lost.iterator().next();
            String file = changed.stream()
                    .filter(name -> live.containsKey(name)
                            && live.get(name).routes().stream()
                                    .anyMatch(route ->
                                            route.exists() && route.from().equals("direct://" + operation)))
                    .findFirst()
                    .orElseGet(() -> next.values().stream()
                            .filter(edition -> edition.operations().contains(operation))
                            .findFirst()
                            .orElseThrow()
                            .file());
            throw new RefusedFileException(
                    file,
                    new IllegalArgumentException("the contract has " + String.join(", ", lost)
                            + ", but no route would begin with direct:" + operation));
        }
    }

    /** No path of one API can be one of another, whichever is mounted first: of one in another, none leads to it. */
    private void checkBasePath(Contract contract, Map<String, Contract> others) {
        Api api = contract.api();
        String address = apis.address(api);
        if (contract.basePath().isEmpty() && !api.isOwn() && address.isEmpty()) {
            throw new IllegalArgumentException("the first of its 'servers' has no path; give it a url such as /"
                    + api.name() + ", or the API a port of its own: ovos.apis." + api.name() + ".port");
        }
        others.forEach((file, other) -> {
            if (address.equals(apis.address(other.api()))
                    && (contract.leadsTo(other.basePath()) || other.leadsTo(contract.basePath()))) {
                throw new IllegalArgumentException(
                        "the path of its 'servers', %s/, and that of %s, %s/, are the same, or there are paths of one in the other; give it another one, or a port of its own"
                                .formatted(contract.basePath(), file, other.basePath()));
            }
        });
    }

    /** A file that is edited must not name what does not exist; one that is not may lose what it names. */
    void checkNames(Map<String, Edition> next, Set<String> changed) throws RefusedFileException {
        Referring.Names names = names(next.values());
        for (Edition edition : next.values()) {
            if (changed.contains(edition.file())) {
                Failure.Located missing = missingName(edition, names);
                if (missing != null) {
                    throw new RefusedFileException(edition.file(), missing);
                }
            }
        }
    }

    /** As {@link #checkNames}, once the contract has been read. */
    void checkInputs(Map<String, Edition> next, Set<String> changed) throws RefusedFileException {
        Referring.Names names = names(next.values());
        for (Edition edition : next.values()) {
            Failure.Located invalid = changed.contains(edition.file()) ? invalidInput(edition, names) : null;
            if (invalid != null) {
                throw new RefusedFileException(edition.file(), invalid);
            }
        }
    }

    /** What a file that is live names and does not exist, or gives to a command that does not take it; null for nothing. */
    Failure.Located mistake(Edition edition, Collection<Edition> all) {
        Referring.Names names = names(all);
        Failure.Located missing = missingName(edition, names);
        return missing == null ? invalidInput(edition, names) : missing;
    }

    private Referring.Names names(Collection<Edition> all) {
        Set<String> operations = new TreeSet<>();
        Map<String, Referring.Receiver> commands = new TreeMap<>();
        Set<String> scopes = new TreeSet<>();
        for (Edition edition : all) {
            operations.addAll(edition.operations());
            scopes.addAll(edition.scopes());
            edition.commands()
                    .forEach((command, operation) ->
                            commands.putIfAbsent(command, input -> operationCheck.accept(operation, input)));
            edition.routes().stream()
                    .filter(route -> route.exists() && route.from().startsWith(COMMAND))
                    .forEach(route -> commands.put(route.from().substring(COMMAND.length()), route.receiver()));
        }
        return new Referring.Names(operations, commands, scopes);
    }

    private static Failure.Located missingName(Edition edition, Referring.Names names) {
        return mistake(edition, route -> route.references().forEach(reference -> reference.check(names)));
    }

    private static Failure.Located invalidInput(Edition edition, Referring.Names names) {
        return mistake(edition, route -> {
            route.references().forEach(reference -> reference.checkInputs(names));
            route.checkConstants(names);
        });
    }

    private static Failure.Located mistake(Edition edition, Consumer<LiveRoute> check) {
        for (LiveRoute route : edition.routes()) {
            try {
                check.accept(route);
            } catch (Referring.Mistake e) {
                return new Failure.Located(
                        edition.line(route, e.word()),
                        new IllegalArgumentException("route " + route.name() + ": " + e.getMessage(), e));
            }
        }
        return null;
    }

    private static void claim(Map<String, String> owners, String name, String file) throws RefusedFileException {
        String owner = owners.putIfAbsent(name, file);
        if (owner != null) {
            throw new RefusedFileException(
                    file,
                    new IllegalArgumentException(
                            name + " is already in " + (owner.equals(file) ? "this file" : owner)));
        }
    }

    /** Operations of the contracts that no route serves, be it from a file or from Java. */
    Set<String> missing(Map<String, Edition> live, Map<String, Edition> next) {
        Collection<Edition> all = next.values();
        Set<String> missing = new TreeSet<>();
        all.forEach(edition -> missing.addAll(edition.operations()));
        if (!missing.isEmpty()) {
            Set<String> owned = new HashSet<>();
            live.values().forEach(edition -> edition.routes().forEach(route -> owned.add(route.id())));
            for (Route route : context.getRoutes()) {
                if (!owned.contains(route.getRouteId())) {
                    missing.remove(operation(route.getEndpoint().getEndpointBaseUri()));
                }
            }
            all.forEach(edition -> edition.routes().stream()
                    .filter(LiveRoute::exists)
                    .forEach(route -> missing.remove(operation(route.from()))));
        }
        return missing;
    }

    private static String operation(String from) {
        return from.replaceFirst("^direct://", "");
    }
}
