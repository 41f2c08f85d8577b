// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

import static org.assertj.core.api.Assertions.assertThat;

class PackagingTest {

    /** What replaces a file, as add-user does, would not be seen in a container to which the file itself is bound. */
    @Test
    void bindsFoldersOnly() throws Exception {
        var compose = (Map<?, ?>) new Load(LoadSettings.builder().build())
                .loadFromString(Files.readString(Path.of("docker-compose.yml")));
        for (Object service : ((Map<?, ?>) compose.get("services")).values()) {
            for (Object volume : (List<?>) ((Map<?, ?>) service).get("volumes")) {
                if (volume instanceof Map<?, ?> bind && "bind".equals(bind.get("type"))) {
                    assertThat(bind.get("source").toString()).matches("\\./[a-z]+");
                    assertThat(Path.of(bind.get("source").toString()))
                            .satisfiesAnyOf(
                                    source -> assertThat(source).isDirectory(),
                                    source -> assertThat(source).doesNotExist());
                } else {
                    assertThat(volume.toString()).startsWith("state:");
                }
            }
        }
    }

    @Test
    void saysThatJavaIsTooOld(@TempDir Path folder) throws Exception {
        Path java = Files.createDirectories(folder.resolve("jdk/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho ran\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.writeString(folder.resolve("jdk/release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"11.0.2\"\n");
        Path home = Files.createDirectories(folder.resolve("gateway/bin"));
        Files.copy(Path.of("bin/ovos-gateway"), home.resolve("ovos-gateway"));
        Files.writeString(folder.resolve("gateway/ovos-gateway.jar"), "");

        assertThat(run(home, java))
                .contains("is Java 11; the gateway needs Java 17")
                .doesNotContain("ran");

        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"17\"\n");
        assertThat(run(home, java)).isEqualTo("ran\n");

        assertThat(run(home, folder.resolve("nowhere/java"))).contains("there is no", "Java 17");
    }

    /** Somewhere a library catches the error, and the process would stay, serving nobody. */
    @Test
    void endsWithoutMemory(@TempDir Path folder) throws Exception {
        Path home = Files.createDirectories(folder.resolve("gateway/bin"));
        Files.copy(Path.of("bin/ovos-gateway"), home.resolve("ovos-gateway"));
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Greedy.class.getName());
        String file = Greedy.class.getName().replace('.', '/') + ".class";
        try (var jar = new JarOutputStream(
                        Files.newOutputStream(folder.resolve("gateway/ovos-gateway.jar")), manifest);
                var bytes = Greedy.class.getClassLoader().getResourceAsStream(file)) {
            jar.putNextEntry(new JarEntry(file));
            bytes.transferTo(jar);
        }

        var launcher = new ProcessBuilder("sh", home.resolve("ovos-gateway").toString());
        Process process = launcher.redirectErrorStream(true).start();
        assertThat(new String(process.getInputStream().readAllBytes()))
                .contains("OutOfMemoryError")
                .doesNotContain("still here");
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(3);
    }

    /** Takes more than there is, and does not care. */
    static final class Greedy {

        private Greedy() {}

        public static void main(String[] args) {
            try {
                System.out.println(new long[1 << 30].length);
            } catch (OutOfMemoryError e) {
                System.out.println("still here");
            }
        }
    }

    private static String run(Path home, Path java) throws Exception {
        var launcher = new ProcessBuilder("sh", home.resolve("ovos-gateway").toString()).redirectErrorStream(true);
        launcher.environment().put("JAVA", java.toString());
        Process process = launcher.start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return output;
    }
}
