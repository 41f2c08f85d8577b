// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.List;

/** A part that knows, before it has started, what is wrong with its files: for the command {@code check}. */
public interface Inspected {

    /** What is looked at, such as "users". */
    String subject();

    /** What is wrong, each with the file, and the line where there is one; empty when all is well. May block. */
    List<String> problems();
}
