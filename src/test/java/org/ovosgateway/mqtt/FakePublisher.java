// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Keeps what is published. */
final class FakePublisher implements Publisher {

    private final List<String> published = Collections.synchronizedList(new ArrayList<>());
    private final List<Runnable> actions = new ArrayList<>();

    @Override
    public String base() {
        return "ovos";
    }

    @Override
    public void publish(String topic, String payload, boolean retain) {
        published.add((retain ? "retained " : "") + topic + " " + payload);
    }

    @Override
    public void onConnected(Runnable action) {
        actions.add(action);
    }

    /** The broker is there again. */
    void connected() {
        actions.forEach(Runnable::run);
    }

    void clear() {
        published.clear();
    }

    /** What was published, as {@code retained <topic> <payload>}. */
    List<String> published() {
        return List.copyOf(published);
    }

    /** The payloads published on a topic. */
    List<String> on(String topic) {
        return published().stream()
                .map(line -> line.replaceFirst("^retained ", ""))
                .filter(line -> line.startsWith(topic + " "))
                .map(line -> line.substring(topic.length() + 1))
                .toList();
    }
}
