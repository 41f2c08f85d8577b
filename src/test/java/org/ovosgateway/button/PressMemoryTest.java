// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.StateDirectory;
import org.ovosgateway.button.PressMemory.Verdict.Kind;

import static org.assertj.core.api.Assertions.assertThat;

class PressMemoryTest {

    private static final Duration ECHO = Duration.ofMillis(400);

    @TempDir
    Path folder;

    private final AtomicLong nanos = new AtomicLong();
    private final List<String> troubles = new ArrayList<>();
    private long connectedSince;
    private PressMemory memory;

    @BeforeEach
    void start() {
        memory = restarted();
    }

    /** The memory as it is after a restart; the clock of the wall goes on. */
    private PressMemory restarted() {
        return new PressMemory(
                nanos::get,
                () -> Instant.EPOCH.plusNanos(nanos.get()),
                new LastPresses(new StateDirectory(state().toString()), troubles::add),
                ECHO,
                since -> since >= connectedSince);
    }

    private Path state() {
        return folder.resolve("state");
    }

    private Path file() {
        return state().resolve(LastPresses.FILE);
    }

    @Test
    void sameCountAsLastIsTheSamePress() {
        counted("a", "6");
        assertThat(counted("a", "7")).isEqualTo(Kind.NEW);
        assertThat(counted("a", "7")).isEqualTo(Kind.AGAIN);
        after("1h");
        assertThat(counted("a", "7")).isEqualTo(Kind.AGAIN);
        assertThat(counted("a", "8")).isEqualTo(Kind.NEW);
        // the device has started anew
        assertThat(counted("a", "7")).isEqualTo(Kind.NEW);
    }

    @Test
    void aCountHeardFirstMayBeOld() {
        assertThat(counted("a", "7")).isEqualTo(Kind.FIRST_HEARD);
        assertThat(counted("b", "7")).isEqualTo(Kind.FIRST_HEARD);
        assertThat(counted("a", "7")).isEqualTo(Kind.AGAIN);
        assertThat(counted("a", "8")).isEqualTo(Kind.NEW);
    }

    @Test
    void routesThatHearOneMessageAllTakeIt() {
        counted("a", "6");
        assertThat(counted("a", "7")).isEqualTo(Kind.NEW);
        assertThat(counted("b", "7")).isEqualTo(Kind.NEW);
        assertThat(counted("b", "7")).isEqualTo(Kind.AGAIN);
    }

    @Test
    void anEditedRouteKnowsWhatWasPressedBefore() {
        counted("a", "6");
        assertThat(counted("a", "7")).isEqualTo(Kind.NEW);
        after("1m");
        assertThat(counted("a edited", "7")).isEqualTo(Kind.AGAIN);
        assertThat(counted("a edited", "8")).isEqualTo(Kind.NEW);
        assertThat(counted("a", "8")).isEqualTo(Kind.NEW);
    }

    @ParameterizedTest
    @EnumSource(names = {"SHELLY_GEN1", "SHELLY_RPC", "SHELLY_BLU_SCRIPT", "ESPHOME_BINARY", "THEENGS", "AWS"})
    void aReportOfAnOldPressDoesNothingAfterARestart(Family family) {
        judge("a", family, Gesture.SINGLE, "6");
        assertThat(judge("a", family, Gesture.SINGLE, "7")).isEqualTo(Kind.NEW);
        memory.keep();
        after("20s");
        memory = restarted();

        assertThat(judge("a", family, Gesture.SINGLE, "7")).isEqualTo(Kind.AGAIN);
        assertThat(judge("b", family, Gesture.SINGLE, "7")).isEqualTo(Kind.AGAIN);
        assertThat(judge("a", family, Gesture.SINGLE, "8")).isEqualTo(Kind.NEW);
    }

    @ParameterizedTest
    @EnumSource(names = {"SHELLY_GEN1", "ESPHOME_BINARY"})
    void aCountThatWentOnWhileTheGatewayWasDownDoesNotAct(Family family) {
        judge("a", family, Gesture.SINGLE, "6");
        // it repeats itself
        after("30s");
        judge("a", family, Gesture.SINGLE, "6");
        memory.keep();
        after("60s");
        memory = restarted();

        assertThat(memory.judge("a", family, null, press("1", Gesture.SINGLE, "8"), false)
                        .kind())
                .as("somebody tries it")
                .isEqualTo(Kind.NEW);
        assertThat(judge("a", family, Gesture.SINGLE, "8")).isEqualTo(Kind.FIRST_HEARD);
        assertThat(judge("b", family, Gesture.SINGLE, "8")).isEqualTo(Kind.FIRST_HEARD);
        after("30s");
        assertThat(judge("a", family, Gesture.SINGLE, "8")).isEqualTo(Kind.AGAIN);
        assertThat(judge("a", family, Gesture.SINGLE, "9")).isEqualTo(Kind.NEW);
        assertThat(judge("b", family, Gesture.SINGLE, "9")).isEqualTo(Kind.NEW);
    }

