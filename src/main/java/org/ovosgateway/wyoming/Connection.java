// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import org.ovosgateway.LanguageTag;
import org.ovosgateway.audio.Audio;
import org.ovosgateway.conversation.Outcomes;
import org.ovosgateway.http.HttpProperties;
import org.ovosgateway.http.Problems;
import org.ovosgateway.http.Reset;
import org.ovosgateway.http.Sender;
import org.ovosgateway.http.Uploads;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** One client: reads its events, one after the other, and answers them. Used on the event loop of the server only. */
final class Connection implements EventDecoder.Sink, Sender {

    /** Bytes of a payload that nobody asked for. */
    private static final int LARGEST_IGNORED = 64 << 10;

    private static final int LONGEST_ID = 128;
    private static final int LONGEST_TEXT = 4_000;
    private static final Duration PARTING = Duration.ofSeconds(5);

    private final NetSocket socket;
    private final WyomingServer server;
    private final EventDecoder decoder = new EventDecoder(this);
    private final Outgoing outgoing;
    private final SoundMemory memory;
    private Event event;
    private HeardSound sound;
    private String soundLang;
    private String conversation;
    private int pauses;
    /** Whether it has sent a whole event. */
    private boolean known;

    private boolean answering;
    private boolean ending;
    private boolean closed;
    /** When the last event came, or the one under way began. */
    private long since = System.nanoTime();

    Connection(NetSocket socket, WyomingServer server) {
        this.socket = socket;
        this.server = server;
        this.outgoing = new Outgoing(socket, this);
        this.memory = new SoundMemory(server.load(), server.vertx());
        socket.exceptionHandler(broken -> {});
        socket.closeHandler(gone -> {
            closed = true;
            server.forget(this);
            outgoing.close();
            if (!answering) {
                release();
            }
        });
        socket.handler(this::read);
    }

    private void read(Buffer bytes) {
        if (ending) {
            return;
        }
        if (!decoder.isWithin()) {
            since = System.nanoTime();
        }
        attempt(() -> decoder.take(bytes));
    }

