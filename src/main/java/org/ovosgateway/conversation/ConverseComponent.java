// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.util.Map;

import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * Conversations with the assistants as a Camel component: {@code converse:ask} says something, {@code converse:match} finds
 * out which intent would take it, {@code converse:end} ends one.
 */
@Component("converse")
@EnableConfigurationProperties(ConversationProperties.class)
class ConverseComponent extends DefaultComponent {

    private final Conversations conversations;

    ConverseComponent(Conversations conversations) {
        this.conversations = conversations;
    }

    Conversations conversations() {
        return conversations;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String operation, Map<String, Object> parameters) throws Exception {
        ConverseEndpoint endpoint = new ConverseEndpoint(uri, this, operation);
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
