// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.ovosgateway.Ellipsis;
import org.ovosgateway.IntentName;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.SkillLimits;

/** A message to a device or an utterance at it, with its answers and its end. Guarded by the history that has it. */
final class HistoryEntry {

    static final String UNDER_WAY = "under_way";
    static final String DONE = "done";
    static final String FAILED = "failed";

    private static final int LONGEST_TEXT = 1_000;
    private static final int MOST_ANSWERS = 20;
    private static final int OVERHEAD = 600;

    private final Instant time = Instant.now();
    private final long startNanos = System.nanoTime();
    private final String device;
    private String requestId;
    private String origin = "device";
    private String user;
    private String route;
    private String conversation;
    private Map<String, Object> message;
    private Map<String, Object> utterance;
    private Map<String, Object> match;
    private final List<Map<String, Object>> answers = new ArrayList<>();
    private Map<String, Object> failure;
    private String status = UNDER_WAY;
    private Long durationMs;
    private int size = OVERHEAD;

    HistoryEntry(String device, String requestId) {
        this.device = device;
        this.requestId = requestId;
    }

    /** Sets the caller, the id of the call, and the route. */
    void setCaller(Caller caller, String id, String routeId) {
        origin = caller.kind().name().toLowerCase(Locale.ROOT);
        user = caller.name().isEmpty() ? null : Ellipsis.cut(caller.name(), LONGEST_TEXT);
        requestId = id == null ? requestId : id;
        route = routeId;
    }

    void setConversation(String id) {
        conversation = id;
    }

    void setMessage(String type, Map<String, Object> data) {
        message = new LinkedHashMap<>();
        message.put("type", type);
        message.put("data", data);
        size += 2 * data.toString().length();
    }

    void setUtterance(Object text, Object lang) {
        utterance = texts("text", text, "lang", lang);
    }

    void setMatch(Object skill, Object intent) {
        match = texts("skill", skill, "intent", intent);
    }

    void addAnswer(Object text, Object skill) {
        if (answers.size() < MOST_ANSWERS) {
            answers.add(texts("text", text, "skill", skill));
        }
    }

    /** Ends it as failed; the first reason counts. */
    void fail(String type, String detail) {
        if (failure == null) {
            failure = texts("type", type, "detail", detail);
        }
        end(FAILED);
    }

    /** Ends it; what has failed stays failed. */
    void end(String newStatus) {
        if (durationMs == null) {
            durationMs = (System.nanoTime() - startNanos) / 1_000_000;
        }
        if (status.equals(UNDER_WAY) || status.equals(DONE)) {
            status = newStatus;
        }
    }

    boolean isOlderThan(long nanos) {
        return System.nanoTime() - startNanos > nanos;
    }

    private Map<String, Object> texts(String firstKey, Object first, String secondKey, Object second) {
        Map<String, Object> texts = new LinkedHashMap<>();
        put(texts, firstKey, first);
        put(texts, secondKey, second);
        return texts;
    }

    private void put(Map<String, Object> texts, String key, Object value) {
        if (value != null) {
            String text = Ellipsis.cut(value.toString(), LONGEST_TEXT);
            texts.put(key, text);
            size += 2 * text.length() + 64;
        }
    }

    /** Bytes in memory, about. */
    int size() {
        return size;
    }

    String requestId() {
        return requestId;
    }

    boolean isVisibleTo(Caller caller) {
        boolean own = caller.kind() == Caller.Kind.USER
                && origin.equals("user")
                && caller.name().equals(user);
        return caller.mayUse(device) && (own || caller.may(History.ALL));
    }

    /**
     * As callers read it.
     *
     * @param limits of the reader: what other skills have said is left out
     */
    Map<String, Object> toMap(SkillLimits limits) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("request_id", requestId);
        map.put("time", time.truncatedTo(ChronoUnit.MILLIS).toString());
        map.put("device", device);
        map.put("by", origin);
        map.put("status", status);
        putIfPresent(map, "user", user);
        putIfPresent(map, "route", route);
        putIfPresent(map, "conversation_id", conversation);
        putIfPresent(map, "sent", message);
        putIfPresent(map, "heard", utterance);
        boolean denied = match != null && !isAllowed(limits, match);
        putIfPresent(map, "matched", denied ? null : match);
        List<Map<String, Object>> allowed = answers.stream()
                .filter(answer -> !denied && isAllowed(limits, answer))
                .toList();
        if (!allowed.isEmpty()) {
            map.put("said", allowed);
        }
        putIfPresent(map, "failure", failure);
        putIfPresent(map, "duration_ms", durationMs);
        return map;
    }

    private static boolean isAllowed(SkillLimits limits, Map<String, Object> ofSkill) {
        String skill = (String) ofSkill.get("skill");
        String intent = (String) ofSkill.get("intent");
        if (skill == null) {
            return true;
        }
        return intent == null ? limits.mayAsk(skill) : limits.mayAsk(skill, IntentName.plain(intent));
    }

    private static void putIfPresent(Map<String, Object> map, String key, Object value) {
        if (value != null) {
            map.put(key, value);
        }
    }
}
