// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.util.Map;
import java.util.concurrent.CompletionException;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;
import org.apache.camel.support.SynchronizationAdapter;
import org.ovosgateway.DryRun;
import org.ovosgateway.RouteThread;

/** Makes another format of the sound in the body. No thread waits for it but those of the transcoder. */
class TranscodeProducer extends DefaultAsyncProducer {

    private final TranscodeEndpoint endpoint;

    TranscodeProducer(TranscodeEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            DryRun dryRun = DryRun.of(exchange);
            if (dryRun != null) {
                dryRun.note(Map.of("transcodes", endpoint.getFormat()));
                callback.done(true);
                return true;
            }
            TargetFormat target = endpoint.target(exchange);
            RouteThread thread = new RouteThread(endpoint.vertx());
            endpoint.transcoder().transcode(endpoint.sound(exchange), target).whenComplete((sound, failure) -> {
                if (failure != null) {
                    exchange.setException(failure instanceof CompletionException ? failure.getCause() : failure);
                } else if (sound != null) {
                    put(sound, exchange);
                } else {
                    exchange.getMessage()
                            .setHeader(Exchange.CONTENT_TYPE, target.kind().mediaType());
                }
                thread.run(false, () -> callback.done(false));
            });
            return false;
        } catch (RuntimeException e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
    }

    private static void put(Transcoder.Sound sound, Exchange exchange) {
        exchange.getMessage().setBody(sound.content());
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, sound.mediaType());
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                sound.over().run();
            }
        });
    }
}
