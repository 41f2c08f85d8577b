// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.ovosgateway.http.Document;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** The contract as callers may read it, as YAML and as JSON: the version that is served, never one that was refused. */
@Component
final class ContractFile {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The list of servers, up to the next key of the document. */
    private static final Pattern SERVERS = Pattern.compile("(?m)^servers:.*\\R(?:[ \\t#-].*(?:\\R|\\z)|\\R)*");

    private static final Pattern FROM_ROOT = Pattern.compile("(?m)^([ \\t-]*url:\\s*[\"']?)/(?=\\w)");

    private final Path file;
    private Version tried;
    private volatile Version live;

    private record Version(Document yaml, Document json) {}

    ContractFile(@Value("${ovos.routes.folder:routes}") Path folder) {
        this.file = folder.resolve("openapi.yaml");
    }

    /** Reads the version that is being tried; blocks. */
    synchronized void tried() throws IOException {
        try {
            String text = relative(Files.readString(file));
            Object tree =
                    new Load(LoadSettings.builder().setLabel(file.toString()).build()).loadFromString(text);
            tried = new Version(
                    Document.of("application/yaml", text.getBytes(StandardCharsets.UTF_8)),
                    Document.of("application/json", JSON.writeValueAsBytes(tree)));
        } catch (NoSuchFileException e) {
            // the routes have their contract elsewhere
            tried = null;
        }
    }

    /** The version that was tried is served from now on, or was refused. */
    synchronized void decided(boolean taken) {
        if (taken && tried != null) {
            live = tried;
        }
        tried = null;
    }

    /**
     * The contract, if this is its path in one of its forms.
     *
     * @throws ProblemException 404 while none is served
     */
    Document at(String path) {
        return switch (path) {
            case "/openapi.yaml" -> live().yaml;
            case "/openapi.json" -> live().json;
            default -> null;
        };
    }

    private Version live() {
        Version served = live;
        if (served == null) {
            throw new ProblemException(new Problem(
                    "not-found",
                    "Not found",
                    404,
                    "The gateway serves no contract: openapi.yaml is not in its routes, or was refused; see its log."));
        }
        return served;
    }

    /** Servers count from where the contract is (OpenAPI 3.0.3, Server Object), be it below the prefix of a proxy. */
    private static String relative(String yaml) {
        return SERVERS.matcher(yaml)
                .replaceFirst(servers -> Matcher.quoteReplacement(
                        FROM_ROOT.matcher(servers.group()).replaceAll("$1")));
    }
}