    @Test
    void aCountThatWentOnWhileTheBrokerWasAwayDoesNotAct() {
        counted("a", "6");
        after("30s");
        counted("a", "6");
        after("10s");
        connectedSince = nanos.get();
        assertThat(counted("a", "7")).isEqualTo(Kind.FIRST_HEARD);
        assertThat(counted("a", "8")).isEqualTo(Kind.NEW);

        // once the old count was heard again, another one is news
        after("10s");
        connectedSince = nanos.get();
        counted("a", "8");
        assertThat(counted("a", "9")).isEqualTo(Kind.NEW);
    }

    @Test
    void aButtonThatNeverRepeatsItselfActsAtOnceAfterTheGatewayWasAway() {
        counted("a", "6");
        counted("b", "6");
        after("1h");
        assertThat(counted("a", "7")).isEqualTo(Kind.NEW);
        after("1h");
        connectedSince = nanos.get();
        assertThat(counted("a", "8")).isEqualTo(Kind.NEW);
        memory.keep();
        after("1h");
        memory = restarted();

        assertThat(counted("a", "9")).isEqualTo(Kind.NEW);
    }

    @Test
    void theSameIsNotWrittenTwice() throws Exception {
        counted("a", "6");
        counted("a", "7");
        memory.keep();
        Files.delete(file());

        counted("a", "7");
        counted("b", "7");
        memory.keep();

        assertThat(file()).doesNotExist();
    }

    @Test
    void whatIsKeptIsBounded() throws Exception {
        for (int i = 0; i < 2_000; i++) {
            memory.judge(
                    "a", Family.SHELLY_GEN1, null, new Press("d" + i, "1", Gesture.SINGLE, Instant.EPOCH, "1"), true);
        }
        memory.keep();

        assertThat(Files.size(file())).isLessThan(20_000);
    }

    @Test
    void aFullDiskStopsNoPressAndMakesNoGhost() throws Exception {
        counted("a", "6");
        memory.keep();
        // a directory in the way of the next version of the file
        Path inTheWay = state().resolve(LastPresses.FILE + ".new").resolve("x");
        Files.createDirectories(inTheWay);

        assertThat(counted("a", "7")).isEqualTo(Kind.NEW);
        memory.keep();
        assertThat(troubles).singleElement().asString().contains("cannot be kept");
        assertThat(counted("a", "8")).isEqualTo(Kind.NEW);
        memory.keep();
        memory = restarted();
        assertThat(counted("a", "8")).isEqualTo(Kind.FIRST_HEARD);
        assertThat(counted("a", "9")).isEqualTo(Kind.NEW);
    }

    @Test
    void anOutdatedFileThatCannotBeWrittenIsNotBelieved() throws Exception {
        counted("a", "6");
        memory.keep();
        Files.createDirectories(state().resolve(LastPresses.FILE + ".new").resolve("x"));
        memory = restarted();

        assertThat(counted("a", "7")).isEqualTo(Kind.FIRST_HEARD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[[1]]",
                "[[null,null,null]]",
                "{}",
                "7",
                "[7]",
                "null",
                "[[\"a\",\"b\"]]",
                "\u0000",
                "\uFEFF[]"
            })
    void aDamagedFileIsToldAndBegunAnew(String content) throws IOException {
        Files.createDirectories(state());
        Files.writeString(file(), content);
        memory = restarted();

        assertThat(troubles).singleElement().asString().contains("damaged");
        assertThat(counted("a", "7")).isEqualTo(Kind.FIRST_HEARD);
        assertThat(counted("a", "8")).isEqualTo(Kind.NEW);
        memory.keep();
        memory = restarted();
        assertThat(counted("a", "8")).isEqualTo(Kind.AGAIN);
        assertThat(troubles).hasSize(1);
    }

    @Test
    void samePacketWithinTheWindowIsTheSamePress() {
        assertThat(packet("118")).isEqualTo(Kind.NEW);
        after("4s");
        assertThat(packet("118")).isEqualTo(Kind.AGAIN);
        assertThat(packet("119")).isEqualTo(Kind.NEW);
        after("60s");
        // the number has come round
        assertThat(packet("118")).isEqualTo(Kind.NEW);
    }

