// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

import io.vertx.core.Vertx;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;

/** {@code transcode:} in a context of its own. */
final class Transcoding implements AutoCloseable {

    private final Vertx vertx = Vertx.vertx();
    private final CamelContext context = new DefaultCamelContext();
    private final ProducerTemplate template;
    private final Transcoder transcoder;

    Transcoding(String ffmpeg) throws Exception {
        this(ffmpeg, Duration.ofMinutes(1), DataSize.ofMegabytes(8));
    }

    Transcoding(String ffmpeg, Duration timeout, DataSize most) throws Exception {
        Duration unused = Duration.ofSeconds(1);
        transcoder = new Transcoder(new AudioProperties(unused, unused, unused, ffmpeg, timeout, most));
        context.addComponent("transcode", new TranscodeComponent(transcoder, vertx));
        context.start();
        template = context.createProducerTemplate();
    }

    Transcoder transcoder() {
        return transcoder;
    }

    /** What {@code transcode:<uri>} makes of a sound. */
    Exchange send(String uri, Object sound, Map<String, Object> headers) {
        return template.send("transcode:" + uri, exchange -> {
            exchange.getMessage().setBody(sound);
            exchange.getMessage().setHeaders(new HashMap<>(headers));
        });
    }

    byte[] made(String uri, Object sound) {
        Exchange exchange = send(uri, sound, Map.of());
        assertThat(exchange.getException()).isNull();
        return exchange.getMessage().getBody(byte[].class);
    }

    Problem refused(String uri, Object sound) {
        return ((ProblemException) send(uri, sound, Map.of()).getException()).problem();
    }

    @Override
    public void close() {
        context.stop();
        transcoder.destroy();
        vertx.close();
    }
}
