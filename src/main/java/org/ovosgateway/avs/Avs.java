// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.avs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.ovosgateway.Json;
import org.ovosgateway.LanguageTag;
import org.ovosgateway.api.BodyPart;
import org.ovosgateway.api.Upload;
import org.ovosgateway.audio.Audio;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.conversation.Outcomes;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/** Requests and answers of the Alexa Voice Service, v1; routes call it as the bean {@code avs}. */
@Component("avs")
class Avs {

    private static final int LONGEST_JSON = 64 << 10;
    /** Clients ignore a shorter sound. */
    private static final int SMALLEST_SOUND = 1_200;

    private static final int LISTEN_MILLIS = 8_000;
    private static final int MOST_KEPT = 1_000;
    private static final String REPLY = "reply-1";
    private static final String SPEECH = "reply-1_a";
    private static final byte[] BLANK_LINE = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final Pattern PARAMETER = Pattern.compile("\\b(rate|channels)=(\\d{1,6})\\b");

    /** The last conversation of each login, while nobody asks in it; one that has ended is begun anew. */
    private final Cache<String, String> conversations =
            Caffeine.newBuilder().maximumSize(MOST_KEPT).executor(Runnable::run).build();

    /**
     * Makes the body the sound of a request, or nothing where that is empty; the header {@code lang} is its language, the
     * properties {@code rate} and {@code channels} say how to read bare samples.
     *
     * @throws ProblemException 400 or 422 for what is no such request
     */
    public void request(Exchange exchange) throws IOException {
        Upload body = exchange.getMessage().getBody(Upload.class);
        MultipartRequest request = new MultipartRequest(body, exchange.getProperty("contentType", String.class));
        MultipartRequest.Part sound = null;
        JsonNode metadata = Json.PLAIN.missingNode();
        for (MultipartRequest.Part part : request.parts()) {
            if (isMetadata(part)) {
                metadata = json(part.content());
            } else if (part.type().startsWith("audio/") || part.names().contains("audio")) {
                sound = part;
            }
        }
        if (sound == null) {
            throw new ProblemException(Problems.validation("audio", "is required"));
        }
        exchange.getMessage().setHeader("lang", language(metadata));
        exchange.setProperty("rate", 16_000);
        exchange.setProperty("channels", 1);
        Matcher parameters = PARAMETER.matcher(sound.type());
        while (parameters.find()) {
            exchange.setProperty(parameters.group(1), Integer.valueOf(parameters.group(2)));
        }
        exchange.getMessage().setBody(sound.content().getSize() == 0 ? null : sound.content());
    }

    private static boolean isMetadata(MultipartRequest.Part part) {
        return part.type().startsWith("application/json")
                || part.names().contains("request")
                || part.names().contains("metadata");
    }

    private static JsonNode json(Upload part) throws IOException {
        if (part.getSize() > LONGEST_JSON) {
            throw new ProblemException(Problems.validation("request", "may have %d bytes".formatted(LONGEST_JSON)));
        }
        try (InputStream in = part.getContent()) {
            return Json.PLAIN.readTree(in);
        } catch (JsonProcessingException e) {
            throw new ProblemException(
                    new Problem("malformed", "The body is not JSON", 400, "The part with the metadata is not JSON."));
        }
    }

    private static String language(JsonNode metadata) {
        JsonNode locale = metadata.path("messageBody").path("locale");
        if (locale.isMissingNode() || locale.isNull()) {
            return null;
        }
        if (!LanguageTag.is(locale.asText())) {
            throw new ProblemException(Problems.validation("messageBody.locale", LanguageTag.RULE));
        }
        return locale.asText();
    }

    /** The body for {@code converse:ask}; null where nothing was understood. */
    public Map<String, Object> utterance(Exchange exchange) {
        String text = Audio.best(exchange.getMessage().getBody(Map.class));
        if (text == null) {
            return null;
        }
        Map<String, Object> utterance = new LinkedHashMap<>();
        utterance.put("text", text);
        utterance.put("lang", exchange.getMessage().getHeader("lang"));
        // of several at once one goes on with it
        utterance.put("conversation_id", conversations.asMap().remove(login(exchange)));
        return utterance;
    }

    /** Keeps the conversation for the next request, also where this one has failed. The body stays. */
    public void keep(Exchange exchange) {
        Map<?, ?> outcome = exchange.getMessage().getBody(Map.class);
        if (outcome.get("conversation_id") instanceof String own) {
            // the next request is the answer to a question
            conversations.asMap().merge(login(exchange), own, (kept, mine) -> asks(outcome) ? mine : kept);
        }
    }

    private static boolean asks(Map<?, ?> outcome) {
        return "waiting_for_answer".equals(outcome.get("status"));
    }

    /** Makes the body what is to be said; null for nothing. */
    public Map<String, Object> answers(Exchange exchange) {
        Map<?, ?> outcome = exchange.getMessage().getBody(Map.class);
        exchange.setProperty("asks", asks(outcome));
        String text = Outcomes.text(outcome);
        if (text.isBlank()) {
            return null;
        }
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("text", text);
        said.put("lang", outcome.get("lang"));
        return said;
    }

    private static String login(Exchange exchange) {
        Caller caller = Caller.of(exchange);
        Caller.Login login = caller.login();
        return caller.name() + '\0' + (login.family() == null ? login.tokenId() : login.family());
    }

    /** Whether clients would take the sound for over before its end: they look for a blank line. */
    public boolean hasBlankLine(@Body byte[] sound) {
        for (int i = 0; i + BLANK_LINE.length <= sound.length; i++) {
            if (sound[i] == '\r' && Arrays.equals(sound, i, i + BLANK_LINE.length, BLANK_LINE, 0, BLANK_LINE.length)) {
                return true;
            }
        }
        return false;
    }

    /** The parts of the answer, with the speech in the body. */
    public List<BodyPart> parts(Exchange exchange) {
        byte[] speech = exchange.getMessage().getBody(byte[].class);
        List<Map<String, Object>> directives = new ArrayList<>();
        directives.add(directive(
                "SpeechSynthesizer", "speak", Map.of("contentIdentifier", REPLY, "audioContent", "cid:" + SPEECH)));
        if (exchange.getProperty("asks", false, Boolean.class)) {
            directives.add(directive("SpeechRecognizer", "listen", Map.of("timeoutIntervalInMillis", LISTEN_MILLIS)));
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("messageHeader", Map.of());
        json.put("messageBody", Map.of("directives", directives));
        return List.of(
                new BodyPart(Map.of("Content-Type", "application/json"), json),
                new BodyPart(
                        Map.of("Content-ID", "<" + SPEECH + ">", "Content-Type", "audio/mpeg"),
                        speech.length < SMALLEST_SOUND ? Arrays.copyOf(speech, SMALLEST_SOUND) : speech));
    }

    private static Map<String, Object> directive(String namespace, String name, Map<String, Object> payload) {
        Map<String, Object> directive = new LinkedHashMap<>();
        directive.put("namespace", namespace);
        directive.put("name", name);
        directive.put("payload", payload);
        return directive;
    }
}
