// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** The routes in README and docs, as somebody pastes them into files of his own; no broker is there. */
class DocumentedRoutesTest {

    private static final Pattern YAML = Pattern.compile("(?ms)^```yaml\n(.*?)^```");
    private static final String COMMENTS = "(?s)(?:#[^\n]*\n)*";
    private static final Pattern ROUTE = Pattern.compile(COMMENTS + "- (?:route|templatedRoute):\n.*");
    private static final Pattern CONTRACT = Pattern.compile("(?s)openapi: .*");
    private static final Pattern STEPS = Pattern.compile(COMMENTS + "- (?:to|setBody|setHeader):.*");

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = pasted(Gateway.on(bus::port)
            .with("ovos.apis.notes.enabled", true)
            .with("ovos.apis.wyoming.enabled", true)
            .with("ovos.apis.wyoming.port", 0)
            .with("ovos.apis.wyoming.user", Gateway.USER)
            .broker(() -> 1));

    private static Gateway pasted(Gateway gateway) {
        int number = 0;
        for (String yaml : examples()) {
            if (CONTRACT.matcher(yaml).matches()) {
                gateway.routes("notes/openapi.yaml", yaml);
            } else if (yaml.contains("direct:notes/")) {
                gateway.routes("notes/notes.camel.yaml", yaml);
            } else if (ROUTE.matcher(yaml).matches()) {
                gateway.routes("example-%d.camel.yaml".formatted(++number), yaml);
            } else if (STEPS.matcher(yaml).matches()) {
                gateway.routes("example-%d.camel.yaml".formatted(++number), route(number, yaml));
            }
        }
        return gateway;
    }

    private static String route(int number, String steps) {
        return """
                - route:
                    id: example-%1$d
                    from:
                      uri: direct:example-%1$d
                      steps:
                %2$s""".formatted(number, steps.indent(8));
    }

    private static Set<String> examples() {
        Set<String> examples = new LinkedHashSet<>();
        try (Stream<Path> pages = Stream.concat(Stream.of(Path.of("README.md")), Files.list(Path.of("docs")))) {
            for (Path page : pages.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList()) {
                YAML.matcher(Files.readString(page)).results().forEach(block -> examples.add(block.group(1)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return examples;
    }

    @Test
    void areAllTakenOver() throws Exception {
        int port = gateway.property("local.management.port", Integer.class);
        String health = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health"))
                                .build(),
                        BodyHandlers.ofString())
                .body();

        assertThat(gateway.gauge("ovos.routes.failed")).as(health).isZero();
        List<String> routes = new ArrayList<>(examples());
        routes.removeIf(yaml -> !ROUTE.matcher(yaml).matches());
        assertThat(routes).hasSizeGreaterThanOrEqualTo(8);
    }

    @Test
    void doWhatTheirPagesSay() {
        gateway.awaitBus();
        gateway.call("GET", "/notes/v1/notes/milk").answers(200, "{\"note\": \"milk\"}");

        gateway.call("POST", "/buttons/louder").send();
        bus.awaitFrame("mycroft.volume.increase");

        bus.send("recognizer_loop:sleep", Map.of(), Map.of("session", Map.of("session_id", "default")));
        assertThat(bus.awaitFrame("speak").toString()).contains("Good night");
    }
}
