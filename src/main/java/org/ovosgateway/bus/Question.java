// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.Objects;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What is asked on the bus, and how its answer is known.
 *
 * @param type type of the message that asks
 * @param data its data
 * @param reply type of the message that answers
 * @param match what ties an answer to its question
 * @param timeout how long to wait for it
 * @param answeredBy the part of OVOS that answers, for the person who reads that it did not
 * @param reading what an answer of that type says
 * @param session in which it is asked; null for that of the device
 */
record Question(
        String type,
        ObjectNode data,
        String reply,
        Match match,
        Duration timeout,
        String answeredBy,
        Reading reading,
        ObjectNode session) {

    /** With types in either spelling, and data that fit the one of the type. */
    Question {
        data = Vocabulary.oldData(type, data);
        type = Vocabulary.of(type).old();
        reply = Vocabulary.of(reply).old();
    }

    /** One that is asked of the device itself. */
    Question(
            String type,
            ObjectNode data,
            String reply,
            Match match,
            Duration timeout,
            String answeredBy,
            Reading reading) {
        this(type, data, reply, match, timeout, answeredBy, reading, null);
    }

    /** What ties an answer to its question. */
    enum Match {
        /** The answer brings the context of the question back, and with it the id that we put there. */
        ID,
        /** The answer has a fresh context: the first of its type after the echo of the question is the one. */
        TYPE
    }

    /** Reads an answer: gives it a meaning before it is taken. */
    interface Reading {
        Verdict of(BusMessage answer);

        Reading PLAIN = answer -> Verdict.TAKE;
    }

    /** What to do with an answer. */
    enum Verdict {
        TAKE,
        /** Take it only if nothing better comes within a moment. */
        TAKE_IF_LAST,
        /** Not an answer at all. */
        IGNORE
    }

    /** For the skills that the core runs, as {@code {skill_id: {"active": boolean, "id": skill_id}}}. */
    static Question skillList(Duration timeout) {
        return new Question(
                "skillmanager.list",
                BusMessage.JSON.createObjectNode(),
                "mycroft.skills.list",
                Match.TYPE,
                timeout,
                "ovos-core",
                Reading.PLAIN);
    }

    /** The same under another name. */
    Question of(String other) {
        return new Question(other, data, reply, match, timeout, answeredBy, reading);
    }

    /** Whether both can share one round trip. */
    boolean sameAs(Question other) {
        return type.equals(other.type)
                && reply.equals(other.reply)
                && data.equals(other.data)
                && Objects.equals(session, other.session);
    }
}
