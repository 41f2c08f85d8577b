// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.testing.DebianRoot;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.OutsideProgram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Installs, upgrades, removes and purges the Debian package as dpkg does it, and starts what it installs. */
class DebianPackageIT {

    private static final String USERS = "/etc/ovos-gateway/users.json";
    private static final String OWN_ROUTE = """
            - route:
                id: ping
                from:
                  uri: direct:ping
                  steps:
                    - setBody: { constant: mine }
            """;

    @RegisterExtension
    private final FakeBus bus = new FakeBus();

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void keepsWhatIsOnesOwnUntilItIsPurged(@TempDir Path folder) throws Exception {
        Path deb = deb();
        try (var machine = new DebianRoot(folder)) {
            needs(machine, "true");
            needs(machine, "dpkg-query --show '*-jre-headless' '*temurin-*' | grep -E '[[:blank:]].*[0-9]'");
            machine.run("mkdir -p /etc/ovos-gateway && echo 'WS_PORT=" + bus.port()
                    + "\nSERVER_PORT=0\nOVOS_MANAGEMENT_PORT=0\nOVOS_MANAGEMENT_ADDRESSFILE=/var/lib/ovos-gateway/at'"
                    + " >/etc/ovos-gateway/.env");

            machine.run("dpkg --install " + deb);

            assertThat(machine.run("stat -c '%a %U:%G' /var/lib/ovos-gateway"))
                    .isEqualTo("700 ovos-gateway:ovos-gateway");
            assertThat(machine.run("stat -c '%a %U:%G' /etc/ovos-gateway " + USERS))
                    .isEqualTo("750 root:ovos-gateway\n640 root:ovos-gateway");
            assertThat(machine.run("ls /usr/share/ovos-gateway")).containsPattern("ovos-gateway\\.(jsa|aot)");
            assertThat(machine.run("cat /usr/lib/systemd/system/ovos-gateway.service"))
                    .contains("\nExecStart=/usr/bin/ovos-gateway\n");
            assertThat(machine.run("cat /run/asked")).endsWith("deb-systemd-invoke start ovos-gateway.service");
            machine.run("echo 'correct horse battery' | ovos-gateway add-user ada");
            assertThat(machine.run("stat -c '%a %U:%G' " + USERS)).isEqualTo("640 root:ovos-gateway");
            assertThat(machine.run("ovos-gateway check")).startsWith("All good: ");
            servesAda(machine);

            machine.run("echo '# mine' >>/etc/ovos-gateway/application.yaml");
            machine.run("cat >/etc/ovos-gateway/routes.d/mine.camel.yaml <<'END'\n" + OWN_ROUTE + "END");
            machine.run("rm /run/asked && dpkg --install " + newer(machine, deb));

            assertThat(machine.run("cat /run/asked")).endsWith("deb-systemd-invoke restart ovos-gateway.service");
            assertThat(machine.run("cat /usr/share/ovos-gateway/routes/new.txt"))
                    .isEqualTo("new");
            assertThat(machine.run("tail -n 1 /etc/ovos-gateway/application.yaml"))
                    .isEqualTo("# mine");
            servesAda(machine);
            assertThat(machine.run("cat /var/log/gateway"))
                    .contains(
                            "routes.d/mine.camel.yaml: 1 route live",
                            "its route 'ping' replaces that of /usr/share/ovos-gateway/routes/network.camel.yaml");

            machine.run("rm /run/asked && dpkg --remove ovos-gateway");

            assertThat(machine.run("cat /run/asked")).contains("deb-systemd-invoke stop ovos-gateway.service");
            assertThat(machine.run("ls -A /usr/share /usr/bin | grep ovos-gateway || true"))
                    .isEmpty();
            assertThat(machine.run("cat " + USERS)).contains("ada");
            machine.run("test -d /var/lib/ovos-gateway && id ovos-gateway");

            machine.run("dpkg --purge ovos-gateway");

            assertThatThrownBy(() -> machine.run("id ovos-gateway")).hasMessageContaining("no such user");
            assertThat(machine.run("find /etc /var/lib -path '*ovos-gateway*' ! -path '*/dpkg/*' ! -type d"))
                    .isEqualTo("/etc/ovos-gateway/routes.d/mine.camel.yaml");
            assertThat(machine.run("ls -d /var/lib/ovos-gateway 2>&1 || true")).contains("No such file");
        }
    }

    /** Starts it as its unit would, calls it, and ends it. */
    private void servesAda(DebianRoot machine) throws Exception {
        machine.run("rm -f /var/lib/ovos-gateway/at; setsid ovos-gateway >/var/log/gateway 2>&1 & echo $! >/run/pid");
        try {
            await().atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(200))
                    .ignoreExceptions()
                    .untilAsserted(() -> {
                        String[] at =
                                machine.run("cat /var/lib/ovos-gateway/at").split(" ");
                        URI ready = URI.create("http://%s:%s/health/ready".formatted(at[0], at[1]));
                        var answer =
                                http.send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.ofString());
                        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                    });
            assertThat(machine.run("ps -o user:20= -C java | sort -u")).contains("ovos-gateway");
            String port = machine.run("sed -n 's/.*Serving on http:.*:\\([0-9]*\\)$/\\1/p' /var/log/gateway");
            HttpRequest login = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/auth/tokens"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(
                            "{\"user\":\"ada\",\"password\":\"correct horse battery\"}"))
                    .build();
            assertThat(http.send(login, HttpResponse.BodyHandlers.ofString()).body())
                    .contains("access_token");
        } catch (Throwable e) {
            e.addSuppressed(new IOException(machine.run("cat /var/log/gateway")));
            throw e;
        } finally {
            machine.run("kill $(cat /run/pid); while kill -0 $(cat /run/pid) 2>/dev/null; do sleep 0.1; done");
        }
    }

    /** The same package as its next version. */
    private static String newer(DebianRoot machine, Path deb) throws IOException {
        machine.run("dpkg-deb --raw-extract " + deb + " /newer"
                + " && sed -i 's/^Version: .*/Version: 99.0/' /newer/DEBIAN/control"
                + " && echo '# new' >>/newer/etc/ovos-gateway/application.yaml"
                + " && echo new >/newer/usr/share/ovos-gateway/routes/new.txt"
                + " && dpkg-deb --root-owner-group -Zgzip --build /newer /newer.deb");
        return "--force-confold /newer.deb";
    }

    private static Path deb() throws IOException {
        try (var files = Files.newDirectoryStream(Path.of("target").toAbsolutePath(), "ovos-gateway_*_all.deb")) {
            var found = files.iterator();
            assertThat(found.hasNext()).as("target/ovos-gateway_*_all.deb").isTrue();
            return found.next();
        }
    }

    private static void needs(DebianRoot machine, String command) throws IOException {
        try {
            machine.run(command);
        } catch (IOException e) {
            OutsideProgram.skip(
                    DebianPackageIT.class.getSimpleName(),
                    "a machine with dpkg and a packaged Java, root, and overlays",
                    e.getMessage(),
                    "OVOS_REQUIRE_DEBIAN");
        }
    }
}
