// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.chat;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.apache.camel.Exchange;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.conversation.Outcomes;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * Conversations in the form of chats with a language model; routes call it as the bean {@code chats}, before and behind
 * {@code converse:ask}.
 */
@Component("chats")
public class Chats {

    private static final String TEXT = "text";
    private static final int CONTEXT = 2 * Long.BYTES;

    private final Models models;
    private final ChatHistories histories;

    Chats(Models models, ChatHistories histories) {
        this.models = models;
        this.histories = histories;
    }

    /**
     * The body for {@code converse:ask} of a request {@code {"model", "messages"}}, with the conversation that the chat goes on
     * with, and the device in the header.
     *
     * @throws ProblemException 404 for an unknown model, 422 where the user says nothing
     */
    public Map<String, Object> question(Exchange exchange) {
        Map<String, Object> request = body(exchange);
        ChatTurn turn = turn(exchange, request);
        if (turn.text() == null) {
            throw new ProblemException(
                    Problems.validation("messages", "must have a message of the role user, with a text"));
        }
        return asked(
                turn,
                turn.clientId() == null
                        ? histories.take(turn.owner(), turn.history())
                        : histories.find(turn.owner(), turn.clientId()));
    }

    /**
     * The same of a request {@code {"model", "prompt", "context"}}; the context is what {@link #context} has made.
     *
     * @throws ProblemException 404 for an unknown model
     */
    public Map<String, Object> prompt(Exchange exchange) {
        Map<String, Object> request = body(exchange);
        turn(exchange, request);
        Map<String, Object> asked = new LinkedHashMap<>();
        asked.put(TEXT, request.get("prompt"));
        asked.put("conversation_id", conversation(request.get("context")));
        return asked;
    }

    /** Checks the model, and names the device that it stands for. */
    private ChatTurn turn(Exchange exchange, Map<String, Object> request) {
        Caller caller = Caller.of(exchange);
        String device = models.device(caller, String.valueOf(request.get("model")));
        exchange.getMessage().setHeader(OvosConstants.DEVICE, device);
        ChatTurn turn = ChatTurn.of(caller.id() + " " + device, request);
        turn.mark(exchange);
        return turn;
    }

    private static Map<String, Object> asked(ChatTurn turn, String conversation) {
        Map<String, Object> asked = new LinkedHashMap<>();
        asked.put(TEXT, turn.text());
        asked.put("conversation_id", conversation);
        return asked;
    }

    /**
     * Keeps in mind how the chat goes on, from the outcome in the body, which stays. Where the call has failed, the chat stays as
     * it was, for the next try.
     */
    public void keep(Exchange exchange) {
        ChatTurn turn = ChatTurn.of(exchange);
        boolean failed = exchange.getProperty(Exchange.EXCEPTION_CAUGHT) != null;
        // the question still, where it has failed
        Map<String, Object> outcome = body(exchange);
        String conversation = (String) outcome.get("conversation_id");
        if (conversation != null) {
            histories.put(
                    conversation,
                    turn.owner(),
                    turn.clientId(),
                    failed ? turn.history() : turn.historyWith(String.join("\n", Outcomes.texts(outcome))));
        }
    }

    /** Words stand for tokens, of which an assistant knows nothing. */
    static int words(String text) {
        return text == null || text.isBlank() ? 0 : text.strip().split("\\s+").length;
    }

    /** The bytes of the id of a conversation, as numbers. */
    static int[] context(Map<String, Object> outcome) {
        UUID id = UUID.fromString((String) outcome.get("conversation_id"));
        byte[] bytes = ByteBuffer.allocate(CONTEXT)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
        int[] context = new int[CONTEXT];
        for (int i = 0; i < CONTEXT; i++) {
            context[i] = bytes[i] & 0xFF;
        }
        return context;
    }

    private static String conversation(Object context) {
        if (!(context instanceof List<?> numbers) || numbers.size() != CONTEXT) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate(CONTEXT);
        for (Object number : numbers) {
            if (!(number instanceof Number one)) {
                return null;
            }
            bytes.put(one.byteValue());
        }
        return new UUID(bytes.getLong(0), bytes.getLong(Long.BYTES)).toString();
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> body(Exchange exchange) {
        return exchange.getMessage().getBody(Map.class);
    }
}
