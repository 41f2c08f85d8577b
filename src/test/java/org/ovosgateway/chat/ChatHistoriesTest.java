// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.chat;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ChatHistoriesTest {

    private final ChatHistories histories = new ChatHistories();

    private static long[] history(long... messages) {
        return messages;
    }

    @Test
    void findsAConversationByItsHistoryOnce() {
        histories.put("c1", "ada", null, history(1, 2));

        assertThat(histories.take("ada", history(1, 2))).isEqualTo("c1");
        assertThat(histories.take("ada", history(1, 2))).isNull();
    }

    @Test
    void tellsTwoThatAreAlikeApart() {
        histories.put("c1", "ada", null, history(1, 2));
        histories.put("c2", "ada", null, history(1, 2));

        assertThat(List.of(histories.take("ada", history(1, 2)), histories.take("ada", history(1, 2))))
                .containsExactlyInAnyOrder("c1", "c2");
    }

    @Test
    void neverFindsThatOfSomebodyElse() {
        histories.put("c1", "ada", null, history(1, 2));
        histories.put("c2", "ada", "kitchen", history(3, 4));

        assertThat(histories.take("bob", history(1, 2))).isNull();
        assertThat(histories.find("bob", "kitchen")).isNull();
    }

    @Test
    void findsOneWhoseFirstMessagesTheProgramHasDropped() {
        histories.put("c1", "ada", null, history(1, 2, 3, 4));

        assertThat(histories.take("ada", history(4))).isNull();
        assertThat(histories.take("ada", history(2, 4))).isNull();
        assertThat(histories.take("ada", history(9, 1, 2, 3, 4))).isNull();
        assertThat(histories.take("ada", history(3, 4))).isEqualTo("c1");
    }

    @Test
    void prefersTheWholeHistory() {
        histories.put("whole", "ada", null, history(3, 4));
        histories.put("longer", "ada", null, history(1, 2, 3, 4));

        assertThat(histories.take("ada", history(3, 4))).isEqualTo("whole");
    }

    @Test
    void findsNoConversationForNoHistory() {
        histories.put("c1", "ada", null, history());

        assertThat(histories.take("ada", history())).isNull();
    }

    @Test
    void findsOneByTheNameThatTheProgramGivesIt() {
        histories.put("c1", "ada", "kitchen", history(1, 2));

        assertThat(histories.find("ada", "kitchen")).isEqualTo("c1");
        assertThat(histories.find("ada", "cellar")).isNull();
        assertThat(histories.take("ada", history(1, 2))).isNull();
    }

    @Test
    void keepsFewOfAUserAndFewOfAll() {
        for (int i = 0; i <= ChatHistories.MOST_OF_A_USER; i++) {
            histories.put("a" + i, "ada", null, history(i, i));
        }
        histories.put("b", "bob", null, history(1, 2));
        assertThat(histories.size()).isEqualTo(ChatHistories.MOST_OF_A_USER + 1);
        assertThat(histories.take("ada", history(0, 0))).isNull();
        assertThat(histories.take("ada", history(1, 1))).isEqualTo("a1");

        for (int i = 0; i < 2 * ChatHistories.MOST; i++) {
            histories.put("c" + i, "user" + i, null, history(1, 2));
        }
        assertThat(histories.size()).isEqualTo(ChatHistories.MOST);
    }

    @Test
    void takesAMessageForTheSameHoweverItsSpacesWere() {
        ChatTurn one = turn("what  time\nis it ", "It is noon", "thanks");
        ChatTurn other = turn("what time is it", " It is noon\n", "thanks");

        assertThat(one.history()).hasSize(2).isEqualTo(other.history());
        assertThat(turn("It is noon", "what time is it", "thanks").history()).isNotEqualTo(one.history());
    }

    @Test
    void goesOnWithTheHistoryOfTheTurnBefore() {
        ChatTurn first =
                ChatTurn.of("ada", Map.of("messages", List.of(Map.of("role", "user", "content", "what time is it"))));

        assertThat(first.historyWith("It is noon"))
                .isEqualTo(turn("what time is it", "It is noon", "thanks").history());
    }

    private static ChatTurn turn(String asked, String answered, String text) {
        return ChatTurn.of(
                "ada",
                Map.of(
                        "messages",
                        List.of(
                                Map.of("role", "system", "content", "be nice"),
                                Map.of("role", "user", "content", asked),
                                Map.of("role", "assistant", "content", answered),
                                Map.of("role", "user", "content", List.of(Map.of("type", "text", "text", text))))));
    }
}
