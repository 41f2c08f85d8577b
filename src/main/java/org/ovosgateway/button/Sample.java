// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

/** A message as a button sends it, to try routes with. */
public record Sample(String name, String family, String topic, String payload) {}
