// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.time.Duration;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Users, tokens and log in.
 *
 * @param secret signs the tokens, at least 32 bytes; empty: one is made and kept in the state directory
 * @param previousSecret tokens signed with it are still accepted, so that the secret can be changed; empty: none
 * @param users path of the JSON list of users, reloaded when it changes
 * @param accessTokenLifetime how long an access token is good for
 * @param refreshTokenLifetime how long a refresh token is good for
 */
@Validated
@ConfigurationProperties("ovos.auth")
record AuthProperties(
        @DefaultValue("") String secret,
        @DefaultValue("") String previousSecret,
        @DefaultValue(AuthProperties.USERS) String users,
        @DefaultValue("30m") @DurationMin(seconds = 1) Duration accessTokenLifetime,
        @DefaultValue("6h") @DurationMin(seconds = 1) Duration refreshTokenLifetime,
        @DefaultValue @Valid Hashing hashing,
        @DefaultValue @Valid Attempts attempts) {

    static final String USERS = "users.json";

    AuthProperties {
        // docker compose hands over a variable that is not set as an empty one
        users = users.isBlank() ? USERS : users;
    }

    /**
     * The pool that hashes passwords, so that nothing else waits for it.
     *
     * @param threads 0: one for every two processors, at most 2
     * @param queue logins that may wait for a thread; more are answered with 503
     */
    record Hashing(
            @DefaultValue("0") @Min(0) @Max(64) int threads,
            @DefaultValue("32") @Min(1) @Max(10_000) int queue) {

        int threadsOrDefault() {
            return threads > 0
                    ? threads
                    : Math.max(1, Math.min(2, Runtime.getRuntime().availableProcessors() / 2));
        }
    }

    /**
     * How many log ins may fail.
     *
     * @param perUser within the window, from wherever they come and whether there is such a user or not
     * @param perAddress within the window; an IPv6 network of 64 bits counts as one address
     * @param window the time that is looked back
     */
    record Attempts(
            @DefaultValue("10") @Min(1) @Max(1000) int perUser,
            @DefaultValue("30") @Min(1) @Max(1000) int perAddress,
            @DefaultValue("5m") @DurationMin(seconds = 1) Duration window) {}

    /** Without the secrets. */
    @Override
    public String toString() {
        return "AuthProperties[users=" + users + ", accessTokenLifetime=" + accessTokenLifetime
                + ", refreshTokenLifetime=" + refreshTokenLifetime + ", hashing=" + hashing + ", attempts=" + attempts
                + "]";
    }
}
