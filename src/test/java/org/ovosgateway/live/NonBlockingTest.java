// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.nio.file.Path;

import org.apache.camel.Processor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ovosgateway.live.LiveFolder.answering;

/** Only a route whose every step is known never to block may run on an event loop. */
class NonBlockingTest {

    @TempDir
    Path folder;

    private LiveFolder live;

    @BeforeEach
    void prepare() {
        live = new LiveFolder(folder);
        live.context.getRegistry().bind("answer", new StringBuilder());
        live.context.getRegistry().bind("mine", new StringBuilder());
        live.context.getRegistry().bind("processor", (Processor) exchange -> {});
    }

    @AfterEach
    void stop() {
        live.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "setBody: {constant: text}",
                "setBody: {simple: '${body[state]} !in ${header.sort}'}",
                "setProperty: {name: a, simple: '${exchangeProperty.b}'}",
                "setHeader: {name: a, constant: b}",
                "stop: {}",
                "bean: {ref: answer, method: 'append(${body})'}",
                "to: direct:other",
                "to: 'direct://other'",
                "filter: {simple: '${body} == null', steps: [to: direct:other]}",
                "choice: {when: [{simple: '${body}', steps: [stop: {}]}], otherwise: {steps: [setBody: {constant: b}]}}",
                "doTry: {steps: [stop: {}], doCatch: [{exception: [java.lang.Exception], steps: [stop: {}]}]}",
                "to: direct:a"
            })
    void areRoutesOfStepsThatNeverDo(String step) throws Exception {
        start(step, answering("other", "answer"));

        assertThat(neverBlocks("a")).as(step).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "delay: {constant: 1000}",
                "log: text",
                "process: {ref: processor}",
                "bean: {ref: mine, method: length}",
                "bean: {ref: answer, method: 'append(${bean:mine})'}",
                "bean: {beanType: java.lang.StringBuilder, method: length}",
                "script: {simple: '${body}'}",
                "setBody: {simple: '${bean:mine}'}",
                "setBody: {simple: '$simple{bean:mine}'}",
                "setBody: {simple: '${file:name}'}",
                "setBody: {method: {ref: mine}}",
                "setBody: {simple: 'a ${body} ${camelContext.version}'}",
                "to: 'direct:other?synchronous=true'",
                "to: 'direct:other?block=true'",
                "to: mock:elsewhere",
                "toD: 'direct:${header.name}'",
                "wireTap: {uri: 'direct:other'}",
                "filter: {simple: '${body} == null', steps: [delay: {constant: 1}]}",
                "filter: {simple: '${bean:mine}', steps: [stop: {}]}",
                "choice: {when: [{simple: '${body}', steps: [delay: {constant: 1}]}]}",
                "choice: {when: [{simple: '${body}', steps: [stop: {}]}], otherwise: {steps: [delay: {constant: 1}]}}",
                "doTry: {steps: [stop: {}], doCatch: [{exception: [java.lang.Exception], steps: [delay: {constant: 1}]}]}",
                "doTry: {steps: [stop: {}], doFinally: {steps: [delay: {constant: 1}]}}",
                "split: {simple: '${body}', steps: [stop: {}]}",
                "loop: {constant: 3, steps: [stop: {}]}"
            })
    void areNoRoutesWithAnyOther(String step) throws Exception {
        start(step, answering("other", "answer"));

        assertThat(neverBlocks("a")).as(step).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "errorHandler: {defaultErrorHandler: {redeliveryPolicy: {maximumRedeliveries: 3}}}",
                "routeConfiguration: {errorHandler: {defaultErrorHandler: {redeliveryPolicy: {maximumRedeliveries: 3}}}}",
                "routeConfiguration: {onException: [{onException: {exception: [java.lang.Exception], steps: [stop: {}]}}]}",
                "routeConfiguration: {intercept: [{intercept: {steps: [delay: {constant: 1}]}}]}",
                "routeConfiguration: {onCompletion: [{onCompletion: {steps: [delay: {constant: 1}]}}]}"
            })
    void areNoRoutesThatShareSuch(String shared) throws Exception {
        start("stop: {}", "- " + shared + "\n");

        assertThat(neverBlocks("a")).as(shared).isFalse();
    }

    @Test
    void changesWithTheRoute() throws Exception {
        start("to: direct:other", answering("other", "answer"));
        assertThat(neverBlocks("other")).isTrue();

        live.write("other.camel.yaml", """
                - route:
                    id: other
                    from: {uri: direct:other, steps: [delay: {constant: 1}]}
                """);
        live.soon().until(() -> !neverBlocks("other"));

        live.write("other.camel.yaml", answering("other", "again"));
        live.soon().until(() -> neverBlocks("other"));
    }

    private void start(String step, String other) throws Exception {
        live.write("a.camel.yaml", """
                - route:
                    id: a
                    from: {uri: direct:a, steps: [%s]}
                """.formatted(step));
        live.write("other.camel.yaml", other);
        live.start();
        assertThat(live.failures()).isEmpty();
    }

    private boolean neverBlocks(String name) {
        return live.context.getComponent("direct", SwitchedDirect.class).neverBlocks(name);
    }
}
