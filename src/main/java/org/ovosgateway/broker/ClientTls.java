// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import org.ovosgateway.Certificate;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.PeriodicTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TLS of the broker's clients: a new connection gets the certificate that is in the files, earlier ones keep theirs. */
final class ClientTls {

    private static final Logger LOG = LoggerFactory.getLogger(ClientTls.class);
    private static final long CHECK_SECONDS = 10;

    private final Certificate certificate;
    private volatile SslContext context;
    private ScheduledExecutorService thread;

    ClientTls(Certificate certificate) {
        this.certificate = certificate;
    }

    /**
     * Reads the certificate, and again when it changes. Blocks.
     *
     * @throws InvalidConfigurationException when it cannot be used
     */
    void open() {
        context = context(certificate.read());
        // files are not read on the broker's event loop
        thread = Executors.newSingleThreadScheduledExecutor(task -> {
            var made = new Thread(task, "mqtt-broker-certificate");
            made.setDaemon(true);
            return made;
        });
        thread.scheduleWithFixedDelay(
                new PeriodicTask("Reading the certificate of the MQTT broker", this::renew),
                CHECK_SECONDS,
                CHECK_SECONDS,
                TimeUnit.SECONDS);
    }

    SslHandler handler(ByteBufAllocator buffers) {
        return context.newHandler(buffers);
    }

    /** Looks whether the certificate's files have changed, and uses them if they are good. Blocks. */
    void renew() {
        try {
            certificate.readIfChanged().ifPresent(keys -> {
                context = context(keys);
                LOG.info("The certificate of the MQTT broker has changed and is used from now on");
            });
        } catch (InvalidConfigurationException e) {
            LOG.warn("The changed certificate is not used, the previous one stays. {} {}", e.getMessage(), e.remedy());
        }
    }

    private static SslContext context(KeyManagerFactory keys) {
        try {
            return SslContextBuilder.forServer(keys)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
    }

    void close() {
        if (thread != null) {
            thread.shutdownNow();
        }
    }
}
