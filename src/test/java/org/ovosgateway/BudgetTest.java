// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BudgetTest {

    private final Budget budget = new Budget(100);

    @Test
    void givesUpToItsLimit() {
        assertThat(budget.take(60)).isTrue();
        assertThat(budget.take(40)).isTrue();
        assertThat(budget.held()).isEqualTo(100);
        assertThat(budget.refused()).isZero();
    }

    @Test
    void refusesMoreAndHoldsNothingOfIt() {
        budget.take(60);

        assertThat(budget.take(41)).isFalse();
        assertThat(budget.held()).isEqualTo(60);
        assertThat(budget.refused()).isEqualTo(1);
    }

    @Test
    void hasRoomAgainForWhatWasGivenBack() {
        budget.take(100);
        budget.giveBack(30);

        assertThat(budget.take(30)).isTrue();
    }
}
