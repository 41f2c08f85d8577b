// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.health;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the registry that every part counts in, with the figures of the Java process. */
@Configuration(proxyBeanMethods = false)
class MetricsConfiguration {

    @Bean
    PrometheusMeterRegistry meterRegistry(ObjectProvider<MeterBinder> binders) {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        binders.forEach(binder -> binder.bindTo(registry));
        return registry;
    }

    @Bean
    MeterBinder memoryMetrics() {
        return new JvmMemoryMetrics();
    }

    @Bean
    JvmGcMetrics gcMetrics() {
        return new JvmGcMetrics();
    }

    @Bean
    MeterBinder threadMetrics() {
        return new JvmThreadMetrics();
    }

    @Bean
    MeterBinder processorMetrics() {
        return new ProcessorMetrics();
    }

    @Bean
    MeterBinder uptimeMetrics() {
        return new UptimeMetrics();
    }

    @Bean
    MeterBinder fileDescriptorMetrics() {
        return new FileDescriptorMetrics();
    }
}