    @Test
    void withoutAPacketARemoteThatSendsOnIsOnePress() {
        assertThat(packet(null)).isEqualTo(Kind.NEW);
        for (int i = 0; i < 5; i++) {
            after("0.9s");
            assertThat(packet(null)).isEqualTo(Kind.AGAIN);
        }
        after("1s");
        assertThat(packet(null)).isEqualTo(Kind.NEW);
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "SHELLY_GEN1",
                "SHELLY_RPC",
                "TASMOTA",
                "TASMOTA_TOPIC",
                "ZIGBEE2MQTT",
                "ESPHOME_EVENT",
                "TEXT",
                "JSON"
            })
    void theSameGestureWithoutANumberIsOnePressForAMoment(Family family) {
        assertThat(judge("a", family, Gesture.SINGLE, null)).isEqualTo(Kind.NEW);
        after("0.3s");
        assertThat(judge("a", family, Gesture.SINGLE, null)).isEqualTo(Kind.AGAIN);
        assertThat(judge("a", family, Gesture.DOUBLE, null)).isEqualTo(Kind.NEW);
        after("0.2s");
        assertThat(judge("a", family, Gesture.SINGLE, null)).isEqualTo(Kind.NEW);
    }

    @Test
    void anOffAfterTheOnlyKeyIsItsStatus() {
        assertThat(judge("a", Family.ZIGBEE2MQTT, "", Gesture.SINGLE)).isEqualTo(Kind.NEW);
        assertThat(judge("a", Family.ZIGBEE2MQTT, "off", Gesture.SINGLE)).isEqualTo(Kind.AGAIN);
        after("5s");
        assertThat(judge("a", Family.ZIGBEE2MQTT, "on", Gesture.SINGLE)).isEqualTo(Kind.NEW);
        assertThat(judge("a", Family.ZIGBEE2MQTT, "off", Gesture.SINGLE)).isEqualTo(Kind.NEW);
    }

    @Test
    void aHoldThatIsToldAgainAndAgainIsOne() {
        assertThat(plain(Gesture.HOLD)).isEqualTo(Kind.NEW);
        for (int i = 0; i < 5; i++) {
            after("1s");
            assertThat(plain(Gesture.HOLD)).isEqualTo(Kind.AGAIN);
        }
        assertThat(plain(Gesture.RELEASE)).isEqualTo(Kind.NEW);
        after("0.5s");
        assertThat(plain(Gesture.HOLD)).isEqualTo(Kind.NEW);
        after("2s");
        assertThat(plain(Gesture.HOLD)).isEqualTo(Kind.NEW);
    }

    @Test
    void upIsTheEndOfAHoldOnlyAfterOne() {
        assertThat(taken(Gesture.UP)).isEqualTo(Gesture.UP);
        taken(Gesture.LONG_BEGINS);
        after("30s");
        assertThat(taken(Gesture.UP)).isEqualTo(Gesture.RELEASE);
        after("1s");
        assertThat(taken(Gesture.UP)).isEqualTo(Gesture.UP);
    }

    @Test
    void longIsTheEndOfAHoldThatWasToldBefore() {
        assertThat(taken(Gesture.LONG)).isEqualTo(Gesture.LONG);
        taken(Gesture.HOLD);
        after("5s");
        assertThat(taken(Gesture.LONG)).isEqualTo(Gesture.RELEASE);
        after("1s");
        assertThat(taken(Gesture.LONG)).isEqualTo(Gesture.LONG);
    }

    @Test
    void aDryRunLeavesNoTrace() {
        for (Family family : Family.values()) {
            for (int i = 0; i < 2; i++) {
                memory.judge("a", family, null, press("1", Gesture.HOLD, "7"), false);
            }
        }
        counted("a", "6");
        assertThat(counted("a", "7")).isEqualTo(Kind.NEW);
        assertThat(plain(Gesture.HOLD)).isEqualTo(Kind.NEW);
        assertThat(memory.judge("a", Family.SHELLY_GEN1, null, press("1", Gesture.SINGLE, "7"), false)
                        .kind())
                .isEqualTo(Kind.AGAIN);
    }

    private Kind counted(String endpoint, String count) {
        return judge(endpoint, Family.SHELLY_GEN1, Gesture.SINGLE, count);
    }

    private Kind packet(String key) {
        return judge("a", Family.SHELLY_BLU_SCRIPT, Gesture.SINGLE, key);
    }

    private Kind plain(Gesture gesture) {
        return judge("a", Family.TEXT, gesture, null);
    }

    private Gesture taken(Gesture gesture) {
        return memory.judge("a", Family.TEXT, null, press("1", gesture, null), true)
                .press()
                .gesture();
    }

    private Kind judge(String endpoint, Family family, Gesture gesture, String key) {
        return memory.judge(endpoint, family, null, press("1", gesture, key), true)
                .kind();
    }

    private Kind judge(String endpoint, Family family, String button, Gesture gesture) {
        return memory.judge(endpoint, family, null, press(button, gesture, null), true)
                .kind();
    }

    private static Press press(String button, Gesture gesture, String key) {
        return new Press("device", button, gesture, Instant.EPOCH, key);
    }

    private void after(String time) {
        nanos.addAndGet(Duration.parse("PT" + time).toNanos());
    }
}
