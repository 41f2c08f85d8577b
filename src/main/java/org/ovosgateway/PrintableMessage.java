// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.regex.Pattern;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/**
 * The message of a line in the log, without what moves the cursor of a terminal or turns the direction of a line, wherever
 * it came from. Line breaks stay: some messages have more than one line, and {@link LogText} escapes those of callers.
 */
public final class PrintableMessage extends MessageConverter {

    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}&&[^\\n\\t]]");

    @Override
    public String convert(ILoggingEvent event) {
        return UNPRINTABLE.matcher(super.convert(event)).replaceAll("?");
    }
}