    private void attempt(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    @Override
    public void begun(Event begun, long payload) {
        event = begun;
        if (begun.type().equals("audio-chunk")) {
            if (sound == null) {
                hear(begun);
            }
            sound.requireRoom(begun, payload);
        } else if (payload > LARGEST_IGNORED) {
            throw new ProblemException(Problems.validation(
                    "payload_length", "has to be at most %d for '%s'".formatted(LARGEST_IGNORED, begun.type())));
        }
    }

    private void hear(Event start) {
        release();
        sound = new HeardSound(start, server.properties().maxSound().toBytes(), this);
    }

    @Override
    public void payload(Buffer part) {
        if (event.type().equals("audio-chunk")) {
            sound.take(part.getBytes());
            memory.hold(sound.inMemory() - memory.held());
        }
    }

    @Override
    public void ended() {
        since = System.nanoTime();
        known = true;
        Event whole = event;
        event = null;
        switch (whole.type()) {
            case "describe" -> answer(server.info());
            case "ping" -> {
                Event pong = new Event("pong");
                pong.data().put("text", whole.text("text"));
                outgoing.send(pong);
            }
            case "transcript" -> converse(whole);
            case "transcribe" -> soundLang = language("language", whole.text("language"));
            case "audio-start" -> hear(whole);
            case "audio-stop" -> transcribe();
            case "synthesize" -> synthesize(whole);
            default -> {
                // a chunk is with its sound; what else there is in the protocol is for others
            }
        }
    }

    private void converse(Event transcript) {
        String clientsId = transcript.text("context", "conversation_id");
        if (clientsId != null && clientsId.length() > LONGEST_ID) {
            throw new ProblemException(Problems.validation(
                    "context.conversation_id", "has to have at most %d characters".formatted(LONGEST_ID)));
        }
        String known = clientsId != null
                ? server.conversations().of(clientsId)
                : conversation != null ? conversation : server.conversations().takeWaiting(address());
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("text", transcript.text("text"));
        request.put("lang", transcript.text("language"));
        request.put("conversation_id", known);
        answer(server.ask(Service.HANDLE, request, Map.of())
                .map(said -> outcome((Map<?, ?>) said.body(), clientsId))
                // it is told to people, and not all clients read the event error
                .otherwise(failure -> result("not-handled", problem(failure).detail(), clientsId)));
    }

    private Event outcome(Map<?, ?> outcome, String clientsId) {
        String id = (String) outcome.get("conversation_id");
        String status = (String) outcome.get("status");
        conversation = id;
        if (clientsId != null) {
            server.conversations().keep(clientsId, id);
        } else {
            server.conversations().keep(id, id);
            if ("waiting_for_answer".equals(status)) {
                server.conversations().keepWaiting(address(), id);
            }
        }
        boolean handled = "complete".equals(status) || "waiting_for_answer".equals(status);
        return result(handled ? "handled" : "not-handled", Outcomes.text(outcome), clientsId == null ? id : clientsId);
    }

    private static Event result(String type, String text, String conversation) {
        Event result = new Event(type);
        result.data().put("text", text);
        if (conversation != null) {
            result.data().putObject("context").put("conversation_id", conversation);
        }
        return result;
    }

    /** @throws ProblemException 422 for what is no language */
    private static String language(String member, String text) {
        if (text != null && !LanguageTag.is(text)) {
            throw new ProblemException(Problems.validation(member, LanguageTag.RULE));
        }
        return text;
    }

    private void transcribe() {
        HeardSound heard = sound;
        String lang = soundLang;
        sound = null;
        soundLang = null;
        if (heard == null) {
            throw new ProblemException(Problems.validation("audio-stop", "comes before any audio"));
        }
        if (heard.isEmpty()) {
            answer(Future.succeededFuture(transcript(Map.of("transcriptions", List.of()))));
            return;
        }
        Map<String, Object> headers = new LinkedHashMap<>();
        headers.put("rate", heard.rate());
        headers.put("channels", heard.channels());
        headers.put("lang", lang);
        answer(heard.close()
                .compose(file -> server.ask(Service.ASR, file, headers))
                .map(answer -> transcript((Map<?, ?>) answer.body()))
                .onComplete(done -> release()));
    }

    private static Event transcript(Map<?, ?> result) {
        Event transcript = new Event("transcript");
        transcript.data().put("text", Objects.requireNonNullElse(Audio.best(result), ""));
        if (result.get("lang") instanceof String lang) {
            transcript.data().put("language", lang);
        }
        return transcript;
    }

    private void synthesize(Event request) {
        String text = request.text("text");
        if (text == null || text.length() > LONGEST_TEXT) {
            throw new ProblemException(
                    Problems.validation("text", "has to be a text of 1 to %d characters".formatted(LONGEST_TEXT)));
        }
        String voice = request.text("voice", "name");
        String lang = language("voice.language", request.text("voice", "language"));
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("text", text);
        body.put("lang", lang == null && Speech.isVoice(voice) ? voice : lang);
        answering(server.ask(Service.TTS, body, Map.of()).compose(made -> {
            Speech speech = Speech.of(made);
            memory.hold(speech.size());
            return outgoing.send(speech).onComplete(sent -> release());
        }));
    }

    private void answer(Future<Event> answer) {
        answering(answer.map(event -> {
            outgoing.send(event);
            return null;
        }));
    }

    /** The next event waits until this one is answered. */
    private void answering(Future<Void> answer) {
        pauseBody();
        answering = true;
        answer.onComplete(done -> {
            answering = false;
            since = System.nanoTime();
            if (closed) {
                release();
            } else if (done.failed()) {
                fail(done.cause());
            } else {
                resumeBody();
            }
        });
    }

    /** Tells why, and ends the connection: some clients do not read errors, and all notice that. */
    private void fail(Throwable why) {
        if (closed || ending) {
            return;
        }
        ending = true;
        since = System.nanoTime();
        decoder.hold();
        release();
        server.failed(why);
        outgoing.sendLast(Event.error(problem(why))).onComplete(told -> {
            // what it still sends is read and dropped, or the system would drop the event
            if (channel() instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
            }
        });
        socket.resume();
    }

    private static Problem problem(Throwable failure) {
        return failure instanceof ProblemException known ? known.problem() : Problems.of(500);
    }

    /** Ends it where the client takes too long. */
    void look(long now) {
        HttpProperties limits = server.limits();
        Duration patience = ending ? PARTING : decoder.isWithin() ? limits.readTimeout() : limits.idleTimeout();
        boolean waits = ending || pauses == 0;
        if (waits && since + patience.toNanos() - now < 0 || outgoing.isStuck(now, limits.writeTimeout())) {
            abort();
        }
    }

    /** Whether it waits for a request, or has only sent the beginning of its first event. */
    boolean isIdle() {
        return !known || !answering && sound == null && !decoder.isWithin();
    }

    /** When it began to do what it does. */
    long since() {
        return since;
    }

    /** Ends it with whatever is on its way. */
    void abort() {
        Reset.of(channel());
    }

    private Channel channel() {
        return ((NetSocketInternal) socket).channelHandlerContext().channel();
    }

    private String address() {
        return socket.remoteAddress().hostAddress();
    }

    @Override
    public Vertx vertx() {
        return server.vertx();
    }

    @Override
    public Uploads.Place place() {
        return memory.place();
    }

    @Override
    public void pauseBody() {
        if (pauses++ == 0) {
            decoder.hold();
            socket.pause();
        }
    }

    @Override
    public void resumeBody() {
        if (--pauses == 0 && !ending && !closed) {
            socket.resume();
            attempt(decoder::go);
        }
    }

    @Override
    public void failBody(ProblemException why) {
        fail(why);
    }

    private void release() {
        memory.release();
        sound = null;
    }
}
