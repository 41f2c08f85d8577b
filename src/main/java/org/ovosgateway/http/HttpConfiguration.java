// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the one Vert.x of the process, and what all listeners share. */
@Configuration(proxyBeanMethods = false)
class HttpConfiguration {

    @Bean
    Vertx vertx(HttpProperties http) {
        return Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(Math.max(
                        http.effectiveEventLoops(), Runtime.getRuntime().availableProcessors()))
                .setWorkerPoolSize(http.workers())
                // used when its library is there, else NIO
                .setPreferNativeTransport(true)
                // routes may take their time on a worker; only a stalled event loop is worth a word
                .setMaxWorkerExecuteTime(10)
                .setMaxWorkerExecuteTimeUnit(TimeUnit.MINUTES)
                .setBlockedThreadCheckInterval(5)
                .setBlockedThreadCheckIntervalUnit(TimeUnit.SECONDS)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
    }

    @Bean
    TrustedProxies trustedProxies(HttpProperties http) {
        return TrustedProxies.of(http.trustedProxies());
    }

    @Bean
    StreamLimit streamLimit(HttpProperties http, MeterRegistry registry) {
        return new StreamLimit(http, registry);
    }

    @Bean
    Load load(HttpProperties http, MeterRegistry registry) {
        return new Load(http, registry);
    }
}
