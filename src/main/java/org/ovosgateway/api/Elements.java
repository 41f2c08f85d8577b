// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.Collection;
import java.util.Iterator;
import java.util.concurrent.Flow;
import java.util.stream.BaseStream;

import io.vertx.core.Future;
import io.vertx.core.Promise;

/** A series that a route leaves as its body, taken one by one. */
interface Elements {

    /** The next one; null after the last. Called again only when the one before has been given. */
    Future<Object> next();

    void close();

    /** Whether a body is a series that is made while it is taken. */
    static boolean isSeries(Object body) {
        return body instanceof Flow.Publisher<?> || body instanceof Iterator<?> || body instanceof BaseStream<?, ?>;
    }

    /** @param pools run an iterator that may block; a publisher does not */
    static Elements of(Object body, ContentPools pools) {
        if (body instanceof Flow.Publisher<?> publisher) {
            return new Published(publisher);
        }
        if (body instanceof Collection<?> collection) {
            return iterated(collection.iterator(), () -> {}, null);
        }
        if (body instanceof BaseStream<?, ?> stream) {
            return iterated(stream.iterator(), stream::close, pools);
        }
        if (body instanceof Iterator<?> iterator) {
            return iterated(iterator, () -> closeIfPossible(iterator), pools);
        }
        return iterated(java.util.List.of(body).iterator(), () -> {}, null);
    }

    private static void closeIfPossible(Object source) {
        if (source instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                // nobody reads it any more
            }
        }
    }

    /** @param pools null for an iterator that never blocks */
    private static Elements iterated(Iterator<?> iterator, Runnable close, ContentPools pools) {
        return new Elements() {
            @Override
            public Future<Object> next() {
                return pools == null
                        ? Future.succeededFuture(iterator.hasNext() ? iterator.next() : null)
                        : pools.read(() -> iterator.hasNext() ? iterator.next() : null);
            }

            @Override
            public void close() {
                if (pools == null) {
                    close.run();
                } else {
                    pools.free(close);
                }
            }
        };
    }

    /** Those of a publisher, asked for one by one. */
    final class Published implements Elements, Flow.Subscriber<Object> {

        private Flow.Subscription subscription;
        private Promise<Object> awaited;
        private Throwable failure;
        private boolean completed;
        private boolean closed;

        @SuppressWarnings("unchecked")
        Published(Flow.Publisher<?> publisher) {
            ((Flow.Publisher<Object>) publisher).subscribe(this);
        }

        @Override
        public Future<Object> next() {
            Flow.Subscription asked;
            Promise<Object> promise = Promise.promise();
            synchronized (this) {
                if (failure != null) {
                    return Future.failedFuture(failure);
                }
                if (completed) {
                    return Future.succeededFuture();
                }
                awaited = promise;
                asked = subscription;
            }
            if (asked != null) {
                asked.request(1);
            }
            return promise.future();
        }

        @Override
        public void close() {
            Flow.Subscription cancelled;
            synchronized (this) {
                closed = true;
                awaited = null;
                cancelled = subscription;
            }
            if (cancelled != null) {
                cancelled.cancel();
            }
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            boolean wanted;
            boolean useless;
            synchronized (this) {
                useless = closed || subscription != null;
                wanted = awaited != null;
                if (!useless) {
                    subscription = given;
                }
            }
            if (useless) {
                given.cancel();
            } else if (wanted) {
                given.request(1);
            }
        }

        @Override
        public void onNext(Object element) {
            Promise<Object> promise = take();
            if (promise != null) {
                promise.complete(element);
            }
        }

        @Override
        public void onError(Throwable cause) {
            Promise<Object> promise;
            synchronized (this) {
                failure = cause;
                promise = take();
            }
            if (promise != null) {
                promise.fail(cause);
            }
        }

        @Override
        public void onComplete() {
            Promise<Object> promise;
            synchronized (this) {
                completed = true;
                promise = take();
            }
            if (promise != null) {
                promise.complete();
            }
        }

        private synchronized Promise<Object> take() {
            Promise<Object> promise = awaited;
            awaited = null;
            return promise;
        }
    }
}
