// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.nio.file.Path;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ovosgateway.live.LiveFolder.answering;

/** A second folder adds to the first and replaces by id, while the gateway runs. */
class OwnRoutesTest {

    private static final String CONTRACT = """
            openapi: 3.0.3
            info: { title: test, version: "1" }
            servers:
              - url: /v1
            tags:
              - name: lamps
            components: { schemas: {} }
            paths:
              # as it was shipped
              /lamp:
                get:
                  operationId: getLamp
                  security: []
                  responses: { "200": { description: ok } }
              /fan:
                get:
                  operationId: getFan
                  security: []
                  responses: { "200": { description: ok } }
            """;

    @TempDir
    Path folder;

    private final Logger logger = (Logger) LoggerFactory.getLogger(OwnRoutes.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private Level level;
    private LiveFolder live;

    @BeforeEach
    void prepare() {
        live = new LiveFolder(folder);
        // whatever another test has set in this JVM
        level = logger.getLevel();
        logger.setLevel(Level.INFO);
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stop() {
        live.close();
        logger.detachAppender(log);
        logger.setLevel(level);
    }

    private void assertThatItIsLogged(String line) {
        assertThat(log.list).extracting(ILoggingEvent::getFormattedMessage).anyMatch(message -> message.contains(line));
    }

    @Test
    void replacesARouteOfTheSameIdAndGivesItBack() throws Exception {
        live.write("shipped.camel.yaml", "# shipped\n" + answering("a", "shipped a") + answering("b", "shipped b"));
        live.write("own.d/mine.camel.yaml", answering("a", "my a") + answering("c", "my c"));
        live.start();

        assertThat(live.ask("a")).isEqualTo("my a");
        assertThat(live.ask("b")).isEqualTo("shipped b");
        assertThat(live.ask("c")).isEqualTo("my c");
        assertThatItIsLogged("mine.camel.yaml: its route 'a' replaces that of " + folder);

        live.write("own.d/mine.camel.yaml", answering("b", "my b"));
        live.awaitAnswer("b", "my b");
        live.awaitAnswer("a", "shipped a");

        live.delete("own.d/mine.camel.yaml");
        live.awaitAnswer("b", "shipped b");
    }

    @Test
    void leavesTheShippedRouteWhileTheOwnOneIsRefused() throws Exception {
        String broken =
                answering("a", "my a").replace("- setBody:", "- to: nothing-of-that-name:x\n        - setBody:");
        live.write("shipped.camel.yaml", answering("a", "shipped a") + answering("b", "shipped b"));
        live.write("own.d/mine.camel.yaml", broken).start();

        assertThat(live.ask("a")).isEqualTo("shipped a");
        assertThat(live.failures()).singleElement().asString().contains("mine.camel.yaml", "nothing-of-that-name");

        live.write("own.d/mine.camel.yaml", answering("a", "my a"));
        live.awaitAnswer("a", "my a");
        live.soon().until(() -> live.failures().isEmpty());

        live.write("own.d/mine.camel.yaml", broken + answering("b", "my b"));
        live.awaitFailure("mine.camel.yaml");
        assertThat(live.ask("a")).isEqualTo("my a");
        assertThat(live.ask("b")).isEqualTo("shipped b");

        live.write("shipped.camel.yaml", answering("a", "shipped a") + answering("b", "shipped c"));
        live.awaitAnswer("b", "shipped c");
        assertThat(live.ask("a")).isEqualTo("my a");

        live.write("own.d/mine.camel.yaml", answering("b", "my b"));
        live.awaitAnswer("b", "my b");
        live.awaitAnswer("a", "shipped a");
    }

    @Test
    void servesShippedRoutesAndGoodOwnOnesBesideARefusedOne() throws Exception {
        String broken = "- to: nothing-of-that-name:x\n        - setBody:";
        live.write("shipped.camel.yaml", answering("a", "shipped a") + answering("b", "shipped b"));
        live.write("own.d/bad.camel.yaml", answering("a", "my a").replace("- setBody:", broken));
        live.write("own.d/good.camel.yaml", answering("b", "my b")).start();

        assertThat(live.ask("a")).isEqualTo("shipped a");
        assertThat(live.ask("b")).isEqualTo("my b");
    }

    @Test
    void servesTheShippedContractWhenTheAdditionIsRefusedAtTheStart() throws Exception {
        live.withHttp();
        live.write("openapi.yaml", CONTRACT);
        live.write("shipped.camel.yaml", answering("getLamp", "shipped lamp") + answering("getFan", "shipped fan"));
        live.write("own.d/openapi.yaml", "servers: []\n").start();

        assertThat(live.get("/v1/lamp").body()).isEqualTo("shipped lamp");
        assertThat(live.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.file())
                    .isEqualTo(folder.resolve("own.d/openapi.yaml").toString());
            assertThat(failure.reason()).contains("'servers' cannot be added");
        });

        // it is tried again with each edit, which is no news
        live.write("other.camel.yaml", answering("other", "another file"));
        live.soon().until(() -> live.ask("other").equals("another file"));
        assertThat(live.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.file())
                        .isEqualTo(folder.resolve("own.d/openapi.yaml").toString()));

