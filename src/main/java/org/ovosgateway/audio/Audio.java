// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.ovosgateway.api.Upload;
import org.ovosgateway.bus.InvalidAnswerException;
import org.ovosgateway.conversation.Outcomes;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/** Sounds between callers and the bus; routes call it as the bean {@code audio}. */
@Component("audio")
public class Audio {

    private static final String FILE = "file";
    private static final String TEXT = "text";
    private static final String OUTCOME = "outcome";
    private static final String UTTERANCE = "utterance";
    private static final String ACCEPT = "accept";
    private static final String BOTH = "multipart/mixed";

    /**
     * The sound in a body: the part {@code file} of a form, or all of it, such as bytes that {@code transcode:} made.
     *
     * @throws ProblemException 415 or 422 where there is none
     */
    public AudioFile file(@Body Object body) throws IOException {
        Object content = body instanceof Map<?, ?> form ? form.get(FILE) : body;
        if (content instanceof Upload || content instanceof byte[]) {
            return AudioFile.of(content, body == content ? "body" : FILE);
        }
        throw new ProblemException(Problems.validation(FILE, "is required"));
    }

    /**
     * The transcriptions of the listener: {@code {"transcriptions": [{"text", "confidence"}], "lang"}}, best first, without those
     * that are empty.
     *
     * @param answer of {@code recognizer_loop:b64_transcribe}: pairs of a text and a number
     */
    public Map<String, Object> transcriptions(@Body Map<String, Object> answer) {
        List<Map<String, Object>> transcriptions = new ArrayList<>();
        if (answer.get("transcriptions") instanceof List<?> all) {
            for (Object one : all) {
                addTranscription(one, transcriptions);
            }
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("transcriptions", transcriptions);
        result.put("lang", answer.get("lang") instanceof String lang ? lang : null);
        return result;
    }

    private static void addTranscription(Object pair, List<Map<String, Object>> into) {
        Object text = pair instanceof List<?> both && !both.isEmpty() ? both.get(0) : pair;
        Object confidence = pair instanceof List<?> both && both.size() > 1 ? both.get(1) : null;
        if (text instanceof String words && !words.isBlank()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put(TEXT, words.strip());
            one.put("confidence", confidence instanceof Number ? confidence : null);
            into.add(one);
        }
    }

    /** The best of what {@link #transcriptions} has made; null where nothing was understood. */
    public static String best(Map<?, ?> result) {
        List<?> all = (List<?>) result.get("transcriptions");
        return all.isEmpty() ? null : (String) ((Map<?, ?>) all.get(0)).get(TEXT);
    }

    /**
     * Makes the sound in an answer of {@code speak:b64_audio} the body, and its type the {@code Content-Type}.
     *
     * @throws InvalidAnswerException when it has none
     */
    public void speech(Exchange exchange) {
        byte[] sound = decoded(exchange.getMessage().getBody(Map.class));
        exchange.getMessage().setBody(sound);
        exchange.getMessage()
                .setHeader(Exchange.CONTENT_TYPE, AudioFormat.of(sound).mediaType());
    }

    /**
     * The body for {@code direct:converse}, with the best transcription; the text is kept for {@link #outcome}.
     *
     * @throws ProblemException 422 where there is no transcription
     */
    public Map<String, Object> utterance(Exchange exchange) {
        String text = best(exchange.getMessage().getBody(Map.class));
        if (text == null) {
            throw new ProblemException(
                    new Problem(
                            "nothing-understood",
                            "Nothing was understood",
                            422,
                            "The listener has understood nothing in the sound. Let somebody speak in it, in the language of lang."));
        }
        exchange.setProperty(UTTERANCE, text);
        Map<String, Object> utterance = new LinkedHashMap<>();
        utterance.put(TEXT, text);
        for (String name : List.of("lang", "conversation_id")) {
            utterance.put(name, exchange.getMessage().getHeader(name, String.class));
        }
        return utterance;
    }

    /** The utterance and the outcome of the conversation: {@code {"text", "outcome"}}; kept for {@link #withOutcome}. */
    public Map<String, Object> outcome(Exchange exchange) {
        Map<String, Object> outcome = new LinkedHashMap<>();
        outcome.put(TEXT, exchange.getProperty(UTTERANCE));
        outcome.put(OUTCOME, exchange.getMessage().getBody());
        exchange.setProperty(OUTCOME, outcome);
        return outcome;
    }

    /** Whether the caller accepts speech, and there is something to say. */
    public boolean isToBeSpoken(Exchange exchange) {
        String accept = exchange.getProperty(ACCEPT, "", String.class);
        return (accept.contains("audio/") || accept.contains(BOTH))
                && !texts(exchange).isBlank();
    }

    /** The body for {@code direct:synthesize}, with all answers as one text. */
    public Map<String, Object> answers(Exchange exchange) {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put(TEXT, texts(exchange));
        request.put("lang", exchange.getMessage().getHeader("lang", String.class));
        return request;
    }

    private static String texts(Exchange exchange) {
        Map<?, ?> outcome = (Map<?, ?>) exchange.getProperty(OUTCOME, Map.class).get(OUTCOME);
        return Outcomes.text(outcome);
    }

    /** Puts the outcome before the speech in the body, where the caller accepts both. */
    public void withOutcome(Exchange exchange) {
        if (exchange.getProperty(ACCEPT, "", String.class).contains(BOTH)) {
            Object type = exchange.getMessage().getHeader(Exchange.CONTENT_TYPE);
            exchange.getMessage()
                    .setBody(List.of(
                            part("application/json", exchange.getProperty(OUTCOME)),
                            part(type, exchange.getMessage().getBody())));
            exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, BOTH);
        }
    }

    private static Map<String, Object> part(Object type, Object body) {
        return Map.of("headers", Map.of(Exchange.CONTENT_TYPE, type), "body", body);
    }

    /** The questions of a batch: texts, or the sounds in the parts {@code file} of a form. */
    public List<?> questions(@Body Object body) {
        return body instanceof Map<?, ?> form ? (List<?>) form.get(FILE) : (List<?>) body;
    }

    /** One result of a batch of texts: {@code {"outcome"}}. */
    public Map<String, Object> batched(@Body Object outcome) {
        return Map.of(OUTCOME, outcome);
    }

    /** One result of a batch that failed: {@code {"problem"}}. */
    public Map<String, Object> failed(Exchange exchange) {
        Problem problem = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, ProblemException.class)
                .problem();
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("type", "urn:ovos-gateway:" + problem.type());
        members.put("title", problem.title());
        members.put("status", problem.status());
        members.put("detail", problem.detail());
        members.putAll(problem.members());
        return Map.of("problem", members);
    }

    private static byte[] decoded(Map<?, ?> answer) {
        byte[] sound = null;
        try {
            sound = Base64.getDecoder().decode(String.valueOf(answer.get("audio")));
        } catch (IllegalArgumentException e) {
            // refused below
        }
        if (sound == null || AudioFormat.of(sound) == null) {
            throw new InvalidAnswerException(
                    "'audio' of the answer 'speak:b64_audio.response' is no sound of a known format. It comes from ovos-audio: look"
                            + " into its log, and which voice it has.");
        }
        return sound;
    }
}
