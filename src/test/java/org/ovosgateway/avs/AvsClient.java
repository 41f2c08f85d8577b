// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.avs;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import org.ovosgateway.Json;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** Requests as old clients of the Alexa Voice Service write them, and how they read answers. */
public final class AvsClient {

    public static final String RECOGNIZE = "/v1/avs/speechrecognizer/recognize";

    static final String BOUNDARY = "this-is-a-boundary";
    static final String TYPE = "multipart/form-data; boundary=" + BOUNDARY;
    static final String METADATA = """
            {"messageHeader": {"deviceContext": [{"name": "playbackState", "namespace": "AudioPlayer",
              "payload": {"streamId": "", "offsetInMilliseconds": "0", "playerActivity": "IDLE"}}]},
             "messageBody": {"profile": "alexa-close-talk", "locale": "en-us", "format": "audio/L16; rate=16000; channels=1"}}""";

    private static final int LEAST_SOUND = 1024;
    private static final String L16 = "audio/L16; rate=16000; channels=1";

    /** How a client names the two parts, and what it writes around them. */
    enum Style {
        /** AlexaPi and ewenchou's: both parts are files of one name. */
        FILES("", "name=\"file\"; filename=\"request\"", "name=\"file\"; filename=\"audio\"", "\r\n"),
        /** curl and a browser: an empty line first. */
        CURL("\r\n", "name=\"metadata\"", "name=\"audio\"; filename=\"a.wav\"", "\r\n"),
        /** ReSpeaker: no line break before the last boundary. */
        RESPEAKER("", "name=\"request\"", "name=\"audio\"", "");

        private final String preamble;
        private final String metadata;
        private final String audio;
        private final String end;

        Style(String preamble, String metadata, String audio, String end) {
            this.preamble = preamble;
            this.metadata = metadata;
            this.audio = audio;
            this.end = end;
        }
    }

    private AvsClient() {}

    static byte[] form(Style style, String json, byte[] sound) {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        form.writeBytes(bytes(style.preamble
                + "--" + BOUNDARY + "\r\nContent-Disposition: form-data; " + style.metadata
                + "\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n" + json
                + "\r\n--" + BOUNDARY + "\r\nContent-Disposition: form-data; " + style.audio
                + "\r\nContent-Type: " + L16 + "\r\n\r\n"));
        form.writeBytes(sound);
        form.writeBytes(bytes(style.end + "--" + BOUNDARY + "--\r\n"));
        return form.toByteArray();
    }

    static byte[] form(byte[] sound) {
        return form(Style.FILES, METADATA, sound);
    }

    /** Asks with this text as a WAV file. */
    public static Gateway.Call asks(Gateway gateway, String text) {
        return gateway.call("POST", RECOGNIZE).body(TYPE, form(Sounds.wav(text)));
    }

    /** What a client finds in an answer: the JSON, and each sound by its id. */
    public record Answer(JsonNode json, Map<String, byte[]> sounds) {

        /** The names of the directives. */
        public List<String> directives() {
            List<String> names = new ArrayList<>();
            json.at("/messageBody/directives")
                    .forEach(directive -> names.add(directive.path("namespace").asText() + "."
                            + directive.path("name").asText()));
            return names;
        }

        /** The sound of the directive {@code speak}. */
        public byte[] speech() {
            String cid =
                    json.at("/messageBody/directives/0/payload/audioContent").asText();
            // AlexaPi strips these characters from the left
            return sounds.get(cid.replaceFirst("^[cid:]+", ""));
        }
    }

    /** As AlexaPi does: a parser of MIME, and a file for each id. */
    public static Answer mime(String contentType, byte[] body) {
        String delimiter = "--" + boundary(contentType);
        String text = new String(body, StandardCharsets.ISO_8859_1);
        assertThat(text).startsWith(delimiter + "\r\n").contains("\r\n" + delimiter + "--");
        JsonNode json = null;
        Map<String, byte[]> sounds = new LinkedHashMap<>();
        String[] parts = text.split("(?:^|\r\n)" + delimiter);
        for (int i = 1; i < parts.length - 1; i++) {
            int blank = parts[i].indexOf("\r\n\r\n");
            String head = parts[i].substring(0, blank);
            String content = parts[i].substring(blank + 4);
            if (head.contains("Content-Type: application/json")) {
                json = json(content);
            } else {
                assertThat(head).contains("Content-Type: audio/mpeg");
                String id = head.replaceFirst("(?s).*Content-ID: <([A-Za-z0-9._-]+)>.*", "$1");
                sounds.put(id, content.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        return new Answer(json, sounds);
    }

    /** As ewenchou's client and ReSpeaker's do: the last large piece between boundaries, from its first blank line to its next. */
    static byte[] ewenchou(String contentType, byte[] body) {
        String text = new String(body, StandardCharsets.ISO_8859_1);
        String audio = null;
        for (String piece : text.split(boundary(contentType))) {
            if (piece.length() >= LEAST_SOUND) {
                audio = piece.split("\r\n\r\n", -1)[1].replaceFirst("-+$", "");
            }
        }
        assertThat(audio).as("sound in " + text.length() + " bytes").isNotNull();
        return audio.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The comment of the simulated voice, which ffmpeg has made a tag of: TXXX (ID3v2.4, 4.2.6). */
    public static String said(byte[] mp3) {
        String text = new String(mp3, StandardCharsets.UTF_8);
        assertThat(text).startsWith("ID3");
        return text.replaceFirst("(?s).*?comment\0([^\0]*).*", "$1");
    }

    private static String boundary(String contentType) {
        String boundary = null;
        for (String parameter : contentType.split(";")) {
            if (parameter.contains("boundary")) {
                boundary = parameter.split("=")[1];
            }
        }
        return boundary;
    }

    private static JsonNode json(String text) {
        try {
            return Json.PLAIN.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
