// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.Map;

import com.github.benmanes.caffeine.cache.Ticker;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.util.PropertiesHelper;
import org.ovosgateway.command.Commands;
import org.ovosgateway.mqtt.ConditionalOnMqtt;
import org.springframework.stereotype.Component;

/** {@code button:<family>}: reads presses out of a message, and runs the commands that the gestures stand for. */
@Component("button-component")
@ConditionalOnMqtt
class ButtonComponent extends DefaultComponent {

    private final Commands commands;
    private final Memory memory = new Memory(Ticker.systemTicker());

    ButtonComponent(Commands commands) {
        this.commands = commands;
    }

    Commands commands() {
        return commands;
    }

    /** Outlives endpoints, so that an edited route knows what was pressed before. */
    Memory memory() {
        return memory;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String family, Map<String, Object> parameters) throws Exception {
        Map<String, Object> on = PropertiesHelper.extractProperties(parameters, "on.");
        ButtonEndpoint endpoint = new ButtonEndpoint(uri, this, Family.of(family), on);
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
