// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

/** The parts of an assistant that can be present or absent on the bus. */
public enum AssistantPart {
    /** ovos-core: skills, intents, sessions. */
    CORE,
    /** The companion skill {@code skill-rest-api.smartgic}. */
    COMPANION,
    /** ovos-audio: what is spoken aloud. */
    AUDIO,
    /** ovos-dinkum-listener: microphone, sleep. */
    LISTENER,
    /** ovos-PHAL: volume, internet check. */
    PHAL
}
