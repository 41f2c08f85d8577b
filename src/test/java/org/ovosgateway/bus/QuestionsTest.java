// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.Message;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ovosgateway.bus.TestDevice.byId;
import static org.ovosgateway.bus.TestDevice.byType;
import static org.ovosgateway.bus.TestDevice.data;
import static org.ovosgateway.bus.TestDevice.get;

class QuestionsTest {

    @RegisterExtension
    final FakeBus bus = new FakeBus();

    @RegisterExtension
    final TestDevice test = new TestDevice(bus);

    @Test
    void takesTheAnswerThatBringsItsIdBack() throws Throwable {
        bus.whenAsked("ask")
                .answer(asked -> Message.bare("said", data("for", "somebody else")))
                .reply("said", Map.of("for", "me"));

        BusMessage answer = get(test.device().ask(byId("ask", "said")));

        assertThat(answer.data()).isEqualTo(data("for", "me"));
    }

    @Test
    void neverTakesItsOwnEchoForAnAnswer() {
        bus.whenAsked("same").staySilent();

        assertThatThrownBy(() -> get(test.device().ask(byId("same", "same")))).isInstanceOf(NoAnswerException.class);
    }

    @Test
    void identicalQuestionsShareOneRoundTrip() throws Throwable {
        List<Future<BusMessage>> asked = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            asked.add(test.device().ask(byType("ask", data("of", "all"))));
        }
        bus.awaitFrame("ask");
        bus.send("ask.answer", Map.of("n", 1));

        for (Future<BusMessage> one : asked) {
            assertThat(get(one).data()).isEqualTo(data("n", 1));
        }
        assertThat(bus.frames("ask")).hasSize(1);
    }

    @Test
    void differentQuestionsOfOneAnswerTypeGoOneAfterTheOther() throws Throwable {
        bus.whenAsked("ask").answer(asked -> Message.bare("ask.answer", asked.data()));
        List<Future<BusMessage>> asked = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            asked.add(test.device().ask(byType("ask", data("n", i))));
        }

        for (int i = 0; i < 50; i++) {
            assertThat(get(asked.get(i)).data()).isEqualTo(data("n", i));
        }
    }

    @Test
    void copiesOfAnAnswerNeverAnswerTheNextQuestion() throws Throwable {
        bus.whenAsked("ask")
                .answer(asked -> Message.bare("ask.answer", asked.data()))
                .answer(asked -> Message.bare("ask.answer", asked.data()))
                .answer(asked -> Message.bare("ask.answer", asked.data()));

        for (int i = 0; i < 30; i++) {
            assertThat(get(test.device().ask(byType("ask", data("n", i)))).data())
                    .isEqualTo(data("n", i));
        }
    }

    @Test
    void whatComesBeforeTheEchoIsNoAnswer() throws Throwable {
        // frozen, the bus takes the question but relays nothing, so the stray answer is first in its order
        Future<BusMessage> first = test.device().ask(byType("ask", data("n", 1)));
        bus.awaitFrame("ask");
        bus.whenAsked("ask").answer(asked -> Message.bare("ask.answer", data("of", "two")));
        Future<BusMessage> second = test.device().ask(byType("ask", data("n", 2)));
        bus.send("ask.answer", Map.of("of", "one"));

        assertThat(get(first).data()).isEqualTo(data("of", "one"));
        assertThat(get(second).data()).isEqualTo(data("of", "two"));
    }

    @Test
    void aLateCopyOfTheAnswerBeforeIsFoundOut() throws Throwable {
        bus.whenAsked("ask").answer(asked -> Message.bare("ask.answer", asked.data()));
        get(test.device().ask(byType("ask", data("n", 1))));
        // the copy comes after the echo of the second question, and before its answer
        bus.whenAsked("ask")
                .answer(asked -> Message.bare("ask.answer", data("n", 1)))
                .answer(asked -> Message.bare("ask.answer", asked.data()));

        assertThat(get(test.device().ask(byType("ask", data("n", 2)))).data()).isEqualTo(data("n", 2));
    }

    @Test
    void anAnswerThatCameTooLateIsFoundOut() throws Throwable {
        Future<BusMessage> unanswered = test.device().ask(byType("ask", data("n", 1)));
        assertThatThrownBy(() -> get(unanswered)).isInstanceOf(NoAnswerException.class);
        var late = new boolean[] {true};
        bus.whenAsked("ask").answer(asked -> {
            ObjectNode said = late[0] ? data("n", 1) : asked.data();
            late[0] = false;
            return Message.bare("ask.answer", said);
        });

        assertThat(get(test.device().ask(byType("ask", data("n", 2)))).data()).isEqualTo(data("n", 2));
    }

    @Test
    void theAnswerToSomebodyElsesQuestionIsFoundOut() throws Throwable {
        bus.whenAsked("ask").answer(asked -> Message.bare("ask.answer", asked.data()));
        get(test.device().ask(byType("ask", data("n", 1))));
        bus.whenAsked("ask").staySilent();
        Future<BusMessage> mine = test.device().ask(byType("ask", data("n", 2)));
        bus.awaitFrames("ask", 2);
        bus.whenAsked("ask").answer(asked -> Message.bare("ask.answer", asked.data()));

        bus.send("ask", Map.of("n", 3));
        bus.send("ask.answer", Map.of("n", 3));

        assertThat(get(mine).data()).isEqualTo(data("n", 2));
    }

    @Test
    void aQuestionThatNobodyAnswersFailsWithWhoShouldHave() {
        assertThatThrownBy(() -> get(test.device().ask(byId("ask", "said"))))
                .isInstanceOf(NoAnswerException.class)
                .hasMessageContaining("'ask'")
                .hasMessageContaining("2 s")
                .hasMessageContaining("somebody");
    }

    /** PHAL starts between the two: the first is not answered, and what the second asks must not end with it. */
    @Test
    void whoJoinsAnOlderQuestionWaitsAsLongAsHeWanted() throws Throwable {
        for (boolean byId : new boolean[] {true, false}) {
            String type = byId ? "by.id" : "by.type";
            Question question = byId ? byId(type, type + ".answer") : byType(type, data("n", 1));
            List<Future<BusMessage>> asked = new CopyOnWriteArrayList<>();
            test.vertx()
                    .setTimer(
                            TestDevice.TIMEOUT.toMillis() / 2,
                            later -> asked.add(test.device().ask(question)));

            assertThatThrownBy(() -> get(test.device().ask(question))).isInstanceOf(NoAnswerException.class);

            Message again = bus.awaitFrames(type, 2).get(1);
            bus.sendRaw(again.reply(type + ".answer", data("n", 2)).frame());
            assertThat(get(asked.get(0)).data()).isEqualTo(data("n", 2));
        }
    }

    @Test
    void manyWhoAskOneAfterTheOtherAskASilentPartOnlyOnceATimeout() {
        List<Future<BusMessage>> asked = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            asked.add(test.device().ask(byId("ask", "said")));
        }

        for (Future<BusMessage> one : asked) {
            assertThatThrownBy(() -> get(one)).isInstanceOf(NoAnswerException.class);
        }

        assertThat(bus.frames("ask")).hasSizeLessThan(4);
    }

    @Test
    void nothingIsLeftBehindByQuestions() throws Throwable {
        bus.whenAsked("answered").reply("said", Map.of());
        get(test.device().ask(byId("answered", "said")));
        assertThatThrownBy(() -> get(test.device().ask(byId("silent", "said")))).isNotNull();

        assertThat(test.meters().get("ovos.bus.waits").gauge().value()).isZero();
    }
}
