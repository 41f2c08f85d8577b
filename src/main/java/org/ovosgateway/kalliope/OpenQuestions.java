// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.time.Duration;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.ovosgateway.auth.Caller;

/** Questions to users: the next order of the user is the answer. */
final class OpenQuestions {

    private static final int MOST = 1_000;

    private final Cache<String, Question> byUser;

    /** @param patience how long a question is open */
    OpenQuestions(Duration patience) {
        this.byUser = Caffeine.newBuilder()
                .maximumSize(MOST)
                .expireAfterWrite(patience)
                .executor(Runnable::run)
                .build();
    }

    /**
     * A question to a user.
     *
     * @param run that goes on with the answer; null where the assistant alone has asked
     * @param conversation in which the assistant has asked; null where a neuron has
     */
    record Question(Run run, String conversation) {}

    void put(Caller user, Question question) {
        byUser.put(user.id(), question);
    }

    /** Takes the question of a user away, so that one order alone is its answer; null where there is none. */
    Question take(Caller user) {
        return byUser.asMap().remove(user.id());
    }
}
