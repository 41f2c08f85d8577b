// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.chat;

import java.util.ArrayList;
import java.util.List;

import org.ovosgateway.Ellipsis;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/** The assistants as names of language models: {@code ovos} is the usual one, {@code ovos:kitchen} the device kitchen. */
@Component
class Models {

    static final String USUAL = "ovos";

    private static final String LATEST = USUAL + ":latest";
    static final String PREFIX = USUAL + ":";
    private static final int LONGEST_QUOTE = 64;

    private final Devices devices;

    Models(Devices devices) {
        this.devices = devices;
    }

    /** The models that a caller may use, the usual one first. */
    List<String> of(Caller caller) {
        List<String> models = new ArrayList<>();
        if (caller.mayUse(Devices.DEFAULT) || caller.devices().size() == 1) {
            models.add(USUAL);
        }
        devices.names().stream()
                .filter(caller::mayUse)
                .filter(name -> models.isEmpty() || !name.equals(caller.device(Devices.DEFAULT)))
                .forEach(name -> models.add(PREFIX + name));
        return models;
    }

    /**
     * The device that a model stands for.
     *
     * @throws ProblemException 404 {@code unknown-model} where the caller has no such model, 403 where no device is meant
     */
    String device(Caller caller, String model) {
        if (model.equals(USUAL) || model.equals(LATEST)) {
            return devices.of(caller, null).name();
        }
        String name = model.startsWith(PREFIX) ? model.substring(PREFIX.length()) : "";
        if (!devices.names().contains(name) || !caller.mayUse(name)) {
            throw new ProblemException(new Problem(
                    "unknown-model",
                    "There is no such model",
                    404,
                    "There is no model '%s'; there are %s."
                            .formatted(Ellipsis.cut(model, LONGEST_QUOTE), String.join(", ", of(caller)))));
        }
        return name;
    }
}
