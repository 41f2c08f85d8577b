// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.Route;
import org.apache.camel.component.seda.SedaComponent;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.DefaultEndpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.InvalidConfigurationException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ovosgateway.live.LiveFolder.answering;
import static org.ovosgateway.live.LiveFolder.ticking;

class LiveRoutesTest {

    private static final String GONE = "DirectConsumerNotAvailableException";

    @TempDir
    Path folder;

    private LiveFolder live;

    @BeforeEach
    void prepare() {
        live = new LiveFolder(folder);
    }

    @AfterEach
    void stop() {
        live.close();
    }

    @Test
    void saysWhatItCounts() throws Exception {
        live.start();

        assertThat(live.meters.getMeters())
                .hasSize(3)
                .allSatisfy(meter -> assertThat(meter.getId().getDescription())
                        .as("%s", meter.getId())
                        .isNotBlank());
        assertThat(live.meters
                        .get("ovos.routes.reloads")
                        .tag("outcome", "refused")
                        .counter()
                        .count())
                .isZero();
    }

    @Test
    void takesAnErrorHandlerBack() throws Exception {
        String failing = """
                - route:
                    id: a
                    from:
                      uri: direct:a
                      steps:
                        - setBody: { constant: %s }
                        - throwException:
                            exceptionType: java.lang.IllegalStateException
                            message: on purpose
                """;
        live.write("a.camel.yaml", failing.formatted("one"));
        live.write("b.camel.yaml", answering("b", "never mind"));
        live.start();
        assertThat(live.ask("a")).isEqualTo("IllegalStateException");

        live.write("errors.camel.yaml", """
                - errorHandler:
                    deadLetterChannel:
                      deadLetterUri: direct:b
                """);
        live.awaitAnswer("a", "never mind");

        live.delete("errors.camel.yaml");
        live.awaitAnswer("a", "IllegalStateException");
        live.write("a.camel.yaml", failing.formatted("two"));
        live.awaitAnswer("a", "IllegalStateException");
    }

