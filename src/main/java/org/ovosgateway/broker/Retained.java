// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last message of each topic on which one was published to be kept.
 *
 * <p>When there are too many, the user who keeps most makes room for the others. Used on the broker's thread only.
 */
final class Retained {

    private static final Logger LOG = LoggerFactory.getLogger(Retained.class);

    /** Topics that one step looks at, so that the other clients have their turn. */
    private static final int STEP = 500;

    private final BrokerProperties.Limits limits;
    private final Memory memory;
    private final NavigableMap<String, PublishedMessage> messages = new TreeMap<>();
    private long bytes;
    private boolean warned;

    Retained(BrokerProperties.Limits limits, Memory memory) {
        this.limits = limits;
        this.memory = memory;
    }

    /**
     * One step through the messages that a filter fits, in the order of their topics.
     *
     * @param message one that fits, or null if there was none in this step
     * @param last the topic where the next step goes on; null at the end
     */
    record Step(PublishedMessage message, String last) {}

    /** @param after where the step before ended; null to begin */
    Step next(String filter, String after) {
        String prefix = Topics.prefix(filter);
        var rest = after == null ? messages.tailMap(prefix, true) : messages.tailMap(after, false);
        int looks = 0;
        for (var entry : rest.entrySet()) {
            String topic = entry.getKey();
            if (!topic.startsWith(prefix)) {
                break;
            }
            if (Topics.fits(filter, topic) && !entry.getValue().isExpired()) {
                return new Step(entry.getValue(), topic);
            }
            if (++looks == STEP) {
                return new Step(null, topic);
            }
        }
        return new Step(null, null);
    }

    /** Keeps a message, or forgets the one of its topic if it is empty; false if there is no room. */
    boolean keep(PublishedMessage message) {
        if (message.payload().length == 0) {
            forget(messages.get(message.topic()));
            return true;
        }
        if (!fits(message)) {
            dropExpired();
        }
        while (!fits(message)) {
            PublishedMessage oldest = oldestOfWhoHasMost(message);
            if (oldest == null) {
                warn();
                return false;
            }
            forget(oldest);
        }
        forget(messages.get(message.topic()));
        memory.hold(null, message);
        messages.put(message.topic(), message);
        bytes += message.size();
        return true;
    }

    private boolean fits(PublishedMessage message) {
        PublishedMessage before = messages.get(message.topic());
        long without = bytes - (before == null ? 0 : before.size());
        return without + message.size() <= limits.retainedMemory().toBytes()
                && (before != null || messages.size() < limits.retained());
    }

    /** Null if that is the user who wants to keep another. */
    private PublishedMessage oldestOfWhoHasMost(PublishedMessage wanted) {
        Map<String, Long> users = new HashMap<>();
        messages.values().forEach(message -> users.merge(message.user(), (long) message.size(), Long::sum));
        users.merge(wanted.user(), (long) wanted.size(), Long::sum);
        String most = users.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElseThrow();
        if (most.equals(wanted.user())) {
            return null;
        }
        PublishedMessage oldest = null;
        for (PublishedMessage message : messages.values()) {
            if (message.user().equals(most) && (oldest == null || message.isOlderThan(oldest))) {
                oldest = message;
            }
        }
        return oldest;
    }

    private void warn() {
        if (!warned) {
            warned = true;
            LOG.warn(
                    "The MQTT broker keeps {} retained messages already, with {} bytes; more are refused,"
                            + " see ovos.mqtt.broker.limits",
                    messages.size(),
                    bytes);
        }
    }

    private void forget(PublishedMessage message) {
        if (message != null && messages.remove(message.topic(), message)) {
            bytes -= message.size();
            memory.letGo(message);
        }
    }

    private void dropExpired() {
        for (Iterator<PublishedMessage> all = messages.values().iterator(); all.hasNext(); ) {
            PublishedMessage message = all.next();
            if (message.isExpired()) {
                all.remove();
                bytes -= message.size();
                memory.letGo(message);
            }
        }
    }
}
