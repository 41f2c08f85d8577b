// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.chat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.ovosgateway.Json;
import org.ovosgateway.audio.Audio;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.conversation.Outcomes;
import org.ovosgateway.http.Problems;
import org.springframework.stereotype.Component;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Answers as the API of OpenAI gives them; routes call it as the bean {@code openai}. */
@Component("openai")
public class OpenAi {

    private static final String MODEL = "model";
    private static final String OBJECT = "object";
    private static final String STOP = "stop";
    private static final String EVENTS = "text/event-stream";

    /** Samples a second, as their documentation has it. */
    private static final int PCM_RATE = 24_000;

    private final Models models;

    OpenAi(Models models) {
        this.models = models;
    }

    /** The models of the caller. */
    public Map<String, Object> models(Exchange exchange) {
        Map<String, Object> list = new LinkedHashMap<>();
        list.put(OBJECT, "list");
        list.put(
                "data",
                models.of(Caller.of(exchange)).stream().map(OpenAi::listed).toList());
        return list;
    }

    /** One of them. */
    public Map<String, Object> model(Exchange exchange, @Header(MODEL) String model) {
        models.device(Caller.of(exchange), model);
        return listed(model);
    }

    private static Map<String, Object> listed(String model) {
        Map<String, Object> listed = new LinkedHashMap<>();
        listed.put("id", model);
        listed.put(OBJECT, MODEL);
        listed.put("created", 0);
        listed.put("owned_by", Models.USUAL);
        return listed;
    }

    /** The outcome in the body as a chat completion, or as its chunks. */
    public Object chat(Exchange exchange) {
        Map<String, Object> outcome = Chats.body(exchange);
        ChatTurn turn = ChatTurn.of(exchange);
        List<String> answers = Outcomes.texts(outcome);
        if (Boolean.TRUE.equals(turn.request().get("stream"))) {
            exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, EVENTS);
            return chunks(exchange, turn, answers, outcome.get("status"));
        }
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", "assistant");
        message.put("content", String.join("\n", answers));
        message.put("refusal", null);
        Map<String, Object> choice = choice("message", message, STOP);
        Map<String, Object> completion = begun(exchange, turn, "chat.completion", List.of(choice));
        completion.put("usage", usage(turn, answers));
        completion.put("ovos_status", outcome.get("status"));
        return completion;
    }

    private static byte[] chunks(Exchange exchange, ChatTurn turn, List<String> answers, Object status) {
        List<Map<String, Object>> chunks = new ArrayList<>();
        Map<String, Object> role = new LinkedHashMap<>();
        role.put("role", "assistant");
        role.put("content", "");
        chunks.add(chunk(exchange, turn, role, null));
        for (int i = 0; i < answers.size(); i++) {
            String text = i == 0 ? answers.get(i) : "\n" + answers.get(i);
            chunks.add(chunk(exchange, turn, Map.of("content", text), null));
        }
        Map<String, Object> last = chunk(exchange, turn, Map.of(), STOP);
        last.put("ovos_status", status);
        chunks.add(last);
        if (turn.request().get("stream_options") instanceof Map<?, ?> options
                && Boolean.TRUE.equals(options.get("include_usage"))) {
            Map<String, Object> usage = begun(exchange, turn, "chat.completion.chunk", List.of());
            usage.put("usage", usage(turn, answers));
            chunks.add(usage);
        }
        StringBuilder text = new StringBuilder();
        chunks.forEach(chunk -> text.append("data: ").append(Json.write(chunk)).append("\n\n"));
        return text.append("data: [DONE]\n\n").toString().getBytes(UTF_8);
    }

    private static Map<String, Object> chunk(
            Exchange exchange, ChatTurn turn, Map<String, Object> delta, String finished) {
        return begun(exchange, turn, "chat.completion.chunk", List.of(choice("delta", delta, finished)));
    }

    private static Map<String, Object> choice(String name, Map<String, Object> content, String finished) {
        Map<String, Object> choice = new LinkedHashMap<>();
        choice.put("index", 0);
        choice.put(name, content);
        choice.put("logprobs", null);
        choice.put("finish_reason", finished);
        return choice;
    }

    private static Map<String, Object> begun(
            Exchange exchange, ChatTurn turn, String object, List<Map<String, Object>> choices) {
        Map<String, Object> begun = new LinkedHashMap<>();
        begun.put("id", "chatcmpl-" + exchange.getProperty(Problems.REQUEST_ID, "", String.class));
        begun.put(OBJECT, object);
        begun.put("created", Instant.now().getEpochSecond());
        begun.put(MODEL, turn.request().get(MODEL));
        begun.put("choices", choices);
        return begun;
    }

    private static Map<String, Object> usage(ChatTurn turn, List<String> answers) {
        int asked = Chats.words(turn.text());
        int answered = answers.stream().mapToInt(Chats::words).sum();
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("prompt_tokens", asked);
        usage.put("completion_tokens", answered);
        usage.put("total_tokens", asked + answered);
        return usage;
    }

    /** Names the device in the header that the model in the body stands for; names of OpenAI stand for the usual one. */
    public void forDevice(Exchange exchange) {
        Object named = Chats.body(exchange).get(MODEL);
        String model = named instanceof String text && text.startsWith(Models.PREFIX) ? text : Models.USUAL;
        exchange.getMessage().setHeader(OvosConstants.DEVICE, models.device(Caller.of(exchange), model));
    }

    /** The body for {@code direct:synthesize}; the properties say what is to be made of the sound. */
    public Map<String, Object> speech(Exchange exchange) {
        Map<String, Object> request = Chats.body(exchange);
        Object format = request.get("response_format");
        exchange.setProperty("format", format == null ? "mp3" : format);
        if ("pcm".equals(format)) {
            // bare samples do not say what they are
            exchange.setProperty("rate", PCM_RATE);
            exchange.setProperty("channels", 1);
        }
        Map<String, Object> text = new LinkedHashMap<>();
        text.put("text", request.get("input"));
        text.put("lang", null);
        return text;
    }

    /** The best of the transcriptions in the body, as JSON or as text. */
    public Object transcription(Exchange exchange) {
        String text = Objects.requireNonNullElse(Audio.best(Chats.body(exchange)), "");
        if ("text".equals(exchange.getProperty("format"))) {
            exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "text/plain; charset=utf-8");
            return text + "\n";
        }
        return Map.of("text", text);
    }
}
