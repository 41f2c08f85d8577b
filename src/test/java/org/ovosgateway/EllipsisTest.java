// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class EllipsisTest {

    @Test
    void keepsWhatIsShortAndTheBeginningOfWhatIsLong() {
        assertThat(Ellipsis.cut("kitchen", 7)).isEqualTo("kitchen");
        assertThat(Ellipsis.cut("kitchens", 7)).isEqualTo("kitchen…");
        assertThat(Ellipsis.cut("", 7)).isEmpty();
    }

    @Test
    void cutsNoCharacterInTwo() {
        assertThat(Ellipsis.cut("kit🔔chen", 4)).isEqualTo("kit…");
        assertThat(Ellipsis.cut("kit🔔chen", 5)).isEqualTo("kit🔔…");
    }
}
