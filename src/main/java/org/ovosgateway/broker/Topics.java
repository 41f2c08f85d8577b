// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

/** Topics and the filters that fit them, MQTT 5.0, 4.7. */
final class Topics {

    static final int MAX_LENGTH = 1024;

    private Topics() {}

    /** Whether a client may publish there. Topics that begin with a dollar sign are the broker's own. */
    static boolean isValidName(String topic) {
        return topic != null
                && !topic.isEmpty()
                && topic.length() <= MAX_LENGTH
                && topic.charAt(0) != '$'
                && topic.indexOf('#') < 0
                && topic.indexOf('+') < 0;
    }

    /** Whether a valid filter fits a topic; takes as long as they are, whatever is in them. */
    static boolean fits(String filter, String topic) {
        // [MQTT-4.7.2-1]
        if (topic.charAt(0) == '$' && filter.charAt(0) != '$') {
            return false;
        }
        int at = 0;
        for (int i = 0; i < filter.length(); i++) {
            char c = filter.charAt(i);
            if (c == '#') {
                return true;
            }
            if (c == '+') {
                int slash = topic.indexOf('/', at);
                at = slash < 0 ? topic.length() : slash;
            } else if (at < topic.length() && topic.charAt(at) == c) {
                at++;
            } else {
                // "a/#" fits "a"
                return at == topic.length() && c == '/' && i + 2 == filter.length() && filter.charAt(i + 1) == '#';
            }
        }
        return at == topic.length();
    }

    /** What all topics that a filter fits begin with. */
    static String prefix(String filter) {
        int end = filter.length();
        for (int i = 0; i < end; i++) {
            char c = filter.charAt(i);
            if (c == '+' || c == '#') {
                end = i;
            }
        }
        boolean wild = end < filter.length();
        return filter.substring(0, wild && end > 0 ? end - 1 : end);
    }
}
