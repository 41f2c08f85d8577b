// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

import org.apache.camel.Processor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ovosgateway.live.LiveFolder.answering;
import static org.ovosgateway.live.LiveFolder.contract;
import static org.ovosgateway.live.LiveFolder.mine;

class LiveHttpTest {

    @TempDir
    Path folder;

    private LiveFolder live;

    @BeforeEach
    void serve() throws Exception {
        live = new LiveFolder(folder).withHttp();
    }

    @AfterEach
    void stop() {
        live.close();
    }

    @Test
    void takesRenamedOperationAndItsRouteAsOne() throws Exception {
        live.write("openapi.yaml", contract("/a", "getA"))
                .write("a.camel.yaml", answering("getA", "one"))
                .start();
        live.soon().until(() -> live.failures().isEmpty());
        assertThat(live.get("/v1/a").body()).isEqualTo("one");

        live.write("openapi.yaml", contract("/b", "getB")).write("a.camel.yaml", answering("getB", "two"));

        live.soon().until(() -> live.get("/v1/b").body(), "two"::equals);
        assertThat(live.get("/v1/a").statusCode()).isEqualTo(404);
        live.soon().until(() -> live.failures().isEmpty());
    }

    @Test
    void takesAContractWhenItsRouteArrives() throws Exception {
        live.write("openapi.yaml", contract("/a", "getA"))
                .write("a.camel.yaml", answering("getA", "one"))
                .start();

        live.write("openapi.yaml", contract("/a", "getA", "/b", "getB"));
        live.awaitFailure("getB");
        assertThat(live.get("/v1/a").body()).isEqualTo("one");
        assertThat(live.get("/v1/b").statusCode()).isEqualTo(404);

        live.write("b.camel.yaml", answering("getB", "two"));

        live.soon().until(() -> live.get("/v1/b").body(), "two"::equals);
        live.soon().until(() -> live.failures().isEmpty());
    }

    @Test
    void keepsServingWhenTheContractBreaks() throws Exception {
        live.write("openapi.yaml", contract("/a", "getA"))
                .write("a.camel.yaml", answering("getA", "one"))
                .start();

        live.write("openapi.yaml", "paths: [");
        live.awaitFailure("openapi.yaml:1");
        assertThat(live.get("/v1/a").body()).isEqualTo("one");

        live.write("openapi.yaml", contract("/c", "getA"));
        live.soon().until(() -> live.get("/v1/c").body(), "one"::equals);
        live.soon().until(() -> live.failures().isEmpty());
    }

    @Test
    void namesTheLineOfAPathThatNobodyCanCall() throws Exception {
        live.write("openapi.yaml", contract("/a", "getA", "/a/../b", "getB")).start();
        live.awaitFailure("openapi.yaml:7: '/a/../b' is a path that nobody can call");

        live.write("openapi.yaml", contract("/a", "getA").replace("/v1", "/v1//"));
        live.awaitFailure(
                "openapi.yaml:3: the path of the first of its 'servers' is /v1/, a path that nobody can call");
    }

    @Test
    void refusesToTakeTheRouteFromAnOperation() throws Exception {
        live.write("openapi.yaml", contract("/a", "getA"))
                .write("a.camel.yaml", answering("getA", "one"))
                .start();

        live.delete("a.camel.yaml");
        live.awaitFailure("a.camel.yaml: the contract has getA");

        assertThat(live.get("/v1/a").body()).isEqualTo("one");
    }

    @Test
    void startsWithAnOperationThatHasNoRoute() throws Exception {
        live.write("openapi.yaml", contract("/a", "getA", "/b", "getB"))
                .write("a.camel.yaml", answering("getA", "one"))
                .start();
        assertThat(live.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.reason()).contains("direct:getB"));
        assertThat(live.get("/v1/a").body()).isEqualTo("one");

        live.write("a.camel.yaml", answering("getA", "two"));
        live.soon().until(() -> live.get("/v1/a").body(), "two"::equals);

        live.write("b.camel.yaml", answering("getB", "one"));
        live.soon().until(() -> live.failures().isEmpty());
    }

    @Test
    void anEditedRestEntryIsThereOnce() throws Exception {
        live.write("a.camel.yaml", rest("v0") + answering("a", "v0")).start();
        for (int i = 1; i <= 5; i++) {
            String version = "v" + i;
            live.write("a.camel.yaml", rest(version) + answering("a", version));
            live.soon().until(() -> live.get("/mine").body(), version::equals);
        }

        live.soon().until(() -> live.context.getRouteDefinitions().size() == 2);
        assertThat(live.context.getRestDefinitions()).isEmpty();
        assertThat(live.context.getRestRegistry().listAllRestServices()).hasSize(1);
        assertThat(live.doors("/mine")).isEqualTo(1);
    }

    @Test
    void pathsOfUsersStayBeforeTheContractWhenEdited() throws Exception {
        live.write("openapi.yaml", contract("/a", "getA"))
                .write("a.camel.yaml", answering("getA", "one"))
                .write("mine.camel.yaml", mine("one"))
                .start();
        assertThat(live.get("/v1/mine").body()).isEqualTo("one");

        live.write("mine.camel.yaml", mine("two"));

        live.soon().until(() -> live.get("/v1/mine").body(), "two"::equals);
        assertThat(live.get("/v1/a").body()).isEqualTo("one");
    }

    @Test
    void aSlowRequestEndsOnTheOldVersion() throws Exception {
        var entered = new CountDownLatch(1);
        var leave = new CountDownLatch(1);
        live.context.getRegistry().bind("slow", (Processor) exchange -> {
            if (entered.getCount() > 0) {
                entered.countDown();
                leave.await();
            }
        });
        String text = """
                - route:
                    id: a
                    from:
                      uri: platform-http:/a
                      steps:
                        - process: { ref: slow }
                        - setBody: { constant: %s }
                """;
        live.write("a.camel.yaml", text.formatted("one")).start();
        var slow = live.send("/a");
        entered.await();

        live.write("a.camel.yaml", text.formatted("two"));
        live.soon().until(() -> live.get("/a").body(), "two"::equals);
        assertThat(slow).isNotDone();

        leave.countDown();
        assertThat(slow.join().body()).isEqualTo("one");
        live.soon().until(() -> live.context.getRouteDefinitions().size() == 1);
        assertThat(live.get("/a").body()).isEqualTo("two");
    }

    private static String rest(String description) {
        return """
                - rest:
                    get:
                      - id: my-rest
                        path: /mine
                        description: %s
                        to: direct:a
                """.formatted(description);
    }
}
