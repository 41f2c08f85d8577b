// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.chat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.apache.camel.Exchange;
import org.ovosgateway.Json;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.conversation.Outcomes;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Answers as Ollama gives them; routes call it as the bean {@code ollama}. */
@Component("ollama")
public class Ollama {

    private static final String MODEL = "model";
    private static final String LINES = "application/x-ndjson";

    /** No model is ever pulled, so none has a date of its own. */
    private static final String LONG_AGO = "2024-01-01T00:00:00Z";

    private final Models models;

    Ollama(Models models) {
        this.models = models;
    }

    /** The models of the caller: {@code {"models"}}. */
    public Map<String, Object> tags(Exchange exchange) {
        return Map.of(
                "models",
                models.of(Caller.of(exchange)).stream().map(Ollama::listed).toList());
    }

    private static Map<String, Object> listed(String model) {
        Map<String, Object> listed = new LinkedHashMap<>();
        listed.put("name", tagged(model));
        listed.put(MODEL, tagged(model));
        listed.put("modified_at", LONG_AGO);
        listed.put("size", 0);
        listed.put("digest", "0".repeat(64));
        listed.put("details", details());
        return listed;
    }

    private static String tagged(String model) {
        return model.contains(":") ? model : model + ":latest";
    }

    private static Map<String, Object> details() {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("parent_model", "");
        details.put("format", "");
        details.put("family", Models.USUAL);
        details.put("families", List.of(Models.USUAL));
        details.put("parameter_size", "");
        details.put("quantization_level", "");
        return details;
    }

    /** What a program shows of a model. */
    public Map<String, Object> show(Exchange exchange) {
        Map<String, Object> request = Chats.body(exchange);
        Object named = request.get(MODEL) == null ? request.get("name") : request.get(MODEL);
        if (named == null) {
            throw new ProblemException(Problems.validation(MODEL, "is required"));
        }
        models.device(Caller.of(exchange), String.valueOf(named));
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("license", "");
        shown.put("modelfile", "");
        shown.put("parameters", "");
        shown.put("template", "");
        shown.put("details", details());
        shown.put("model_info", Map.of("general.architecture", Models.USUAL));
        shown.put("capabilities", List.of("completion"));
        shown.put("modified_at", LONG_AGO);
        return shown;
    }

    /** Whether the request only wants the model to be ready, as a program does before the first question. */
    public boolean isToLoad(Exchange exchange) {
        Map<String, Object> request = Chats.body(exchange);
        Object said = request.containsKey("messages") ? request.get("messages") : request.get("prompt");
        return said == null || said.equals("") || said.equals(List.of());
    }

    /** The answer to that. */
    public Map<String, Object> loaded(Exchange exchange) {
        Map<String, Object> request = Chats.body(exchange);
        models.device(Caller.of(exchange), String.valueOf(request.get(MODEL)));
        Map<String, Object> loaded = begun(request);
        if (request.containsKey("messages")) {
            loaded.put("message", message(""));
        } else {
            loaded.put("response", "");
        }
        loaded.put("done", true);
        loaded.put("done_reason", "load");
        return loaded;
    }

    /** The outcome in the body as an answer to {@code /api/chat}. */
    public Object chat(Exchange exchange) {
        return answer(exchange, text -> Map.entry("message", message(text)), Map.of());
    }

    /** The outcome in the body as an answer to {@code /api/generate}. */
    public Object generate(Exchange exchange) {
        return answer(
                exchange, text -> Map.entry("response", text), Map.of("context", Chats.context(Chats.body(exchange))));
    }

    private static Map<String, Object> message(String text) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", "assistant");
        message.put("content", text);
        return message;
    }

    /** As lines, one for each answer and a last one, unless the program wants it as a whole. */
    private static Object answer(
            Exchange exchange, Function<String, Map.Entry<String, Object>> content, Map<String, Object> more) {
        Map<String, Object> outcome = Chats.body(exchange);
        ChatTurn turn = ChatTurn.of(exchange);
        List<String> answers = Outcomes.texts(outcome);
        boolean whole = Boolean.FALSE.equals(turn.request().get("stream"));
        List<Map<String, Object>> lines = new ArrayList<>();
        if (!whole) {
            for (String answer : answers) {
                Map<String, Object> line = begun(turn.request());
                put(line, content.apply(lines.isEmpty() ? answer : "\n" + answer));
                line.put("done", false);
                lines.add(line);
            }
        }
        Map<String, Object> last = begun(turn.request());
        put(last, content.apply(whole ? String.join("\n", answers) : ""));
        last.put("done", true);
        last.put("done_reason", "stop");
        last.putAll(more);
        last.put("ovos_status", outcome.get("status"));
        count(last, turn, answers, (long) outcome.get("duration_ms"));
        if (whole) {
            return last;
        }
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, LINES);
        lines.add(last);
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(Json.write(line)).append('\n'));
        return text.toString().getBytes(UTF_8);
    }

    private static void put(Map<String, Object> line, Map.Entry<String, Object> content) {
        line.put(content.getKey(), content.getValue());
    }

    private static Map<String, Object> begun(Map<String, Object> request) {
        Map<String, Object> begun = new LinkedHashMap<>();
        begun.put(MODEL, request.get(MODEL));
        begun.put("created_at", Instant.now().truncatedTo(ChronoUnit.MICROS).toString());
        return begun;
    }

    private static void count(Map<String, Object> last, ChatTurn turn, List<String> answers, long millis) {
        Object prompt = turn.text() == null ? turn.request().get("prompt") : turn.text();
        // of a duration of nothing a program could not tell a rate
        long nanos = Math.max(1, TimeUnit.MILLISECONDS.toNanos(millis));
        last.put("total_duration", nanos);
        last.put("load_duration", 0);
        last.put("prompt_eval_count", Chats.words((String) prompt));
        last.put("prompt_eval_duration", 1);
        last.put("eval_count", answers.stream().mapToInt(Chats::words).sum());
        last.put("eval_duration", nanos);
    }
}
