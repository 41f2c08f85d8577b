// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.net.URI;

import org.ovosgateway.demo.AssistantPart;

/** An assistant on a bus of its own: what one can do to it, and what one can see and hear of it without the gateway. */
public interface Assistant extends AutoCloseable {

    Line line();

    /** Port of the bus on 127.0.0.1. */
    int busPort();

    default URI bus() {
        return URI.create("ws://127.0.0.1:" + busPort() + "/core");
    }

    /** A client of the bus that hears all from now on; close it. */
    BusClient overhear();

    /** What the gateway sends from now on; close it. */
    GatewayTraffic overhearGateway();

    /** Somebody says the wake word, and then this. It understands what is in PHRASES of the plugins for tests. */
    void hear(String phrase);

    /** What has come out of the loudspeaker. */
    Recording loudspeaker();

    /** The volume that the loudspeaker has, 0 to 100. */
    int volume();

    boolean isVolumeMuted();

    /** Somebody turns the knob: nothing is said about it on the bus. */
    void turnVolume(int percent);

    /** The id of a skill that answers "what time is it". */
    String skill();

    /** How many texts its voice has kept as sounds. */
    long cachedSounds();

    /** Ends a part at once, as if by SIGKILL. */
    void kill(AssistantPart part);

    /** A part stays connected, but does nothing, as after SIGSTOP. */
    void freeze(AssistantPart part);

    /** A frozen part goes on. */
    void thaw(AssistantPart part);

    /** Starts a part that was killed, and returns when it is ready. */
    void start(AssistantPart part);

    /** Makes it as it was after its start. */
    void reset();

    /** Ends it. */
    @Override
    void close();
}
