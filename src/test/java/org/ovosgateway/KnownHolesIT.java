// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.maven.artifact.versioning.DefaultArtifactVersion;
import org.apache.maven.artifact.versioning.InvalidVersionSpecificationException;
import org.apache.maven.artifact.versioning.VersionRange;
import org.junit.jupiter.api.Test;
import org.ovosgateway.testing.OutsideProgram;

import static org.assertj.core.api.Assertions.assertThat;

/** Compares the bill of materials in the jar with {@code .ci/known-holes.txt}, which says how to add a hole. */
class KnownHolesIT {

    private static final String BILL = "META-INF/sbom/application.cdx.json";

    /** One library of the jar. */
    private record Library(String group, String name, String version) {

        String file() {
            return name + "-" + version;
        }
    }

    /** One line of the list. */
    private record Hole(String artifact, VersionRange affected, String line) {

        static Hole of(String line) {
            String[] words = line.split("\\s+", 4);
            assertThat(words).as("group:artifact, range, id in: %s", line).hasSizeGreaterThan(2);
            try {
                return new Hole(words[0], VersionRange.createFromVersionSpec(words[1]), line);
            } catch (InvalidVersionSpecificationException e) {
                throw new IllegalArgumentException("no range of Maven in: " + line, e);
            }
        }

        boolean isIn(Library library) {
            return (artifact.equals(library.group + ":" + library.name) || artifact.equals(library.group + ":*"))
                    && affected.containsVersion(new DefaultArtifactVersion(library.version));
        }
    }

    @Test
    void nothingThatIsShippedHasAKnownHole() throws IOException {
        List<Library> shipped = shipped();
        assertThat(holes())
                .flatExtracting(hole -> shipped.stream()
                        .filter(hole::isIn)
                        .map(library -> library.file() + " has: " + hole.line)
                        .toList())
                .as("newer versions go into pom.xml; the list is .ci/known-holes.txt")
                .isEmpty();
    }

    @Test
    void everyLibraryOfTheJarIsInTheBillOfMaterials() throws IOException {
        List<String> listed = shipped().stream().map(Library::file).toList();
        try (JarFile jar = jar()) {
            assertThat(jar.stream()
                            .map(entry -> entry.getName())
                            .filter(name -> name.startsWith("BOOT-INF/lib/") && name.endsWith(".jar"))
                            .map(name -> name.substring("BOOT-INF/lib/".length(), name.length() - ".jar".length()))
                            // what extracts the jar: the build puts it there, of the version of Spring Boot
                            .filter(file -> !file.startsWith("spring-boot-jarmode-tools-")))
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(listed)
                            .as(file)
                            .anyMatch(library -> file.equals(library) || file.startsWith(library + "-")));
        }
    }

    @Test
    void aHoleIsInTheVersionsOfItsRangeAlone() {
        Hole hole = Hole.of("io.netty:netty-codec-http  [4.1,4.1.138)  CVE-2026-89044  Transfer-Encoding");

        assertThat(hole.isIn(new Library("io.netty", "netty-codec-http", "4.1.135.Final")))
                .isTrue();
        assertThat(hole.isIn(new Library("io.netty", "netty-codec-http", "4.1.138.Final")))
                .isFalse();
        assertThat(hole.isIn(new Library("io.netty", "netty-codec-http2", "4.1.135.Final")))
                .isFalse();
        assertThat(Hole.of("io.netty:*  [4.1,4.1.138)  CVE-2026-89044  x")
                        .isIn(new Library("io.netty", "netty-codec-http2", "4.1.135.Final")))
                .isTrue();
    }

    private static List<Hole> holes() throws IOException {
        return Files.readAllLines(Path.of(".ci/known-holes.txt")).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(Hole::of)
                .toList();
    }

    private static List<Library> shipped() throws IOException {
        try (JarFile jar = jar()) {
            if (jar.getEntry(BILL) == null) {
                OutsideProgram.skip(
                        "KnownHolesIT",
                        "the bill of materials in the jar",
                        "Maven makes none while it is offline.",
                        "OVOS_REQUIRE_BILL_OF_MATERIALS");
            }
            JsonNode bill = new ObjectMapper().readTree(jar.getInputStream(jar.getEntry(BILL)));
            return bill.get("components").findParents("purl").stream()
                    .map(component -> new Library(
                            component.path("group").asText(),
                            component.path("name").asText(),
                            component.path("version").asText()))
                    .toList();
        }
    }

    private static JarFile jar() throws IOException {
        return new JarFile("target/ovos-gateway.jar");
    }
}
