// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.ovosgateway.testing.BusClient;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;

class NamesTest {

    private static final String OLD = "recognizer_loop:audio_output_end";
    private static final String NEW = "ovos.audio.output.ended";

    @ParameterizedTest
    @EnumSource
    void speaksOnceAndTellsItUnderItsNames(Names names) throws Exception {
        try (FakeBus bus = new FakeBus(SimulatedAssistant.builder().names(names));
                BusClient client = new BusClient(bus.vertx(), bus.uri())) {
            client.send(Message.bare("speak", Message.object().put("utterance", "hello")));
            client.await(names == Names.NEW ? NEW : OLD);

            assertThat(bus.assistant().spoken()).containsExactly("hello");
            assertThat(client.received(NEW)).hasSize(names == Names.OLD ? 0 : 1);
            assertThat(client.received(OLD)).hasSize(names == Names.NEW ? 0 : 1);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Names.class,
            names = {"BOTH", "NEW"})
    void hearsTheNewNamesButNoTwins(Names names) throws Exception {
        try (FakeBus bus = new FakeBus(SimulatedAssistant.builder().names(names));
                BusClient client = new BusClient(bus.vertx(), bus.uri())) {
            Message twin = Message.bare("speak", Message.object().put("utterance", "twin"));
            twin.context().put("_namespace_compat_twin", true);
            client.send(twin);
            client.send(Message.bare("ovos.utterance.speak", Message.object().put("utterance", "hello")));
            client.await(NEW);

            assertThat(bus.assistant().spoken()).isEqualTo(List.of("hello"));
        }
    }
}