        live.write("own.d/openapi.yaml", "info: { title: Mine }\n");
        live.soon().until(() -> live.failures().isEmpty());
        assertThat(live.get("/v1/fan").body()).isEqualTo("shipped fan");
    }

    @Test
    void keepsWhatAnOwnFileReplacedWhileItIsBroken() throws Exception {
        live.write("shipped.camel.yaml", answering("a", "shipped a") + answering("b", "shipped b"));
        live.write("own.d/mine.camel.yaml", answering("a", "my a")).start();

        live.write("own.d/mine.camel.yaml", "- route: [");
        live.awaitFailure("mine.camel.yaml");
        assertThat(live.ask("a")).isEqualTo("my a");

        live.write("shipped.camel.yaml", answering("a", "newly shipped a") + answering("b", "newly shipped b"));
        live.awaitAnswer("b", "newly shipped b");
        assertThat(live.ask("a")).isEqualTo("my a");
    }

    @Test
    void namesTheLineOfAShippedFileAsItStandsThere() throws Exception {
        String broken = answering("b", "x").replace("setBody", "setBodi");
        live.write("shipped.camel.yaml", answering("a", "shipped a") + broken);
        live.write("own.d/mine.camel.yaml", answering("a", "my a")).start();

        assertThat(live.ask("a")).isEqualTo("my a");
        int line = (answering("a", "shipped a") + broken)
                        .lines()
                        .toList()
                        .indexOf(broken.lines()
                                .filter(text -> text.contains("setBodi"))
                                .findFirst()
                                .orElseThrow())
                + 1;
        live.awaitFailure("shipped.camel.yaml:" + line);
    }

    @Test
    void addsAndReplacesOperationsOfTheContract() throws Exception {
        live.withHttp();
        live.write("openapi.yaml", CONTRACT);
        live.write("shipped.camel.yaml", answering("getLamp", "shipped lamp") + answering("getFan", "shipped fan"));
        live.start();
        assertThat(live.get("/v1/lamp").body()).isEqualTo("shipped lamp");

        live.write("own.d/mine.camel.yaml", answering("getLamp", "my lamp") + answering("getBlind", "my blind"));
        live.write("own.d/openapi.yaml", """
                paths:
                  /light:
                    get:
                      operationId: getLamp
                      security: []
                      responses: { "200": { $ref: "#/components/responses/Fine" } }
                  /blind:
                    get:
                      operationId: getBlind
                      security: []
                      responses: { "200": { $ref: "#/components/responses/Fine" } }
                components:
                  responses:
                    Fine: { description: fine }
                """);

        live.soon().until(() -> live.get("/v1/blind").body().equals("my blind"));
        assertThat(live.get("/v1/light").body()).isEqualTo("my lamp");
        assertThat(live.get("/v1/lamp").statusCode()).isEqualTo(404);
        assertThat(live.get("/v1/fan").body()).isEqualTo("shipped fan");
        assertThatItIsLogged("openapi.yaml: its operation 'getLamp' replaces that of " + folder);

        live.write("own.d/openapi.yaml", "servers: []\n");
        live.awaitFailure("its addition " + folder.resolve("own.d/openapi.yaml") + ": 'servers' cannot be added");
        assertThat(live.get("/v1/light").body()).isEqualTo("my lamp");
    }
}
