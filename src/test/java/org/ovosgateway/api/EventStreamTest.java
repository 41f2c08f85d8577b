// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.ovosgateway.http.SlowReaderException;

import static org.assertj.core.api.Assertions.assertThat;

/** What one caller hears, between those who tell it and the connection that takes it. */
class EventStreamTest {

    private final AtomicInteger closed = new AtomicInteger();
    private final EventStream stream = new EventStream(3, closed::incrementAndGet);

    @Test
    void keepsTheOrder() {
        assertThat(stream.offer(1)).isTrue();
        Elements elements = Elements.of(stream, null);
        assertThat(stream.offer(2)).isTrue();
        var first = elements.next();
        var second = elements.next();
        assertThat(first.result()).isEqualTo(1);
        assertThat(second.result()).isEqualTo(2);
        var third = elements.next();
        assertThat(third.isComplete()).isFalse();
        stream.offer(3);
        assertThat(third.result()).isEqualTo(3);
    }

    @Test
    void endsAfterWhatWasOffered() {
        stream.offer(1);
        stream.end();
        assertThat(stream.offer(2)).isFalse();
        Elements elements = Elements.of(stream, null);
        assertThat(elements.next().result()).isEqualTo(1);
        assertThat(elements.next().result()).isNull();
        assertThat(closed).hasValue(1);
    }

    @Test
    void endsForAReaderWhoIsTooSlow() {
        Elements elements = Elements.of(stream, null);
        for (int i = 0; i < 3; i++) {
            assertThat(stream.offer(i)).isTrue();
        }
        assertThat(stream.offer(3)).isFalse();
        assertThat(elements.next().cause()).isInstanceOf(SlowReaderException.class);
        assertThat(closed).hasValue(1);
    }

    @Test
    void tellsOnceThatNobodyReadsAnyMore() {
        Elements elements = Elements.of(stream, null);
        elements.close();
        elements.close();
        assertThat(stream.offer(1)).isFalse();
        assertThat(closed).hasValue(1);
    }

    @Test
    void hasOneReader() {
        Elements.of(stream, null);
        assertThat(Elements.of(stream, null).next().failed()).isTrue();
    }

    @Test
    void losesNothingThatManyOffer() {
        EventStream wide = new EventStream(10_000, closed::incrementAndGet);
        Elements elements = Elements.of(wide, null);
        List<CompletableFuture<Void>> offers = IntStream.range(0, 4)
                .mapToObj(thread -> CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 1_000; i++) {
                        wide.offer(i);
                    }
                }))
                .toList();
        List<Object> taken = new ArrayList<>();
        while (taken.size() < 4_000) {
            taken.add(elements.next().toCompletionStage().toCompletableFuture().join());
        }
        offers.forEach(CompletableFuture::join);
        assertThat(taken).hasSize(4_000).doesNotContainNull();
    }
}
