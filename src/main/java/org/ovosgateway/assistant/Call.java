// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import org.ovosgateway.DryRun;
import org.ovosgateway.auth.Caller;

/**
 * A command to a device.
 *
 * @param device name under {@code ovos.devices}
 * @param command such as {@code stop}
 * @param payload text, a map of JSON members, or null
 * @param caller on whose behalf
 * @param dryRun notes what would be done; null when it is to be done
 */
public record Call(String device, String command, Object payload, Caller caller, DryRun dryRun) {}
