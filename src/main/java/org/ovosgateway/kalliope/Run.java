// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.ovosgateway.Json;

/**
 * What is done for one order: the neurons that are left, and what the others have said. Routes read the neuron that is next.
 *
 * <p>Where a question is asked it waits for the next order, so it can be of several calls, one after the other.
 */
public final class Run {

    /** Neurons of a run; synapses may start each other in a circle. */
    private static final int MOST = 100;

    /** Characters of all that it has said, since it is kept while it waits. */
    private static final int MOST_SAID = 64 << 10;

    /** Characters of all payloads and data that it may fill. */
    private static final int MOST_FILLED = 256 << 10;

    private final Deque<Step> steps = new ArrayDeque<>();
    private final List<Matched> matched = new ArrayList<>();
    private final Template.Room room = new Template.Room(MOST_FILLED);
    private String order;
    private boolean aloud;
    private Step step;
    private int count;
    private int said;
    private boolean incomplete;
    private boolean waiting;
    private String conversation;

    /**
     * A neuron that is to be run.
     *
     * @param matched the synapse it is of; null for an order to the assistant itself
     * @param values with which it is filled; null where the caller has said it as it is
     * @param conversation in which a text is the answer to a question; null for a new one
     */
    private record Step(Matched matched, SynapsePart neuron, Map<String, Object> values, String conversation) {}

    /** A synapse that was started, and what its neurons have said. */
    private record Matched(String name, String order, List<Map<String, Object>> neurons) {

        Map<String, Object> shown() {
            Map<String, Object> shown = new LinkedHashMap<>();
            shown.put("synapse_name", name);
            shown.put("matched_order", order);
            shown.put("neuron_module_list", List.copyOf(neurons));
            return shown;
        }

        void add(String neuron, String message) {
            Map<String, Object> said = new LinkedHashMap<>();
            said.put("neuron_name", Character.toUpperCase(neuron.charAt(0)) + neuron.substring(1));
            said.put("generated_message", message);
            neurons.add(said);
        }
    }

    /** @param order what was said; null where a synapse is started by its name */
    Run(String order, boolean aloud) {
        this.order = order;
        this.aloud = aloud;
    }

    /** Goes on with the answer to its question. */
    void resume(boolean nowAloud) {
        order = null;
        aloud = nowAloud;
        waiting = false;
        conversation = null;
    }

    /** Asks the assistant. */
    void ask(String text, String inConversation) {
        steps.addFirst(new Step(null, new SynapsePart("utterance", text), null, inConversation));
    }

    /** Answers a question that the assistant has asked in the midst of a synapse. */
    void answer(String text, String inConversation) {
        steps.addFirst(new Step(step.matched(), new SynapsePart("utterance", text), null, inConversation));
    }

    /** All neurons of a synapse come next, and it is told last. */
    void start(Synapse synapse, String matchedOrder, Map<String, ?> values) {
        start(synapse, matchedOrder, values, matched.size());
    }

    /** All neurons of a synapse come next, and it is told first. */
    void startFirst(Synapse synapse, String matchedOrder, Map<String, ?> values) {
        start(synapse, matchedOrder, values, 0);
    }

    private void start(Synapse synapse, String matchedOrder, Map<String, ?> values, int place) {
        Matched started = new Matched(synapse.name(), matchedOrder, new ArrayList<>());
        matched.add(place, started);
        incomplete = false;
        Map<String, Object> own = new LinkedHashMap<>(values);
        for (int i = synapse.neurons().size() - 1; i >= 0; i--) {
            steps.addFirst(new Step(started, synapse.neurons().get(i), own, null));
        }
        // one more than is run, so that it is seen that some are left
        while (steps.size() > MOST + 1) {
            steps.removeLast();
        }
    }

    /** Whether a neuron is left to be run now. */
    public boolean isUnfinished() {
        return !waiting && !steps.isEmpty() && count < MOST;
    }

    void next() {
        step = steps.remove();
        count++;
    }

    /** Whether it stopped since it would go on and on. */
    boolean isEndless() {
        return count == MOST && !steps.isEmpty() && !waiting;
    }

    /** What kind of neuron is next. */
    public String getNeuron() {
        return step.neuron().name();
    }

    SynapsePart part() {
        return step.neuron();
    }

