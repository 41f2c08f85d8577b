// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.util.Set;

import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.ovosgateway.auth.Caller.Kind;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** What a caller may do, by whichever door. */
class CallerTest {

    @ParameterizedTest
    @EnumSource(Kind.class)
    void mayDoTheSameByEachDoorWithTheSameScopes(Kind kind) {
        Caller all = new Caller(kind, "one", Set.of("*"), null);
        Caller voice = new Caller(kind, "one", Set.of("voice:*", "system:read"), null);

        assertThat(all.may("voice:stop")).isTrue();
        assertThat(voice.may("voice:stop")).isTrue();
        assertThat(voice.may("system:read")).isTrue();
        assertThat(voice.may("system:write")).isFalse();
        assertThat(voice.may("*")).isFalse();
    }

    @Test
    void mayDoNothingWithARefreshToken() {
        var login = new Caller.Login("stamp", "id", "family", null, null, true);

        assertThat(new Caller(Kind.USER, "ada", Set.of("*"), login).may("voice:stop"))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "TOPIC, ovos.mqtt.allow",
        "USER, users file",
        "ANYBODY, credential",
    })
    void learnsWhereAScopeIsGiven(Kind kind, String place) {
        Caller caller = new Caller(kind, "ada", Set.of("voice:stop"), null);

        var refused = catchThrowableOfType(ProblemException.class, () -> caller.require("voice:speak"));

        assertThat(refused.problem().status()).isEqualTo(403);
        assertThat(refused.problem().detail()).contains("'voice:speak'").contains(place);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            *               | voice:stop          | voice:stop
            voice:*         | voice:stop          | voice:stop
            voice:*         | *                   | voice:*
            voice:stop      | voice:speak         | ''
            voice:stop,a:b  | voice:*             | voice:stop
            """)
    void hasOfTwoSetsOfScopesWhatIsInBoth(String one, String other, String both) {
        Caller caller = new Caller(Kind.USER, "ada", Set.of(one.split(",")), null);

        assertThat(caller.within(Set.of(other.split(","))).scopes())
                .isEqualTo(both.isEmpty() ? Set.of() : Set.of(both.split(",")));
    }

    @Test
    void learnsThatTheLongLivedTokenLacksAScope() {
        var login = new Caller.Login("stamp", "id", null, null, null, false);

        assertThatThrownBy(() -> new Caller(Kind.USER, "ada", Set.of("voice:speak"), login).require("voice:stop"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().detail())
                                .isEqualTo(
                                        "The scope 'voice:stop' is needed, and this long-lived token of user 'ada' does not"
                                                + " have it. Make one with this scope, which the user must have too."));
    }

    @Test
    void isTheOwnerOfTheRouteUnlessTheExchangeNamesSomebody() {
        var exchange = new DefaultExchange(new DefaultCamelContext());
        Caller ada = new Caller(Kind.USER, "ada", Set.of(), null);

        assertThat(Caller.of(exchange)).isSameAs(Caller.OWNER);
        ada.mark(exchange);
        assertThat(Caller.of(exchange)).isSameAs(ada);
    }

    @Test
    void usesTheDevicesThatItMay() {
        Caller all = new Caller(Kind.USER, "ada", Set.of(), null);
        assertThat(all.device("default")).isEqualTo("default");
        assertThatNoException().isThrownBy(() -> all.requireDevice("kitchen"));

        Caller kitchen = all.withinDevices(Set.of("kitchen"));
        assertThat(kitchen.device("default")).isEqualTo("kitchen");
        assertThatThrownBy(() -> kitchen.requireDevice("default"))
                .hasMessage("User 'ada' may not use the device 'default'; it may use kitchen.");

        Caller two = all.withinDevices(Set.of("kitchen", "attic"));
        assertThatThrownBy(() -> two.device("default"))
                .hasMessage("No device is named, and user 'ada' may not use the device 'default', which is meant then;"
                        + " it may use attic, kitchen.");
        assertThat(all.mayAllOf(two)).isTrue();
        assertThat(two.mayAllOf(all)).isFalse();
        assertThat(two.mayAllOf(kitchen)).isTrue();
        assertThat(kitchen.mayAllOf(two)).isFalse();
        Caller none = kitchen.withinDevices(Set.of("attic"));
        assertThat(none.mayUse("kitchen")).isFalse();
        assertThatThrownBy(() -> none.device("default")).hasMessageContaining("it may use none");
        assertThat(two.withinDevices(Set.of("*")).devices()).containsExactlyInAnyOrder("kitchen", "attic");
    }

    @Test
    void tellsNobodyOfItsLogin() {
        var login = new Caller.Login("the-stamp", "the-id", "the-family", null, null, false);

        assertThat(new Caller(Kind.USER, "ada", Set.of(), login)).hasToString("Caller[USER ada]");
    }
}
