// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;

import org.ovosgateway.LogText;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.Logins;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
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

    private final Logins logins;
    private final ExecutorService hashing;

    UsersDoor(Logins logins, @Qualifier("hashing") ExecutorService hashing) {
        this.logins = logins;
        this.hashing = hashing;
    }

    @Override
    public CompletionStage<Answer> knock(String user, String password, String address) {
        if (user == null || password == null) {
            return CompletableFuture.completedFuture(Answer.of(Verdict.REFUSED));
        }
        try {
            return CompletableFuture.supplyAsync(() -> check(user, password, address), hashing);
        } catch (RuntimeException full) {
            LOG.debug("No thread to check a password", full);
            return CompletableFuture.completedFuture(Answer.of(Verdict.LATER));
        }
    }

    private Answer check(String user, String password, String address) {
        try {
            Supplier<Caller> caller = logins.check(user, password, address);
            if (caller.get().may(SCOPE)) {
                return new Answer(Verdict.WELCOME, () -> caller.get().may(SCOPE));
            }
            LOG.info("{} has not the scope {} and is not let in to the MQTT broker", LogText.of(user), SCOPE);
            return Answer.of(Verdict.REFUSED);
        } catch (ProblemException e) {
            int status = e.problem().status();
            return Answer.of(status == LIMITED || status == UNKNOWN ? Verdict.LATER : Verdict.REFUSED);
        }
    }
}
