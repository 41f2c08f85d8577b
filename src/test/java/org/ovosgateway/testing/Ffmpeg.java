// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.nio.file.Path;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The ffmpeg of this machine, or one of PyPI. Where it cannot be had the class is skipped, with the reason on standard error;
 * with {@code OVOS_REQUIRE_FFMPEG=true} in the environment the class fails instead.
 */
public final class Ffmpeg implements BeforeAllCallback {

    private static final OutsideProgram PROGRAM =
            new OutsideProgram("ffmpeg", "ffmpeg, or python3 with venv and PyPI", "OVOS_REQUIRE_FFMPEG");

    private Path path;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        path = PROGRAM.installFor(context);
    }

    /** For {@code ovos.audio.ffmpeg}. */
    public String path() {
        return path.toString();
    }
}
