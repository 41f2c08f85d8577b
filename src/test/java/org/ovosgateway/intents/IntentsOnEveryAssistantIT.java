// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.intents;

import java.time.Duration;

import com.fasterxml.jackson.databind.JsonNode;
import org.ovosgateway.demo.Message;
import org.ovosgateway.testing.Assistant;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.OnEveryAssistant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What an assistant understands, and what it does no longer. */
class IntentsOnEveryAssistantIT {

    private static final String HELLO = "ovos-skill-hello-world.openvoiceos";
    private static final String TEXT = "what time is it";

    private static String matched(Gateway gateway) {
        JsonNode preview = gateway.call("POST", "/v1/conversation/intent")
                .json(Message.object().put("text", TEXT).toString())
                .answers(200);
        return preview.at("/matched/intent").asText("none");
    }

    @OnEveryAssistant
    void listsTheIntentsOfASkill(Gateway gateway) {
        JsonNode list = gateway.call("GET", "/v1/skills/" + HELLO + "/intents").answers(200);
        JsonNode all = gateway.call("GET", "/v1/intents").answers(200);

        assertThat(list.path("results")).as(list.toString()).isNotEmpty().allSatisfy(intent -> {
            assertThat(intent.path("skill").asText()).isEqualTo(HELLO);
            JsonNode samples = intent.path("kind").asText().equals("keyword")
                    ? intent.at("/keywords/required/0/samples")
                    : intent.path("samples");
            assertThat(samples).as(intent.toString()).isNotEmpty();
        });
        assertThat(all.path("count").asInt())
                .isGreaterThanOrEqualTo(list.path("count").asInt());
    }

    @OnEveryAssistant
    void disablesAnIntentAndEnablesItAgain(Assistant assistant, Gateway gateway) {
        String intent = matched(gateway);
        String path = "/v1/skills/" + assistant.skill() + "/intents/" + intent;

        gateway.call("PUT", path + "/disable").answers(204);
        try {
            // the core hears of it at the same time as the gateway
            await().atMost(Duration.ofSeconds(30)).until(() -> !matched(gateway).equals(intent));
            gateway.call("PUT", path + "/disable").answers(204);
        } finally {
            gateway.call("PUT", path + "/enable").answers(204);
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> matched(gateway).equals(intent));
    }
}
