// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.lang.reflect.InvocationTargetException;

/**
 * The main class of the jar. It is compiled for Java 8, so that an older Java says what is missing instead of ending with
 * an UnsupportedClassVersionError.
 */
public final class Main {

    private static final int OLDEST = 17;
    /** Of the jar with all libraries inside; the installed one has them beside it and needs no launcher. */
    private static final String LAUNCHER = "org.springframework.boot.loader.launch.JarLauncher";

    private static final String GATEWAY = "org.ovosgateway.GatewayApplication";

    private Main() {}

    public static void main(String[] args) throws Throwable {
        String refusal = refusal(
                System.getProperty("java.specification.version"),
                System.getProperty("java.version"),
                System.getProperty("java.home"));
        if (refusal != null) {
            System.err.println(refusal);
            System.exit(1);
        }
        try {
            next().getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** Why this Java cannot run the gateway, in three lines; null if it can. */
    static String refusal(String specification, String version, String home) {
        return release(specification) >= OLDEST
                ? null
                : "The gateway cannot start.\n"
                        + "It needs Java " + OLDEST + " or newer, and this is Java " + version + " in " + home + ".\n"
                        + "Install a newer one (Debian: apt install openjdk-17-jre-headless), and start it by its full path.";
    }

    /** 8 for 1.8, and 11 for 11. */
    private static int release(String specification) {
        return Integer.parseInt(specification.replaceFirst("^1\\.", "").replaceFirst("\\..*", ""));
    }

    private static Class<?> next() throws ClassNotFoundException {
        try {
            return Class.forName(LAUNCHER);
        } catch (ClassNotFoundException installed) {
            return Class.forName(GATEWAY);
        }
    }
}
