// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.util.ArrayList;
import java.util.List;

import io.vertx.core.Vertx;
import org.ovosgateway.http.Load;
import org.ovosgateway.http.Uploads;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** Where the sounds of one client are, in memory and on disk; counted with the bodies and uploads of HTTP. */
final class SoundMemory {

    private final Load load;
    private final Vertx vertx;
    private final List<Uploads.Place> places = new ArrayList<>(2);
    private long held;

    SoundMemory(Load load, Vertx vertx) {
        this.load = load;
        this.vertx = vertx;
    }

    /** Bytes in memory. */
    long held() {
        return held;
    }

    /** @throws ProblemException 503 where there is no room for more bytes in memory */
    void hold(long bytes) {
        if (bytes > 0) {
            if (!load.takeBody(true, (int) bytes)) {
                throw new ProblemException(new Problem(
                        "busy",
                        "The gateway is busy",
                        503,
                        "It has no room for more sounds now (ovos.http.max-bodies). Try again later."));
            }
            held += bytes;
        }
    }

    /** A place on disk. */
    Uploads.Place place() {
        Uploads.Place place = load.uploads().place();
        places.add(place);
        return place;
    }

    /** Ends all of it. */
    void release() {
        load.giveBackBody(true, (int) held);
        held = 0;
        places.forEach(place -> place.clear(vertx));
        places.clear();
    }
}
