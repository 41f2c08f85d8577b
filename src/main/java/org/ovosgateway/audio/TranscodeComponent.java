// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.util.Map;

import io.vertx.core.Vertx;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.springframework.stereotype.Component;

/** Other formats of sounds as a Camel component: {@code transcode:mp3}. */
@Component("transcode")
class TranscodeComponent extends DefaultComponent {

    private final Transcoder transcoder;
    private final Vertx vertx;

    TranscodeComponent(Transcoder transcoder, Vertx vertx) {
        this.transcoder = transcoder;
        this.vertx = vertx;
    }

    Transcoder transcoder() {
        return transcoder;
    }

    Vertx vertx() {
        return vertx;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String format, Map<String, Object> parameters) throws Exception {
        TranscodeEndpoint endpoint = new TranscodeEndpoint(uri, this, format);
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
