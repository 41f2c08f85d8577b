// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.ovosgateway.auth.Caller;

/** One deed or one utterance, and what came of it; guarded by the history that has it. */
final class HistoryEntry {

    static final String UNDER_WAY = "under_way";
    static final String DONE = "done";
    static final String FAILED = "failed";

    private static final int LONGEST_TEXT = 1_000;
    private static final int MOST_SAID = 20;
    private static final int OVERHEAD = 600;

    private final Instant time = Instant.now();
    private final long begun = System.nanoTime();
    private final String device;
    private String requestId;
    private String by = "device";
    private String user;
    private String route;
    private String conversation;
    private Map<String, Object> sent;
    private Map<String, Object> heard;
    private Map<String, Object> matched;
    private final List<Map<String, Object>> said = new ArrayList<>();
    private Map<String, Object> failure;
    private String status = UNDER_WAY;
    private Long milliseconds;
    private int size = OVERHEAD;

    HistoryEntry(String device, String requestId) {
        this.device = device;
        this.requestId = requestId;
    }

    /** On whose behalf it is, and by which route. */
    void of(Caller caller, String id, String routeId) {
        by = caller.kind().name().toLowerCase(Locale.ROOT);
        user = caller.name().isEmpty() ? null : cut(caller.name());
        requestId = id == null ? requestId : id;
        route = routeId;
    }

    void inConversation(String id) {
        conversation = id;
    }

    void sent(String type, Map<String, Object> data) {
        sent = new LinkedHashMap<>();
        sent.put("type", type);
        sent.put("data", data);
        size += 2 * data.toString().length();
    }

    void heard(Object text, Object lang) {
        heard = texts("text", text, "lang", lang);
    }

    void matched(Object skill, Object intent) {
        matched = texts("skill", skill, "intent", intent);
    }

    void said(Object text, Object skill) {
        if (said.size() < MOST_SAID) {
            said.add(texts("text", text, "skill", skill));
        }
    }

    /** Why it failed; the first reason counts. */
    void failed(String type, String detail) {
        if (failure == null) {
            failure = texts("type", type, "detail", detail);
        }
        ended(FAILED);
    }

    /** How it ended; what has failed stays so. */
    void ended(String how) {
        if (milliseconds == null) {
            milliseconds = (System.nanoTime() - begun) / 1_000_000;
        }
        if (status.equals(UNDER_WAY) || status.equals(DONE)) {
            status = how;
        }
    }

    /** Whether so much time has passed that what is said now is of something else. */
    boolean isOld(long nanos) {
        return System.nanoTime() - begun > nanos;
    }

    private Map<String, Object> texts(String one, Object first, String other, Object second) {
        Map<String, Object> texts = new LinkedHashMap<>();
        put(texts, one, first);
        put(texts, other, second);
        return texts;
    }

    private void put(Map<String, Object> texts, String key, Object value) {
        if (value != null) {
            String text = cut(value.toString());
            texts.put(key, text);
            size += 2 * text.length() + 64;
        }
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
    }

    /** Bytes in memory, about. */
    int size() {
        return size;
    }

    String requestId() {
        return requestId;
    }

    boolean isFor(Caller caller) {
        boolean own = caller.kind() == Caller.Kind.USER
                && by.equals("user")
                && caller.name().equals(user);
        return caller.mayUse(device) && (own || caller.may(History.ALL));
    }

    Map<String, Object> shown() {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("request_id", requestId);
        shown.put("time", time.truncatedTo(ChronoUnit.MILLIS).toString());
        shown.put("device", device);
        shown.put("by", by);
        shown.put("status", status);
        addIfKnown(shown, "user", user);
        addIfKnown(shown, "route", route);
        addIfKnown(shown, "conversation_id", conversation);
        addIfKnown(shown, "sent", sent);
        addIfKnown(shown, "heard", heard);
        addIfKnown(shown, "matched", matched);
        if (!said.isEmpty()) {
            shown.put("said", List.copyOf(said));
        }
        addIfKnown(shown, "failure", failure);
        addIfKnown(shown, "duration_ms", milliseconds);
        return shown;
    }

    private static void addIfKnown(Map<String, Object> shown, String key, Object value) {
        if (value != null) {
            shown.put(key, value);
        }
    }
}
