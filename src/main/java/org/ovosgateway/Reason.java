// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Words why a file could not be read or written, without the names of Java's exceptions. */
public final class Reason {

    private Reason() {}

    /** A clause such as "there is no such file"; the path is not in it. */
    public static String of(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "the gateway's user may not";
        }
        if (e instanceof FileAlreadyExistsException || e instanceof NotDirectoryException) {
            return "a file is where the folder should be";
        }
        if (e instanceof DirectoryNotEmptyException) {
            return "a folder is where the file should be";
        }
        if (e instanceof CharacterCodingException) {
            return "it is not UTF-8";
        }
        String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
        return reason == null || reason.isBlank() ? "the system gives no reason" : reason;
    }
}