    Map<String, Object> values() {
        return step.values();
    }

    /** Whether the neuron is an order to the assistant itself. */
    boolean isOrder() {
        return step.matched() == null;
    }

    String synapse() {
        return step.matched() == null ? "" : step.matched().name();
    }

    public String getText() {
        String text = step.neuron().main("text");
        return text == null || step.values() == null ? text : Template.fill(text, step.values());
    }

    public String getLang() {
        return step.neuron().parameter("lang") instanceof String lang ? lang : null;
    }

    public String getName() {
        return step.neuron().main("name");
    }

    public String getType() {
        return step.neuron().main("type");
    }

    public Object getPayload() {
        return Template.fill(step.neuron().parameter("payload"), step.values(), room);
    }

    /** How long {@code sleep} lasts. */
    public long getMillis() {
        return step.neuron().parameter("seconds") instanceof Number seconds
                ? (long) (seconds.doubleValue() * 1_000)
                : 0;
    }

    public Object getData() {
        return Template.fill(step.neuron().parameter("data"), step.values(), room);
    }

    /** What {@code uri} sends; null for nothing. */
    String body() {
        Object data = step.neuron().parameter("data");
        if (data instanceof String text) {
            return Template.fillBody(text, contentType(), step.values(), room);
        }
        return data == null ? null : Json.write(getData());
    }

    private String contentType() {
        return step.neuron().parameter("headers") instanceof Map<?, ?> headers
                ? headers.entrySet().stream()
                        .filter(header -> String.valueOf(header.getKey()).equalsIgnoreCase("Content-Type"))
                        .map(header -> String.valueOf(header.getValue()))
                        .findFirst()
                        .orElse(null)
                : null;
    }

    public String getConversation() {
        return step.conversation();
    }

    public boolean isAloud() {
        return aloud;
    }

    /** The neuron was run, and has said this; null for nothing. */
    void ran(String message) {
        step.matched().add(step.neuron().name(), message == null ? null : bounded(message));
    }

    private String bounded(String message) {
        String bounded = Template.cut(message, MOST_SAID - said);
        said += bounded.length();
        return bounded;
    }

    /** The neuron waits for the next order. */
    void waitForAnswer() {
        waiting = true;
    }

    /** The assistant has answered. */
    void answered(Map<?, ?> outcome) {
        List<?> answers = outcome.get("answers") instanceof List<?> list ? list : List.of();
        String status = String.valueOf(outcome.get("status"));
        waiting = status.equals("waiting_for_answer");
        conversation = waiting ? String.valueOf(outcome.get("conversation_id")) : null;
        if (isOrder()) {
            incomplete = !waiting && !status.equals("complete");
            if (status.equals("not_understood") || incomplete && answers.isEmpty()) {
                return;
            }
            Matched by = new Matched(skill(outcome, answers), step.neuron().main(""), new ArrayList<>());
            answers.forEach(answer -> by.add("say", bounded(text(answer))));
            matched.add(by);
        } else {
            String all = answers.stream().map(Run::text).collect(Collectors.joining(" "));
            ran(all.isEmpty() ? null : all);
        }
    }

    private static String skill(Map<?, ?> outcome, List<?> answers) {
        Object skill = outcome.get("matched") instanceof Map<?, ?> by ? by.get("skill") : null;
        if (skill == null && !answers.isEmpty()) {
            skill = ((Map<?, ?>) answers.get(0)).get("skill");
        }
        return skill == null ? "assistant" : skill.toString();
    }

    private static String text(Object answer) {
        return String.valueOf(((Map<?, ?>) answer).get("text"));
    }

    /** Whether nobody has understood the order. */
    boolean isNotUnderstood() {
        return incomplete && matched.isEmpty();
    }

    boolean isWaiting() {
        return waiting;
    }

    /** The conversation in which an answer is awaited; null where a neuron awaits it. */
    String awaitedIn() {
        return conversation;
    }

    /** As Kalliope answers. */
    Map<String, Object> shown() {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("user_order", order);
        shown.put("status", waiting ? "waiting_for_answer" : incomplete || matched.isEmpty() ? null : "complete");
        shown.put("matched_synapses", matched.stream().map(Matched::shown).toList());
        return shown;
    }
}
