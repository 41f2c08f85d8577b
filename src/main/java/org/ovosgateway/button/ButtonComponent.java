// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.Map;
import java.util.function.Function;

import com.github.benmanes.caffeine.cache.Ticker;
import io.vertx.core.Future;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.util.PropertiesHelper;
import org.ovosgateway.command.Call;
import org.ovosgateway.command.Commands;
import org.ovosgateway.mqtt.ConditionalOnMqtt;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** {@code button:<family>}: reads presses out of a message, and runs the commands that the gestures stand for. */
@Component("button-component")
@ConditionalOnMqtt
class ButtonComponent extends DefaultComponent {

    private final Function<Call, Future<Object>> commands;
    private final Memory memory = new Memory(Ticker.systemTicker());

    @Autowired
    ButtonComponent(Commands commands) {
        this(commands::run);
    }

    ButtonComponent(Function<Call, Future<Object>> commands) {
        this.commands = commands;
    }

    /** Runs commands. */
    Function<Call, Future<Object>> commands() {
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