    @ParameterizedTest
    @ValueSource(classes = {IllegalStateException.class, NoClassDefFoundError.class, StackOverflowError.class})
    void goesOnWhenAListenerFails(Class<? extends Throwable> failure) throws Exception {
        live.write("a.camel.yaml", answering("a", "one")).start();
        List<Boolean> told = new CopyOnWriteArrayList<>();
        live.onChange(taken -> sneak(failure));
        live.onChange(told::add);

        live.write("a.camel.yaml", answering("a", "two"));
        live.awaitAnswer("a", "two");
        live.write("a.camel.yaml", "- route: [");
        live.awaitFailure("a.camel.yaml");
        live.write("a.camel.yaml", answering("a", "three"));
        live.awaitAnswer("a", "three");

        live.soon().until(() -> told.equals(List.of(true, true)));
        assertThat(live.context.getRoutes()).hasSizeLessThan(4);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Class<? extends Throwable> failure) throws T {
        try {
            throw (T) failure.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void hearsTheBusWhileAnotherRouteIsSlowToStart() throws Exception {
        SlowComponent slow = new SlowComponent();
        live.context.addComponent("slow", slow);
        live.context.addComponent("ovos", new SedaComponent());
        List<String> heard = new CopyOnWriteArrayList<>();
        live.context.getRegistry().bind("heard", (Processor)
                exchange -> heard.add(exchange.getMessage().getBody(String.class)));
        String file = """
                - route:
                    id: slow
                    from:
                      uri: slow:start
                      steps:
                        - log: %s
                - route:
                    id: hears
                    from:
                      uri: ovos:said
                      steps:
                        - setBody: { simple: "%s ${body}" }
                        - process: { ref: heard }
                """;
        live.write("a.camel.yaml", file.formatted("one", "one")).start();
        slow.gate = new CountDownLatch(1);

        live.write("a.camel.yaml", file.formatted("two", "two"));
        slow.entered.await();
        for (int i = 0; i < 10; i++) {
            live.send("ovos:said", i);
        }
        live.soon().until(() -> heard.size() == 10);
        slow.gate.countDown();
        live.soon().until(() -> {
            live.send("ovos:said", "later");
            return heard.contains("two later");
        });

        assertThat(List.copyOf(heard).subList(0, 10)).allMatch(message -> message.startsWith("one "));
        assertThat(heard.stream().filter(message -> message.matches(".* \\d"))).hasSize(10);
    }

    /** Whose consumers, but the first, start when they are let. */
    private static final class SlowComponent extends DefaultComponent {

        private final CountDownLatch entered = new CountDownLatch(2);
        private volatile CountDownLatch gate = new CountDownLatch(0);

        @Override
        protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
            return new DefaultEndpoint(uri, this) {
                @Override
                public Producer createProducer() {
                    throw new UnsupportedOperationException();
                }

                @Override
                public Consumer createConsumer(Processor processor) {
                    return new DefaultConsumer(this, processor) {
                        @Override
                        protected void doStart() throws Exception {
                            super.doStart();
                            entered.countDown();
                            gate.await();
                        }
                    };
                }
            };
        }
    }

    @Test
    void servesAnEdit() throws Exception {
        live.write("a.camel.yaml", answering("a", "one")).start();
        assertThat(live.ask("a")).isEqualTo("one");

        live.write("a.camel.yaml", answering("a", "two"));

        live.awaitAnswer("a", "two");
        live.soon().until(() -> live.failures().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- route: [",
                "- route:\n    id: a\n    from:\n      uri: nosuchcomponent:a\n      steps:\n        - log: x\n",
                "- route:\n    id: a\n    from:\n      uri: direct:a?nosuchoption=1\n      steps:\n        - log: x\n",
                "- route:\n    id: a\n    from:\n      uri: direct:a\n      steps:\n        - to: log:x?level=LOUD\n",
                "- route:\n    id: a\n    from:\n      uri: direct:a\n      steps:\n        - nosuchstep: x\n",
                "- route:\n    id: a\n    from:\n      uri: direct:a\n      steps:\n        - bean:\n            ref: nope\n",
                "- route:\n    id: a\n    from:\n      uri: direct:a\n      steps:\n        - to: bean:nope\n",
                "- route:\n    id: a\n    from:\n      uri: direct:a\n      steps:\n        - setBody:\n            simple: \"${nope\"\n",
                "- route:\n    id: a\n    from:\n      uri: direct:a\n      steps:\n        - to: direct:{{nope}}\n",
                "- route:\n    id: a\n    from:\n      uri: direct:b\n      steps:\n        - log: x\n",
                "- route:\n    id: b\n    from:\n      uri: direct:a\n      steps:\n        - log: x\n",
                "- interceptSendToEndpoint:\n    uri: log:x\n    steps:\n      - log: x\n",
                "just: text",
                "- route:\n  from: direct:a\n",
                "",
            })
    void keepsTheVersionBeforeABadEdit(String text) throws Exception {
        live.write("a.camel.yaml", answering("a", "one"))
                .write("b.camel.yaml", answering("b", "other"))
                .start();

        live.write("a.camel.yaml", text);

        live.awaitFailure("a.camel.yaml");
        assertThat(live.failures())
                .hasSize(1)
                .first()
                .satisfies(failure -> assertThat(failure.reason()).isNotBlank().doesNotContain("\n"));
        assertThat(live.ask("a")).isEqualTo("one");
        assertThat(live.ask("b")).isEqualTo("other");
        assertThat(live.context.getRouteDefinitions()).hasSize(2);
        assertThat(live.context.getRoutes()).hasSize(2);
        assertThat(live.meters.get("ovos.routes.failed").gauge().value()).isEqualTo(1);

        live.write("a.camel.yaml", answering("a", "two"));

        live.awaitAnswer("a", "two");
        live.soon().until(() -> live.failures().isEmpty());
    }

    @Test
    void tellsTheLineOfABadEdit() throws Exception {
        live.start();

        live.write("a.camel.yaml", answering("a", "one") + "- route:\n    nosuchkey: 1\n");

        live.awaitFailure("a.camel.yaml:9");

        live.write("a.camel.yaml", answering("a", "one") + answering("b", "one").replace("- setBody:", "- to:"));

        live.awaitFailure("a.camel.yaml:14");

        live.write("a.camel.yaml", answering("a", "one") + answering("b", "one").replace("direct:b", "nosuch:b"));

        live.awaitFailure("a.camel.yaml:8: No endpoint");
    }

    @Test
    void stopsRoutesThatAreNotInTheFileAnyMore() throws Exception {
        live.write("a.camel.yaml", answering("a", "one") + answering("b", "one"))
                .start();

        live.write("a.camel.yaml", answering("a", "one") + answering("c", "one"));

        live.awaitAnswer("c", "one");
        assertThat(live.ask("a")).isEqualTo("one");
        assertThat(live.ask("b")).isEqualTo(GONE);
        live.soon().until(() -> live.context.getRouteDefinitions().size() == 2);
    }

    @Test
    void followsNewAndDeletedFiles() throws Exception {
        live.start();

        live.write("a.camel.yaml", answering("a", "one"));
        live.awaitAnswer("a", "one");

        live.delete("a.camel.yaml");
        live.awaitAnswer("a", GONE);
        live.soon().until(() -> live.context.getRouteDefinitions().isEmpty());
    }

    @Test
    void ignoresFilesOfEditors() throws Exception {
        live.start();
        for (String name : List.of(".a.camel.yaml", "#a.camel.yaml#", "a.camel.yaml~", ".#a.camel.yaml")) {
            Files.writeString(folder.resolve(name), answering("hidden", "one"));
        }

        live.write("b.camel.yaml", answering("b", "one"));

        live.awaitAnswer("b", "one");
        assertThat(live.ask("hidden")).isEqualTo(GONE);
    }

    @Test
    void refusesAHugeFile() throws Exception {
        live.start();

        live.write("a.camel.yaml", "# " + "x".repeat(1 << 20));

        live.awaitFailure("larger than 1 MiB");
    }

    @Test
    void refusesADeeplyNestedFile() throws Exception {
        live.start();

        live.write("a.camel.yaml", "- route: " + "[".repeat(50_000));

        live.awaitFailure("a.camel.yaml");
        live.write("b.camel.yaml", answering("b", "one"));
        live.awaitAnswer("b", "one");
    }

    @Test
    void refusesToStartWithoutAFolder() {
        var missing = new LiveFolder(folder.resolve("nowhere"));

        assertThatThrownBy(missing::start)
                .isInstanceOfSatisfying(
                        InvalidConfigurationException.class,
                        e -> assertThat(e.remedy()).contains("ovos.routes.folder"));
    }

    @Test
    void keepsTheRoutesOfTwoFoldersApart() throws Exception {
        live.withApi("one")
                .withApi("two")
                .write("one/a.camel.yaml", answering("a", "one").replace("direct:", "direct:one/"))
                .write("two/a.camel.yaml", answering("a", "two").replace("direct:", "direct:two/"))
                .write("three/a.camel.yaml", answering("a", "three").replace("direct:", "direct:three/"))
                .start();

        assertThat(live.ask("one/a")).isEqualTo("one");
        assertThat(live.ask("two/a")).isEqualTo("two");
        assertThat(live.ask("three/a")).isEqualTo("DirectConsumerNotAvailableException");
        assertThat(live.failures()).isEmpty();
    }

    @Test
    void refusesANameThatAnotherFolderHas() throws Exception {
        live.withApi("one").write("a.camel.yaml", answering("a", "own")).start();

        live.write("one/a.camel.yaml", answering("a", "one"));

        live.awaitFailure("a.camel.yaml: direct:a is already in " + folder.resolve("a.camel.yaml"));
        assertThat(live.ask("a")).isEqualTo("own");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- rest: {openApi: {specification: 'file:a.yaml'}}",
                "- rest: {path: /a, get: [{to: 'direct:a'}]}"
            })
    void refusesAPathOfAnApiThatIsNotInItsContract(String rest) throws Exception {
        live.withApi("one").start();

        live.write("one/rest.camel.yaml", rest);

        live.awaitFailure("rest.camel.yaml:");
        assertThat(live.failures().get(0).reason()).contains("openapi.yaml");
    }

    @Test
    void leavesNamesToTheGatewaysOwnApiAtTheStart() throws Exception {
        live.withApi("a")
                .write("a/a.camel.yaml", answering("a", "one"))
                .write("z.camel.yaml", answering("a", "own"))
                .start();

        assertThat(live.ask("a")).isEqualTo("own");
        assertThat(live.failures()).singleElement().asString().contains("a/a.camel.yaml: direct:a is already in");
    }

    @Test
    void namesTheFolderThatASettingMayMean() throws Exception {
        live.withApi("nots")
                .withApi("two")
                .write("notes/a.camel.yaml", answering("a", "one"))
                .write("two/a.camel.yaml", answering("a", "one"))
                .start();

        assertThat(live.problems()).singleElement().asString().contains("ovos.apis.nots", "'notes'");
    }

    @ParameterizedTest
    @CsvSource({
        "My_Api, my-api",
        "2go, api-2go",
        "Café, cafe",
        "a.b, a-b",
        "__, api",
        "a-name-of-an-api-that-is-much-too-long, a-name-of-an-api-that-is-much-to"
    })
    void namesAFolderThatCannotBeAnApiAndWhatItCouldBeCalled(String name, String nearest) throws Exception {
        live.write(name + "/a.camel.yaml", answering("a", "one")).start();

        assertThat(live.problems()).singleElement().asString().contains(name, "small letters", "'" + nearest + "'");
        assertThat(live.ask("a")).isEqualTo(GONE);
    }

    @Test
    void noticesTheNameOfAFolderThatComesAndGoes() throws Exception {
        live.write(".git/a.camel.yaml", answering("a", "one"));
        live.write("Pictures/a.png", "none").start();
        assertThat(live.problems()).isEmpty();

        live.write("My_Api/openapi.yaml", LiveFolder.contract("/a", "a"));
        live.soon().until(() -> live.problems().toString().contains("'my-api'"));

        live.delete("My_Api/openapi.yaml");
        live.soon().until(() -> live.problems().isEmpty());
    }

    @Test
    void startsWithoutTheBrokenFile() throws Exception {
        live.write("a.camel.yaml", answering("a", "one"))
                .write("b.camel.yaml", "- route: [")
                .write("c.camel.yaml", answering("c", "one"))
                .start();

        assertThat(live.ask("a")).isEqualTo("one");
        assertThat(live.ask("c")).isEqualTo("one");
        assertThat(live.failures()).extracting(Failure::file).containsExactly(folder.resolve("b.camel.yaml") + "");

        live.write("b.camel.yaml", answering("b", "one"));
        live.awaitAnswer("b", "one");
    }

    @Test
    void appliesAnEditedRouteConfigurationToTheRoutesOfOtherFiles() throws Exception {
        String errors = """
                - routeConfiguration:
                    onException:
                      - onException:
                          exception: [java.lang.IllegalStateException]
                          handled: { constant: "true" }
                          steps:
                            - setBody: { constant: %s }
                """;
        live.context.getRegistry().bind("boom", (Processor) exchange -> {
            throw new IllegalStateException("boom");
        });
        live.write("errors.camel.yaml", errors.formatted("one"))
                .write("a.camel.yaml", """
                        - route:
                            id: a
                            from:
                              uri: direct:a
                              steps:
                                - process: { ref: boom }
                        """)
                .start();
        assertThat(live.ask("a")).isEqualTo("one");

        live.write("errors.camel.yaml", errors.formatted("two"));
        live.awaitAnswer("a", "two");

        live.write("errors.camel.yaml", errors.formatted("three") + "- nosuchthing: 1\n");
        live.awaitFailure("errors.camel.yaml");
        assertThat(live.ask("a")).isEqualTo("two");
        live.write("b.camel.yaml", answering("b", "one"));
        live.awaitAnswer("b", "one");
        // the broken file is tried once more after each change
        live.soon().until(() -> live.context.getRouteConfigurationDefinitions().size() == 1);

        live.delete("errors.camel.yaml");
        live.awaitAnswer("a", "IllegalStateException");
        assertThat(live.context.getRouteConfigurationDefinitions()).isEmpty();
    }

    @Test
    void appliesAnEditedTemplate() throws Exception {
        String template = """
                - routeTemplate:
                    id: answering
                    parameters:
                      - name: name
                    from:
                      uri: direct:{{name}}
                      steps:
                        - setBody:
                            id: answer
                            constant: %s
                """;
        live.write("template.camel.yaml", template.formatted("one"))
                .write("use.camel.yaml", """
                        - templatedRoute:
                            routeId: a
                            routeTemplateRef: answering
                            parameters:
                              - { name: name, value: a }
                        - templatedRoute:
                            routeTemplateRef: answering
                            parameters:
                              - { name: name, value: b }
                        """)
                .start();
        live.soon().until(() -> live.failures().isEmpty());
        assertThat(live.ask("a")).isEqualTo("one");
        assertThat(live.ask("b")).isEqualTo("one");

        live.write("template.camel.yaml", template.formatted("two"));
        live.awaitAnswer("a", "two");
        assertThat(live.ask("b")).isEqualTo("two");
        assertThat(live.context.getRouteTemplateDefinitions()).hasSize(1);

        live.delete("template.camel.yaml");
        live.awaitFailure("answering");
        assertThat(live.ask("a")).isEqualTo("two");
    }

    @Test
    void editsAnEntryOfATemplateWithoutTouchingTheOthers() throws Exception {
        live.write("other.camel.yaml", answering("other", "one"))
                .write("a.camel.yaml", templateAnd("a", "one", "b", "one"))
                .start();
        live.soon().until(() -> live.failures().isEmpty());
        Route other = live.context.getRoute("other");
        Route b = live.context.getRoute("b");

        live.write("a.camel.yaml", templateAnd("a", "two", "b", "one"));
        live.awaitAnswer("a", "two");
        live.write("a.camel.yaml", templateAnd("a", "two", "b", "one", "c", "one"));
        live.awaitAnswer("c", "one");
        live.write("a.camel.yaml", templateAnd("b", "one", "c", "one"));
        live.awaitAnswer("a", GONE);

        assertThat(live.context.getRoute("b")).isSameAs(b);
        assertThat(live.context.getRoute("other")).isSameAs(other);
        assertThat(live.ask("b")).isEqualTo("one");
        assertThat(live.context.getRouteTemplateDefinitions()).hasSize(1);
        live.soon().until(() -> live.failures().isEmpty());
    }

    @Test
    void keepsAllEntriesOfATemplateWhenOneIsBad() throws Exception {
        live.write("a.camel.yaml", templateAnd("a", "one", "b", "one")).start();
        Route b = live.context.getRoute("b");

        live.write("a.camel.yaml", templateAnd("a", "${nope", "b", "one"));
        live.awaitFailure("a.camel.yaml");

        assertThat(live.ask("a")).isEqualTo("one");
        assertThat(live.context.getRoute("b")).isSameAs(b);
        assertThat(live.context.getRouteTemplateDefinitions()).hasSize(1);

        live.write("a.camel.yaml", templateAnd("a", "two", "b", "one"));
        live.awaitAnswer("a", "two");
    }

    @Test
    void refusesAParameterThatTheTemplateDoesNotHave() throws Exception {
        live.write("a.camel.yaml", templateAnd("a", "one").replace("name: answer, value", "name: anwser, value"))
                .start();

        live.awaitFailure("the entry a has the parameter 'anwser'; the template answering has name, answer");
    }

    @Test
    void takesTheEditedTemplateForEntriesThatWereEditedWithIt() throws Exception {
        String use =
                "- templatedRoute: { routeId: %s, routeTemplateRef: answering, parameters: [ { name: name, value: %s } ] }\n";
        String template = """
                - routeTemplate:
                    id: answering
                    parameters: [ { name: name } ]
                    from:
                      uri: direct:{{name}}
                      steps:
                        - setBody: { constant: %s }
                """;
        live.write("template.camel.yaml", template.formatted("one"))
                .write("use.camel.yaml", use.formatted("a", "a"))
                .start();
        assertThat(live.ask("a")).isEqualTo("one");

        live.write("template.camel.yaml", template.formatted("two"))
                .write("use.camel.yaml", use.formatted("a", "a") + use.formatted("b", "b"));

        live.awaitAnswer("b", "two");
        live.awaitAnswer("a", "two");
    }

    /** A file with a template, and entries of it: pairs of name and answer. */
    private static String templateAnd(String... entries) {
        StringBuilder text = new StringBuilder("""
                - routeTemplate:
                    id: answering
                    parameters: [ { name: name }, { name: answer, defaultValue: "" } ]
                    from:
                      uri: direct:{{name}}
                      steps:
                        - setBody: { simple: "{{answer}}" }
                """);
        for (int i = 0; i < entries.length; i += 2) {
            text.append("""
                    - templatedRoute:
                        routeTemplateRef: answering
                        routeId: %s
                        parameters: [ { name: name, value: %s }, { name: answer, value: "%s" } ]
                    """.formatted(entries[i], entries[i], entries[i + 1]));
        }
        return text.toString();
    }

    @Test
    void replacesBeansWithTheirFile() throws Exception {
        String beans = """
                - beans:
                    - name: greeting
                      type: org.ovosgateway.live.LiveRoutesTest$Greeting
                      properties: { text: %s }
                """;
        String use = """
                - route:
                    id: a
                    from:
                      uri: direct:a
                      steps:
                        - bean: { ref: greeting, method: getText }
                """;
        live.write("beans.camel.yaml", beans.formatted("one"))
                .write("a.camel.yaml", use)
                .start();
        assertThat(live.ask("a")).isEqualTo("one");

        live.write("beans.camel.yaml", beans.formatted("two"));
        live.awaitAnswer("a", "two");

        live.write("beans.camel.yaml", beans.formatted("three") + "- nosuchthing: 1\n");
        live.awaitFailure("beans.camel.yaml");
        assertThat(live.ask("a")).isEqualTo("two");
    }

    @Test
    void finishesWhatIsUnderWayOnTheOldVersion() throws Exception {
        var entered = new CountDownLatch(1);
        var leave = new CountDownLatch(1);
        live.context.getRegistry().bind("slow", (Processor) exchange -> {
            if (entered.getCount() > 0) {
                entered.countDown();
                leave.await();
            }
        });
        live.write("a.camel.yaml", """
                - route:
                    id: a
                    from:
                      uri: direct:a
                      steps:
                        - process: { ref: slow }
                        - to: direct:b
                """)
                .write("b.camel.yaml", answering("b", "one"))
                .start();
        var slow = CompletableFuture.supplyAsync(() -> live.ask("a"));
        entered.await();

        live.write("a.camel.yaml", answering("a", "two"));
        live.awaitAnswer("a", "two");
        live.write("a.camel.yaml", answering("a", "three"));
        live.awaitAnswer("a", "three");
        live.soon().until(() -> live.context.getRouteDefinitions().size() == 3);
        assertThat(slow).isNotDone();

        leave.countDown();
        assertThat(slow.join()).isEqualTo("one");
        live.soon().until(() -> live.context.getRouteDefinitions().size() == 2);
    }

    @Test
    void takesTwoFilesThatDependOnEachOtherAsOne() throws Exception {
        live.write("a.camel.yaml", answering("a", "one") + answering("b", "one"))
                .write("b.camel.yaml", answering("c", "one"))
                .start();

        // a moves to the other file, c comes back the other way
        live.write("a.camel.yaml", answering("c", "two")).write("b.camel.yaml", answering("a", "two"));

        live.awaitAnswer("a", "two");
        assertThat(live.ask("c")).isEqualTo("two");
        assertThat(live.ask("b")).isEqualTo(GONE);
        live.soon().until(() -> live.failures().isEmpty());
    }

    @Test
    void takesARefusedFileWhenTheOneItNeedsArrives() throws Exception {
        live.write("a.camel.yaml", answering("a", "one")).start();
        live.write("b.camel.yaml", answering("a", "moved"));
        live.awaitFailure("route a is already in");

        live.delete("a.camel.yaml");

        live.awaitAnswer("a", "moved");
        live.soon().until(() -> live.failures().isEmpty());
    }

    @Test
    void takesTheGoodFilesOfABatch() throws Exception {
        live.write("a.camel.yaml", answering("a", "one"))
                .write("b.camel.yaml", answering("b", "one"))
                .start();

        live.write("a.camel.yaml", "- route: [").write("b.camel.yaml", answering("b", "two"));

        live.awaitAnswer("b", "two");
        live.awaitFailure("a.camel.yaml");
        assertThat(live.ask("a")).isEqualTo("one");
    }

    @Test
    void neverRunsTwoVersionsOfATimer() throws Exception {
        Map<String, AtomicInteger> ticks = Map.of("one", new AtomicInteger(), "two", new AtomicInteger());
        var together = new AtomicInteger();
        live.context.getRegistry().bind("count", (Processor) exchange -> {
            String version = exchange.getMessage().getBody(String.class);
            ticks.get(version).incrementAndGet();
            if (version.equals("one") && ticks.get("two").get() > 0) {
                together.incrementAndGet();
            }
        });
        live.write("a.camel.yaml", ticking("one", "20")).start();
        live.soon().until(() -> ticks.get("one").get() > 3);

        live.write("a.camel.yaml", ticking("two", "20"));

        live.soon().until(() -> ticks.get("two").get() > 20);
        assertThat(together).hasValue(0);
        live.soon().until(() -> live.context.getRouteDefinitions().size() == 1);
    }

    @Test
    void goesOnWithTheOldTimerWhenTheNewOneCannotStart() throws Exception {
        var ticks = new AtomicInteger();
        live.context.getRegistry().bind("count", (Processor) exchange -> ticks.incrementAndGet());
        live.write("a.camel.yaml", ticking("one", "20")).start();
        live.soon().until(() -> ticks.get() > 0);
        Files.writeString(folder.resolve("file"), "");

        live.write("a.camel.yaml", ticking("two", "20") + """
                        - route:
                            id: watch
                            from:
                              uri: file:%s/nowhere
                              parameters: { autoCreate: false, startingDirectoryMustExist: true }
                              steps:
                                - log: x
                        """.formatted(folder));

        live.awaitFailure("a.camel.yaml");
        int before = ticks.get();
        live.soon().until(() -> ticks.get() > before + 3);
        assertThat(live.context.getRoutes()).hasSize(1);
    }

    @Test
    void forgetsAnEditThatIsTakenBack() throws Exception {
        live.write("a.camel.yaml", answering("a", "one")).start();
        var route = live.context.getRoute("a");
        live.write("a.camel.yaml", "- route: [");
        live.awaitFailure("a.camel.yaml");

        live.write("a.camel.yaml", answering("a", "one"));

        live.soon().until(() -> live.failures().isEmpty());
        assertThat(live.context.getRoute("a")).isSameAs(route);
    }

    @Test
    void leavesUnchangedRoutesOfAnEditedFileAlone() throws Exception {
        live.context.getRegistry().bind("count", (Processor) exchange -> {});
        live.write("a.camel.yaml", ticking("one", "1000") + answering("a", "one"))
                .start();
        var timer = live.context.getRoute("ticking");

        live.write("a.camel.yaml", "# moved\n" + ticking("one", "1000") + answering("a", "two"));

        live.awaitAnswer("a", "two");
        assertThat(live.context.getRoute("ticking")).isSameAs(timer);
        assertThat(timer.getConsumer()).isNotNull();
        live.soon().until(() -> live.context.getRouteDefinitions().size() == 2);
        assertThat(live.context.getRouteController().getRouteStatus("ticking").isStarted())
                .isTrue();
    }

    /** A bean as a user's file may declare it. */
    public static final class Greeting {

        private String text;

        public String getText() {
            return text;
        }

        public void setText(String text) {
            this.text = text;
        }
    }
}
