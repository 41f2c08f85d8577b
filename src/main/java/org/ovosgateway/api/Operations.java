// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.vertx.core.http.HttpMethod;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.ProblemException;

/** The operations of one contract, to be found by method and path of a request (OpenAPI 3.0.3, Paths Object). */
final class Operations {

    private final Map<String, List<Operation>> fixed = new HashMap<>();
    private final List<Template> templates = new ArrayList<>();
    private final String basePath;
    private final boolean slashOptional;

    private record Template(int variables, Pattern pattern, Operation operation) {}

    /** A request with the operation that is meant, and its path below the base path. */
    record Found(Operation operation, String path) {}

    /** @param slashOptional whether a path of a request may have one slash more at its end than that of the contract */
    Operations(String basePath, List<Operation> operations, boolean slashOptional) {
        this.basePath = basePath;
        this.slashOptional = slashOptional;
        for (Operation operation : operations) {
            String path = operation.path();
            long variables =
                    Stream.of(path.split("/")).filter(Operations::isVariable).count();
            if (variables == 0) {
                fixed.computeIfAbsent(path, p -> new ArrayList<>(1)).add(operation);
            } else {
                templates.add(new Template((int) variables, pattern(path), operation));
            }
        }
        templates.sort(Comparator.comparingInt(Template::variables));
    }

    /**
     * The operation of a request: a path without variables wins, then the one with the fewest.
     * Where GET is, HEAD is as well (RFC 9110, 9.1).
     *
     * @param path as it was sent, still encoded
     * @return null when the contract does not have this path
     * @throws ProblemException 405 where the path has other methods only
     */
    Found find(HttpMethod method, String path) {
        if (!path.startsWith(basePath)) {
            return null;
        }
        String whole = path.substring(basePath.length());
        String below = slashOptional && whole.length() > 1 && whole.endsWith("/")
                ? whole.substring(0, whole.length() - 1)
                : whole;
        Found found = find(method.name(), below);
        if (found == null && method == HttpMethod.HEAD) {
            found = find("GET", below);
        }
        if (found != null) {
            return found;
        }
        Set<String> allow = methods(below);
        if (allow.isEmpty()) {
            return null;
        }
        throw new ProblemException(Problems.of(405).header("Allow", String.join(", ", allow)));
    }

    /** What stands before the path of each of them. */
    String basePath() {
        return basePath;
    }

    private Found find(String method, String path) {
        return of(path).filter(operation -> operation.method().name().equals(method))
                .findFirst()
                .map(operation -> new Found(operation, path))
                .orElse(null);
    }

    private Set<String> methods(String path) {
        Set<String> methods = new LinkedHashSet<>();
        of(path).map(operation -> operation.method().name()).forEach(methods::add);
        if (methods.contains("GET")) {
            methods.add("HEAD");
        }
        return methods;
    }

    /** A path that is in the contract as it stands is no value of a variable (OpenAPI 3.0.3, 4.7.8.2). */
    private Stream<Operation> of(String path) {
        List<Operation> operations = fixed.get(path);
        return operations != null
                ? operations.stream()
                : templates.stream()
                        .filter(template -> template.pattern.matcher(path).matches())
                        .map(Template::operation);
    }

    private static Pattern pattern(String path) {
        return Pattern.compile(Stream.of(path.split("/", -1))
                .map(part -> isVariable(part) ? "[^/]+" : Pattern.quote(part))
                .collect(Collectors.joining("/")));
    }

    private static boolean isVariable(String part) {
        return part.startsWith("{");
    }
}
