// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.ovosgateway.LogText;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.Proofs;
import org.ovosgateway.auth.Tokens;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Component;

/** Lets in the gateway's own users who may do everything or have the scope {@code mqtt:connect}. */
@Component
@ConditionalOnBooleanProperty("ovos.mqtt.broker.enabled")
final class UserAuthenticator implements ClientAuthenticator {

    static final String SCOPE = "mqtt:connect";

    private static final Logger LOG = LoggerFactory.getLogger(UserAuthenticator.class);
    private static final int LIMITED = 429;
    private static final int UNKNOWN = 503;

    private final Proofs proofs;
    private final Tokens tokens;

    UserAuthenticator(Proofs proofs, Tokens tokens) {
        this.proofs = proofs;
        this.tokens = tokens;
    }

    @Override
    public CompletionStage<Decision> authenticate(String user, String password, String address) {
        if (user == null || password == null) {
            return CompletableFuture.completedFuture(Decision.of(Verdict.REFUSED));
        }
        return proofs.check(user, password, address)
                .handle((caller, failure) -> failure == null ? answer(caller) : Decision.of(verdict(failure)));
    }

    private Decision answer(Caller caller) {
        if (caller.may(SCOPE)) {
            return new Decision(Verdict.ACCEPTED, caller.devices(), () -> stays(caller));
        }
        LOG.info("{} has not the scope {} and is not let in to the MQTT broker", LogText.of(caller.name()), SCOPE);
        return Decision.of(Verdict.REFUSED);
    }

    private boolean stays(Caller caller) {
        try {
            Caller now = tokens.present(caller);
            // what waits for a client was chosen by its devices, so with others it begins anew
            return now.may(SCOPE) && now.devices().equals(caller.devices());
        } catch (ProblemException e) {
            return false;
        }
    }

    private static Verdict verdict(Throwable failure) {
        if (failure instanceof ProblemException told) {
            int status = told.problem().status();
            return status == LIMITED || status == UNKNOWN ? Verdict.BUSY : Verdict.REFUSED;
        }
        LOG.error("A password could not be checked", failure);
        return Verdict.BUSY;
    }
}
