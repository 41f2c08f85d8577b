// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

/**
 * Something that went wrong on the bus of a device without failing a call.
 *
 * @param device its name under {@code ovos.devices}
 * @param type stable name, such as {@code message-skipped}
 * @param detail what was wrong, and what to do
 */
public record Incident(String device, String type, String detail) {}
