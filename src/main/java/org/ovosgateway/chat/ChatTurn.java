// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.chat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.apache.camel.Exchange;

/**
 * What a program has sent: the text to say, and what stands before it.
 *
 * @param owner whose chat it is, and with which device
 * @param request the body, as it was sent
 * @param text the last that the user has said
 * @param history of the messages before it
 * @param clientId what the program calls the chat; null where it does not say
 */
record ChatTurn(String owner, Map<String, Object> request, String text, long[] history, String clientId) {

    private static final String PROPERTY = "chatTurn";
    private static final String USER = "user";
    private static final String ASSISTANT = "assistant";
    private static final String CONTENT = "content";

    /** A message, without what only language models have. */
    private record Said(boolean byUser, String text) {

        long number() {
            String words = text.strip().replaceAll("\\s+", " ");
            byte[] hash = sha256().digest(((byUser ? "u" : "a") + words).getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(hash).getLong();
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("each Java has SHA-256", e);
            }
        }
    }

    /** The turn of a chat; its text is null where the user has said nothing. */
    static ChatTurn of(String owner, Map<String, Object> request) {
        List<Said> said = new ArrayList<>();
        if (request.get("messages") instanceof List<?> messages) {
            messages.stream().filter(Map.class::isInstance).forEach(message -> add((Map<?, ?>) message, said));
        }
        int last = said.size() - 1;
        while (last >= 0 && !said.get(last).byUser()) {
            last--;
        }
        List<Said> before = said.subList(0, Math.max(0, last));
        long[] history = before.subList(Math.max(0, before.size() - ChatHistories.LONGEST), before.size()).stream()
                .mapToLong(Said::number)
                .toArray();
        return new ChatTurn(
                owner,
                request,
                last < 0 ? null : said.get(last).text(),
                history,
                request.get("conversation_id") instanceof String id && !id.isBlank() ? id : null);
    }

    /** Instructions and tools are for language models. */
    private static void add(Map<?, ?> message, List<Said> into) {
        Object role = message.get("role");
        String text = text(message.get(CONTENT));
        if ((USER.equals(role) || ASSISTANT.equals(role)) && !text.isBlank()) {
            into.add(new Said(USER.equals(role), text));
        }
    }

    /** A text, or the texts of its parts. */
    private static String text(Object content) {
        if (content instanceof List<?> parts) {
            return parts.stream()
                    .map(part -> part instanceof Map<?, ?> map ? map.get("text") : part)
                    .filter(String.class::isInstance)
                    .map(String.class::cast)
                    .collect(Collectors.joining(" "));
        }
        return content instanceof String text ? text : "";
    }

    /** The history with this turn. */
    long[] historyWith(String answer) {
        List<Long> all = new ArrayList<>();
        Arrays.stream(history).forEach(all::add);
        all.add(new Said(true, text).number());
        if (!answer.isBlank()) {
            all.add(new Said(false, answer).number());
        }
        return all.subList(Math.max(0, all.size() - ChatHistories.LONGEST), all.size()).stream()
                .mapToLong(Long::longValue)
                .toArray();
    }

    void mark(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    static ChatTurn of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, ChatTurn.class);
    }
}
