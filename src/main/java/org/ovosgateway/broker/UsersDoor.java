// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import org.ovosgateway.LogText;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.Proofs;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Component;

/** Lets in the gateway's own users who may do everything or have the scope {@code mqtt:connect}. */
@Component
@ConditionalOnBooleanProperty("ovos.mqtt.broker.enabled")
final class UsersDoor implements Door {

    static final String SCOPE = "mqtt:connect";

    private static final Logger LOG = LoggerFactory.getLogger(UsersDoor.class);
    private static final int LIMITED = 429;
    private static final int UNKNOWN = 503;

    private final Proofs proofs;

    UsersDoor(Proofs proofs) {
        this.proofs = proofs;
    }

    @Override
    public CompletionStage<Answer> knock(String user, String password, String address) {
        if (user == null || password == null) {
            return CompletableFuture.completedFuture(Answer.of(Verdict.REFUSED));
        }
        return proofs.check(user, password, address)
                .handle((caller, failure) -> failure == null ? answer(caller) : Answer.of(verdict(failure)));
    }

    private static Answer answer(Supplier<Caller> caller) {
        Caller now = caller.get();
        if (now.may(SCOPE)) {
            return new Answer(Verdict.WELCOME, () -> caller.get().may(SCOPE));
        }
        LOG.info("{} has not the scope {} and is not let in to the MQTT broker", LogText.of(now.name()), SCOPE);
        return Answer.of(Verdict.REFUSED);
    }

    private static Verdict verdict(Throwable failure) {
        if (failure instanceof ProblemException told) {
            int status = told.problem().status();
            return status == LIMITED || status == UNKNOWN ? Verdict.LATER : Verdict.REFUSED;
        }
        LOG.error("A password could not be checked", failure);
        return Verdict.LATER;
    }
}
