// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Flow;

import org.ovosgateway.http.SlowReaderException;

/**
 * What one caller hears from now on: a route or bean returns it as its body, and offers it each event.
 *
 * <p>It holds few elements. A caller who reads so slowly that they do not suffice is cut off, so that it comes back and knows
 * that it has missed something. Safe for use by many threads.
 */
public final class EventStream implements Flow.Publisher<Object> {

    private static final int FEW = 100;

    private final Queue<Object> waiting = new ArrayDeque<>();
    private final Runnable onClose;
    private final int most;
    private Flow.Subscriber<? super Object> reader;
    private long wanted;
    private boolean subscribed;
    private boolean handing;
    private boolean ended;
    private boolean overrun;
    private boolean closed;

    /** @param onClose runs once, when nobody reads any more; must not block */
    public EventStream(Runnable onClose) {
        this(FEW, onClose);
    }

    /** @param most elements that may wait for the caller to take them */
    public EventStream(int most, Runnable onClose) {
        this.most = most;
        this.onClose = onClose;
    }

    /**
     * Hands this to the caller, after all that was offered before.
     *
     * @return false when it has ended, and nothing more need be offered
     */
    public boolean offer(Object element) {
        synchronized (this) {
            if (ended) {
                return false;
            }
            if (waiting.size() >= most) {
                overrun = true;
                ended = true;
                waiting.clear();
            } else {
                waiting.add(element);
            }
        }
        hand();
        return !overrun;
    }

    /** Ends it when all that was offered is taken. */
    public void end() {
        synchronized (this) {
            ended = true;
        }
        hand();
    }

    /** Gives the reader what it wants, in order: one thread at a time, for all that offer. */
    private void hand() {
        while (true) {
            Object element;
            boolean close = false;
            synchronized (this) {
                if (handing || reader == null || closed) {
                    return;
                }
                if (waiting.isEmpty() && ended) {
                    close = true;
                    element = null;
                } else if (waiting.isEmpty() || wanted == 0) {
                    return;
                } else {
                    wanted--;
                    element = waiting.remove();
                }
                handing = true;
            }
            try {
                if (!close) {
                    reader.onNext(element);
                } else if (overrun) {
                    reader.onError(new SlowReaderException());
                } else {
                    reader.onComplete();
                }
            } finally {
                synchronized (this) {
                    handing = false;
                }
            }
            if (close) {
                close();
                return;
            }
        }
    }

    private void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            ended = true;
            waiting.clear();
        }
        onClose.run();
    }

    /** One reader only: the caller. */
    @Override
    public void subscribe(Flow.Subscriber<? super Object> subscriber) {
        boolean second;
        synchronized (this) {
            second = subscribed;
            subscribed = true;
        }
        subscriber.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long n) {
                if (!second) {
                    want(n);
                }
            }

            @Override
            public void cancel() {
                if (!second) {
                    close();
                }
            }
        });
        if (second) {
            subscriber.onError(new IllegalStateException("somebody reads it already"));
            return;
        }
        synchronized (this) {
            reader = subscriber;
        }
        hand();
    }

    private void want(long more) {
        synchronized (this) {
            wanted = Math.addExact(wanted, more);
        }
        hand();
    }
}
