// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/** Serve clients of the Wyoming protocol, such as Home Assistant. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "wyoming",
        title = "Wyoming",
        syntax = "wyoming:service",
        consumerOnly = true,
        category = {Category.IOT})
class WyomingEndpoint extends DefaultEndpoint {

    @UriPath(description = "handle: what to say to an utterance. asr: the text in a sound. tts: the sound of a text")
    @Metadata(required = true, enums = "handle,asr,tts")
    private final String service;

    @UriParam(label = "consumer", description = "Scope that the user of the server needs")
    @Metadata(required = true)
    private String scope;

    @UriParam(
            label = "consumer",
            description =
                    "Type of the bus message that asks for the languages, which clients are told; by default it is that of"
                            + " the core alone")
    private String languages;

    WyomingEndpoint(String uri, WyomingComponent component, String service) {
        super(uri, component);
        this.service = service;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        if (Service.of(service).isEmpty()) {
            throw new IllegalArgumentException(
                    "wyoming: is followed by one of %s, not '%s'".formatted(Service.labels(), service));
        }
        if (scope == null || scope.isBlank()) {
            throw new IllegalArgumentException("wyoming:%s needs the option scope".formatted(service));
        }
    }

    @Override
    public Producer createProducer() {
        throw new UnsupportedOperationException("wyoming: is for from, not for to");
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        return new WyomingConsumer(this, processor, ((WyomingComponent) getComponent()).server());
    }

    Service asked() {
        return Service.of(service).orElseThrow();
    }

    public String getService() {
        return service;
    }

    public String getScope() {
        return scope;
    }

    public void setScope(String scope) {
        this.scope = scope;
    }

    public String getLanguages() {
        return languages;
    }

    public void setLanguages(String languages) {
        this.languages = languages;
    }
}
