// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.vertx.core.http.HttpMethod;
import org.ovosgateway.problem.ProblemException;

/** The operations of one contract, to be found by method and path of a request (OpenAPI 3.0.3, Paths Object). */
final class Operations {

    private final Map<String, List<Operation>> fixed = new HashMap<>();
    private final List<Template> templates = new ArrayList<>();
    private final String basePath;

    private record Template(int variables, Pattern pattern, Operation operation) {}

    /** A request with the operation that is meant, and its path below the base path. */
    record Found(Operation operation, String path) {}

    Operations(String basePath, List<Operation> operations) {
        this.basePath = basePath;
        for (Operation operation : operations) {
            String path = withoutSlash(operation.path());
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
     *
     * @param path as it was sent, still encoded
     * @throws ProblemException 404, or 405 where the path has other methods only
     */
    Found find(HttpMethod method, String path) {
        String below = withoutSlash(path.startsWith(basePath) ? path.substring(basePath.length()) : path);
        List<Operation> others = new ArrayList<>(0);
        for (Operation operation : fixed.getOrDefault(below, List.of())) {
            if (operation.method().name().equals(method.name())) {
                return new Found(operation, below);
            }
            others.add(operation);
        }
        for (Template template : templates) {
            if (template.pattern.matcher(below).matches()) {
                if (template.operation.method().name().equals(method.name())) {
                    return new Found(template.operation, below);
                }
                others.add(template.operation);
            }
        }
        if (others.isEmpty()) {
            throw new ProblemException(Problems.of(404));
        }
        String allow = others.stream()
                .map(operation -> operation.method().name())
                .distinct()
                .collect(Collectors.joining(", "));
        throw new ProblemException(Problems.of(405).header("Allow", allow));
    }

    private static Pattern pattern(String path) {
        return Pattern.compile(Stream.of(path.split("/"))
                .map(part -> isVariable(part) ? "[^/]+" : Pattern.quote(part))
                .collect(Collectors.joining("/")));
    }

    private static boolean isVariable(String part) {
        return part.startsWith("{");
    }

    private static String withoutSlash(String path) {
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
}
