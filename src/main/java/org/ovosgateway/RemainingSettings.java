// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** A source of settings as if some of them were not in it. */
final class RemainingSettings extends EnumerablePropertySource<EnumerablePropertySource<?>>
        implements OriginLookup<String> {

    private final Set<String> without;

    private RemainingSettings(EnumerablePropertySource<?> all, Set<String> without) {
        super(all.getName(), all);
        this.without = without;
    }

    static PropertySource<?> of(PropertySource<?> all, Set<String> without) {
        if (EnvFilePostProcessor.isEnvFile(all)) {
            return EnvFilePostProcessor.without(all, without);
        }
        if (all instanceof SystemEnvironmentPropertySource system) {
            // Spring reads names of variables in a source of this type only
            Map<String, Object> left = new HashMap<>(system.getSource());
            left.keySet().removeAll(without);
            return new SystemEnvironmentPropertySource(all.getName(), left);
        }
        // the command line is given without them
        return all instanceof EnumerablePropertySource<?> names && !(all instanceof CommandLinePropertySource)
                ? new RemainingSettings(names, without)
                : all;
    }

    @Override
    public String[] getPropertyNames() {
        return Stream.of(source.getPropertyNames())
                .filter(name -> !without.contains(name))
                .toArray(String[]::new);
    }

    @Override
    public Object getProperty(String name) {
        return without.contains(name) ? null : source.getProperty(name);
    }

    @Override
    public Origin getOrigin(String name) {
        return OriginLookup.getOrigin(source, name);
    }
}
