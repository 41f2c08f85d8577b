// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

/**
 * Why a message did not act.
 *
 * @param reason stable word: {@code retained}, {@code duplicate}, {@code expired}, {@code too-large}, {@code too-many}, or
 *     the type of a problem
 * @param detail the same, told to a person
 */
public record Refusal(String reason, String detail) {}
