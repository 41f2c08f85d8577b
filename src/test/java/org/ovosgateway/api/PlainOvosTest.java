// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.AssistantPart;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.ContractSchema;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** An assistant without the companion skill, and a gateway without its key. */
class PlainOvosTest {

    private static final List<String> OF_THE_COMPANION =
            List.of("getInfo", "getConfig", "getLogs", "clearCache", "getSkillSettings", "changeSkillSettings");

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(
            SimulatedAssistant.builder().without(AssistantPart.COMPANION).oneConnection());

    @RegisterExtension
    @Order(2)
    static final Gateway withKey = Gateway.on(bus::port);

    @RegisterExtension
    @Order(3)
    static final Gateway withoutKey = Gateway.on(bus::port).with("ovos.devices.default.api-key", "");

    @BeforeEach
    void connect() {
        withKey.awaitBus();
        withoutKey.awaitBus();
    }

    @Test
    void servesAllButWhatTheCompanionTells() {
        for (ContractSchema.Operation operation : ContractSchema.shipped().operationsWithoutMqtt()) {
            Gateway.Call call = withKey.example(operation);
            if (OF_THE_COMPANION.contains(operation.id())) {
                assertThat(call.isRefused(502, "companion-missing")
                                .path("detail")
                                .asText())
                        .contains("skill-rest-api.smartgic");
            } else if (operation.id().equals("getHistory")) {
                call.isRefused(404, "unknown-request");
            } else {
                assertThat(call.send().statusCode()).as(operation.id()).isBetween(200, 299);
            }
        }
    }

    @Test
    void saysThatTheKeyIsMissingBeforeAnythingElse() {
        bus.clear();

        for (ContractSchema.Operation operation : ContractSchema.shipped().operations()) {
            if (OF_THE_COMPANION.contains(operation.id())) {
                assertThat(withoutKey
                                .example(operation)
                                .isRefused(502, "companion-key-missing")
                                .path("detail")
                                .asText())
                        .contains("API_KEY");
            }
        }

        assertThat(bus.frames()).noneMatch(frame -> frame.type().startsWith("ovos.api."));
    }
}
