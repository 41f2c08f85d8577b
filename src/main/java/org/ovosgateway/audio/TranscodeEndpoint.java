// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.util.Locale;
import java.util.Map;

import io.vertx.core.Vertx;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;
import org.ovosgateway.SimpleOptions;
import org.ovosgateway.api.Upload;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.ProblemException;

/** Make another format of the sound in the body. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "transcode",
        title = "Transcode",
        syntax = "transcode:format",
        producerOnly = true,
        category = {Category.TRANSFORMATION})
class TranscodeEndpoint extends DefaultEndpoint {

    private static final String BODY = "body";
    private static final int HIGHEST_RATE = 48_000;
    private static final int LOWEST_RATE = 8_000;
    private static final int HIGHEST_BITRATE = 320;
    private static final int LOWEST_BITRATE = 8;
    private static final int MOST_CHANNELS = 2;

    @UriPath(description = "wav, pcm, mp3, opus, flac or aac, in the Simple language; pcm are samples of 16 bits alone")
    @Metadata(required = true)
    private final String format;

    @UriParam(
            label = "producer",
            description = "Samples a second; by default those of the sound, in the Simple language")
    private String rate = "";

    @UriParam(label = "producer", description = "1 or 2; by default those of the sound, in the Simple language")
    private String channels = "";

    @UriParam(label = "producer", description = "Kilobits a second of mp3, opus and aac, in the Simple language")
    private String bitrate = "";

    @UriParam(
            label = "producer",
            description =
                    "Samples a second of a sound that is bare samples of 16 bits, in the Simple language. A sound with a"
                            + " header of WAV is read by that")
    private String pcmRate = "";

    @UriParam(label = "producer", defaultValue = "1", description = "Channels of such samples, in the Simple language")
    private String pcmChannels = "1";

    private SimpleOptions options;

    TranscodeEndpoint(String uri, TranscodeComponent component, String format) {
        super(uri, component);
        this.format = format;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        options = new SimpleOptions(
                getCamelContext(),
                Map.of(
                        "format",
                        format,
                        "rate",
                        rate,
                        "channels",
                        channels,
                        "bitrate",
                        bitrate,
                        "pcmRate",
                        pcmRate,
                        "pcmChannels",
                        pcmChannels));
    }

    @Override
    public Producer createProducer() {
        return new TranscodeProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException("transcode: is for to, not for from");
    }

    Transcoder transcoder() {
        return ((TranscodeComponent) getComponent()).transcoder();
    }

    Vertx vertx() {
        return ((TranscodeComponent) getComponent()).vertx();
    }

    /** The sound in the body, to be opened on a thread that may block. */
    Transcoder.Opener sound(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (!(body instanceof Upload) && !(body instanceof byte[])) {
            throw new ProblemException(Problems.validation(BODY, "must be a sound"));
        }
        int bare = number(exchange, "pcmRate", LOWEST_RATE, HIGHEST_RATE);
        int each = number(exchange, "pcmChannels", 1, MOST_CHANNELS);
        return () -> bare > 0 ? AudioFile.ofSamples(body, bare, each, BODY) : AudioFile.of(body, BODY);
    }

    /** @throws ProblemException 422 for what cannot be made */
    TargetFormat target(Exchange exchange) {
        return new TargetFormat(
                kind(options.value(exchange, "format")),
                number(exchange, "rate", LOWEST_RATE, HIGHEST_RATE),
                number(exchange, "channels", 1, MOST_CHANNELS),
                number(exchange, "bitrate", LOWEST_BITRATE, HIGHEST_BITRATE));
    }

    private static TargetFormat.Kind kind(String name) {
        for (TargetFormat.Kind kind : TargetFormat.Kind.values()) {
            if (kind.name().toLowerCase(Locale.ROOT).equals(name)) {
                return kind;
            }
        }
        throw new ProblemException(Problems.validation("format", "has to be one of wav, pcm, mp3, opus, flac, aac"));
    }

    /** 0 for none. */
    private int number(Exchange exchange, String option, int least, int most) {
        String text = options.value(exchange, option);
        if (text == null) {
            return 0;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // refused below
        }
        throw new ProblemException(
                Problems.validation(option, "has to be a number from %d to %d".formatted(least, most)));
    }

    public String getFormat() {
        return format;
    }

    public String getRate() {
        return rate;
    }

    public void setRate(String rate) {
        this.rate = rate;
    }

    public String getChannels() {
        return channels;
    }

    public void setChannels(String channels) {
        this.channels = channels;
    }

    public String getBitrate() {
        return bitrate;
    }

    public void setBitrate(String bitrate) {
        this.bitrate = bitrate;
    }

    public String getPcmRate() {
        return pcmRate;
    }

    public void setPcmRate(String pcmRate) {
        this.pcmRate = pcmRate;
    }

    public String getPcmChannels() {
        return pcmChannels;
    }

    public void setPcmChannels(String pcmChannels) {
        this.pcmChannels = pcmChannels;
    }
}
