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
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/** Sounds between callers and the bus; routes call it as the bean {@code audio}. */
@Component("audio")
public class Audio {

    private static final String FILE = "file";

    /**
     * The sound in a body: the part {@code file} of a form, or all of it.
     *
     * @throws ProblemException 415 or 422 where there is none
     */
    public AudioFile file(@Body Object body) throws IOException {
        Object sent = body instanceof Map<?, ?> form ? form.get(FILE) : body;
        if (sent instanceof Upload upload) {
            return AudioFile.of(upload, body == sent ? "body" : FILE);
        }
        throw new ProblemException(Problems.validation(FILE, "is required"));
    }

    /**
     * What the listener has understood: {@code {"transcriptions": [{"text", "confidence"}], "lang"}}, best first, without those
     * that are empty.
     *
     * @param answer of {@code recognizer_loop:b64_transcribe}: pairs of a text and a number
     */
    public Map<String, Object> transcriptions(@Body Map<String, Object> answer) {
        List<Map<String, Object>> transcriptions = new ArrayList<>();
        if (answer.get("transcriptions") instanceof List<?> all) {
            for (Object one : all) {
                transcription(one, transcriptions);
            }
        }
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("transcriptions", transcriptions);
        told.put("lang", answer.get("lang") instanceof String lang ? lang : null);
        return told;
    }

    private static void transcription(Object pair, List<Map<String, Object>> into) {
        Object text = pair instanceof List<?> both && !both.isEmpty() ? both.get(0) : pair;
        Object confidence = pair instanceof List<?> both && both.size() > 1 ? both.get(1) : null;
        if (text instanceof String words && !words.isBlank()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("text", words.strip());
            one.put("confidence", confidence instanceof Number ? confidence : null);
            into.add(one);
        }
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

    private static byte[] decoded(Map<?, ?> answer) {
        byte[] sound = null;
        try {
            sound = Base64.getDecoder().decode(String.valueOf(answer.get("audio")));
        } catch (IllegalArgumentException e) {
            // told below
        }
        if (sound == null || AudioFormat.of(sound) == null) {
            throw new InvalidAnswerException(
                    "'audio' of the answer 'speak:b64_audio.response' is no sound of a known format. It comes from ovos-audio: look"
                            + " into its log, and which voice it has.");
        }
        return sound;
    }
}
