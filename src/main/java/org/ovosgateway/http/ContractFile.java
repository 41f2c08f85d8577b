// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** The contract as callers may read it, as YAML and as JSON, read again when its file changes. Blocks while it reads. */
@Component
final class ContractFile {

    private static final Logger LOG = LoggerFactory.getLogger(ContractFile.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private FileTime modified;
    private Document yaml;
    private Document json;

    ContractFile(@Value("${ovos.routes.folder:routes}") Path folder) {
        this.file = folder.resolve("openapi.yaml");
    }

    synchronized Document yaml() throws IOException {
        refresh();
        return yaml;
    }

    synchronized Document json() throws IOException {
        refresh();
        return json;
    }

    private void refresh() throws IOException {
        FileTime now;
        try {
            now = Files.getLastModifiedTime(file);
        } catch (NoSuchFileException e) {
            if (yaml == null) {
                throw new ProblemException(new Problem(
                        "not-found",
                        "Not found",
                        404,
                        "The gateway has no contract: put openapi.yaml into its routes."));
            }
            // replaced this very moment, or by mistake
            return;
        }
        if (now.equals(modified)) {
            return;
        }
        byte[] content = Files.readAllBytes(file);
        try {
            Object tree = new Load(
                            LoadSettings.builder().setLabel(file.toString()).build())
                    .loadFromString(new String(content, StandardCharsets.UTF_8));
            json = Document.of("application/json", JSON.writeValueAsBytes(tree));
            yaml = Document.of("application/yaml", content);
        } catch (RuntimeException e) {
            if (yaml == null) {
                throw e;
            }
            LOG.warn("The changed contract {} is no YAML, the previous one is shown: {}", file, e.getMessage());
        }
        modified = now;
    }
}
