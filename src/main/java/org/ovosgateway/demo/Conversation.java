// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.time.LocalDate;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;

/** The pipeline of ovos-core with a few skills: stop, converse, intents, fallback. */
final class Conversation extends OvosService {

    static final String HELLO = "ovos-skill-hello-world.openvoiceos";
    static final String DATE_TIME = "ovos-skill-date-time.openvoiceos";
    static final String COUNT = "ovos-skill-count.openvoiceos";
    static final String WEATHER = "ovos-skill-weather.openvoiceos";
    static final String NAME = "skill-ask-name.ovosgateway";
    static final String STOP = "stop.openvoiceos";
    static final String FALLBACK = "ovos-skill-fallback-unknown.openvoiceos";

    /** The stages that an utterance goes through, unless its session names others. */
    static final List<String> PIPELINE = List.of(
            "ovos-stop-pipeline-plugin-high",
            "ovos-converse-pipeline-plugin",
            "ovos-padacioso-pipeline-plugin-high",
            "ovos-adapt-pipeline-plugin-high",
            "ovos-fallback-pipeline-plugin-low");

    private static final long COUNT_MILLIS = 1_000;
    private static final long LATE_MILLIS = 100;

    private final Vertx vertx;
    private final InstalledSkills skills;
    private final long speechTimeoutMillis;
    private final Consumer<String> actions;
    private final IntentService intents;
    private final List<Intent> known = List.of(
            new Intent(HELLO, "HelloWorldIntent", "\\b(hello|hi)\\b.*", this::hello, "hello world", "hello", "hi"),
            new Intent(
                    HELLO,
                    "ThankYouIntent",
                    ".*\\bthanks?\\b.*",
                    (turn, words) -> speakAndWait(turn, "welcome", "You're welcome"),
                    "thank",
                    "thanks"),
            new Intent(
                    DATE_TIME,
                    "what.time.is.it.intent",
                    ".*\\btime is it\\b.*",
                    (turn, words) -> say(
                            turn,
                            "time.current",
                            "It is " + LocalTime.now().format(DateTimeFormatter.ofPattern("HH:mm")))),
            new Intent(
                    DATE_TIME,
                    "date.intent",
                    ".*\\b(date|day)\\b.*",
                    (turn, words) -> say(
                            turn,
                            "date",
                            "It is "
                                    + LocalDate.now()
                                            .format(DateTimeFormatter.ofLocalizedDate(FormatStyle.FULL)
                                                    .withLocale(Locale.US)))),
            new Intent(COUNT, "count_to_N.intent", "count to (\\d{1,3})", this::count),
            new Intent(
                    WEATHER,
                    "CurrentWeatherIntent",
                    ".*\\bweather\\b.*",
                    (turn, words) -> turn.fail("ConnectionError('no route to the weather service')"),
                    "weather"),
            new Intent(NAME, "ask.name.intent", "(ask|guess) my name|ask me a question", this::askName),
            new Intent(NAME, "boom.intent", "make a boom", (turn, words) -> turn.fail("'boom'")),
            new Intent(NAME, "late.intent", "talk late", (turn, words) -> talkLate(turn)),
            new Intent(NAME, "silent.intent", "stay silent", (turn, words) -> turn.end()),
            new Intent(NAME, "twice.intent", "say it twice", (turn, words) -> {
                turn.speak("first thing");
                turn.speak("second thing");
                say(turn, null, "third thing");
            }));

    // by the id of their session
    private final Map<String, Deque<Runnable>> speakers = new HashMap<>();
    private final Map<String, Turn> questions = new HashMap<>();
    private final Map<String, Counting> counting = new HashMap<>();

    Conversation(
            Consumer<Message> bus,
            Vertx vertx,
            InstalledSkills skills,
            long speechTimeoutMillis,
            Consumer<String> actions) {
        super(bus);
        this.vertx = vertx;
        this.skills = skills;
        this.speechTimeoutMillis = speechTimeoutMillis;
        this.actions = actions;
        on("recognizer_loop:utterance", this::utterance);
        on("recognizer_loop:audio_output_end", this::spoken);
        on("mycroft.stop", this::stopAll);
        on("mycroft.skills.abort_question", this::abortQuestion);
        on(NAME + ".converse.get_response", this::answerTo);
        on("intent.service.active_skills.get", this::activeSkills);
        this.intents = new IntentService(bus, skills, known);
    }

    IntentService intents() {
        return intents;
    }

    private void utterance(Message utterance) {
        JsonNode utterances = utterance.data().path("utterances");
        // what is no list of texts kills the handler in ovos-core: there is no end to such an utterance
        if (utterances.path(0).isTextual() || !utterances.asText().isEmpty()) {
            understand(utterance, transcript(utterances));
        }
    }

    private void understand(Message utterance, String transcript) {
        actions.accept("hears: \"" + transcript + "\"");
        String text = transcript.strip().toLowerCase(Locale.ROOT);
        if (isStop(text) && IntentService.hasStage(utterance, "stop")) {
            stop(utterance);
        } else if (!isAnswer(utterance, transcript)) {
            Intent intent = intents.match(utterance, text);
            if (intent == null) {
                notUnderstood(utterance);
            } else {
                begin(intent, utterance, intent.match(text));
            }
        }
    }

    // Python reads a text as the list of its characters
    private static String transcript(JsonNode utterances) {
        return utterances.isTextual()
                ? utterances.textValue().substring(0, 1)
                : utterances.get(0).textValue();
    }

    private void begin(Intent intent, Message utterance, Matcher words) {
        ObjectNode data = utterance.data().deepCopy();
        data.set("utterance", data.path("utterances").path(0));
        if (intent.ofAdapt()) {
            data.put("intent_type", intent.skill() + ":" + intent.name())
                    .put("confidence", 1.0)
                    .putNull("target");
        }
        intent.handler().accept(new Turn(this::emit, utterance, intent.skill(), intent.name()).start(data), words);
    }

    private void hello(Turn turn, Matcher words) {
        speakAndWait(turn, "hello.world", "Hello human");
    }

    private void say(Turn turn, String dialog, String text) {
        turn.speak(text, dialog, false);
        turn.end();
    }

    // blocks the skill until the audio service tells that this session was spoken to, or the time is over
    private void speakAndWait(Turn turn, String dialog, String text) {
        Deque<Runnable> waiting = speakers.computeIfAbsent(turn.sessionId(), none -> new ArrayDeque<>());
        Runnable[] end = new Runnable[1];
        long timer = vertx.setTimer(speechTimeoutMillis, late -> {
            waiting.remove(end[0]);
            turn.end();
        });
        end[0] = () -> {
            vertx.cancelTimer(timer);
            turn.end();
        };
        waiting.add(end[0]);
        turn.speak(text, dialog, false);
    }

    private void spoken(Message end) {
        Deque<Runnable> waiting = speakers.remove(end.sessionId());
        if (waiting != null) {
            waiting.forEach(Runnable::run);
        }
    }

    // what a skill says later, such as at the end of a timer, belongs to nobody and is spoken aloud
    private void talkLate(Turn turn) {
        turn.end();
        vertx.setTimer(
                LATE_MILLIS,
                later -> new Turn(
                                this::emit,
                                Message.bare("recognizer_loop:utterance", Message.object()),
                                turn.skill(),
                                "late")
                        .chosen()
                        .speak("late speech"));
    }

    private void count(Turn turn, Matcher words) {
        Counting count = new Counting(turn, Integer.parseInt(words.group(1)));
        counting.put(turn.sessionId(), count);
        count.next();
    }

    private void askName(Turn turn, Matcher words) {
        questions.put(turn.sessionId(), turn);
        turn.ask("What is your name?");
    }

    private boolean isAnswer(Message utterance, String text) {
        Turn turn = questions.get(utterance.sessionId());
        // only the default session is kept by the core; any other has to be brought along
        if (turn == null
                || !ofDefaultSession(utterance)
                        && !utterance
                                .context()
                                .path("session")
                                .path("utterance_states")
                                .path(turn.skill())
                                .asText()
                                .equals("response")) {
            return false;
        }
        questions.remove(utterance.sessionId());
        Turn answer = new Turn(this::emit, utterance, turn.skill(), "get_response").chosen();
        answer.emit(turn.skill() + ".activate", Message.object());
        ObjectNode data = utterance.data().deepCopy();
        data.set("utterance", data.path("utterances").path(0));
        answer.emit(turn.skill() + ".converse.get_response", data);
        turn.answered();
        say(turn, null, "Nice to meet you, " + text.strip());
        return true;
    }

    // killing the question of one session ends those of the same skill in all sessions
    private void abortQuestion(Message abort) {
        String skill = abort.data().path("skill_id").asText();
        Turn asked = questions.get(abort.sessionId());
        boolean ofAnother = skills.isLoaded(skill) && asked != null && !skill.equals(asked.skill());
        if (asked != null && !ofAnother) {
            emit(abort.forward(asked.skill() + ".get_response.killed", Message.object()));
            for (Turn turn : List.copyOf(questions.values())) {
                if (turn.skill().equals(asked.skill())) {
                    questions.remove(turn.sessionId());
                    turn.answered();
                    say(turn, null, "You said nothing");
                }
            }
        }
    }

    // a skill takes it from whoever sends it, and "cancel" ends the question of that session alone
    private void answerTo(Message answer) {
        Turn turn = questions.get(answer.sessionId());
        if (turn != null && answer.data().path("utterances").path(0).asText().equals("cancel")) {
            questions.remove(answer.sessionId());
            turn.answered();
            say(turn, null, "You said nothing");
        }
    }

    static boolean isStop(String text) {
        return text.equals("stop") || text.equals("cancel") || text.equals("shut up");
    }

    // the core sends no handled for a stop that one skill takes
    private void stop(Message utterance) {
        Counting count = counting.remove(utterance.sessionId());
        if (count != null) {
            ObjectNode skill = Message.object().put("skill_id", COUNT);
            emit(utterance.reply("stop:skill", skill));
            emit(utterance.reply(COUNT + ".stop", Message.object()));
            count.abort();
            emit(utterance.reply(COUNT + ".stop.response", skill.deepCopy().put("result", true)));
        } else {
            abortQuestion(utterance);
            Turn turn = new Turn(this::emit, utterance, STOP, "stop").chosen();
            turn.emit(STOP + ".activate", Message.object());
            ObjectNode data = utterance.data().deepCopy().put("conf", 1.0);
            data.set("utterance", data.path("utterances").path(0));
            turn.emit("stop:global", data);
            turn.emit("mycroft.stop", Message.object());
            turn.emit("ovos.utterance.handled", Message.object());
        }
    }

    private void stopAll(Message stop) {
        actions.accept("stops");
        boolean stopped = !counting.isEmpty();
        counting.values().forEach(Counting::abort);
        counting.clear();
        for (String skill : skills.active()) {
            Message answer = stop.reply(
                    skill + ".stop.response",
                    Message.object().put("skill_id", skill).put("result", stopped && skill.equals(COUNT)));
            answer.context().put("skill_id", skill);
            emit(answer);
        }
    }

    private void notUnderstood(Message utterance) {
        Message asked = utterance.reply(utterance.type(), Message.object());
        ObjectNode data = utterance.data().deepCopy();
        if (skills.isActive(FALLBACK) && !IntentService.isBlacklisted(utterance, FALLBACK)) {
            data.putArray("range").add(90).add(101);
            emit(utterance.forward("ovos.skills.fallback.ping", data.deepCopy()));
            Turn turn = new Turn(this::emit, utterance, FALLBACK, "handle_fallback").chosen();
            turn.emit(
                    "ovos.skills.fallback.pong",
                    Message.object().put("skill_id", FALLBACK).put("can_handle", true));
            data.put("skill_id", FALLBACK)
                    .set("utterance", data.path("utterances").path(0));
            emit(asked.forward("ovos.skills.fallback." + FALLBACK + ".request", data));
            emit(asked.forward("ovos.skills.fallback." + FALLBACK + ".start", Message.object()));
            turn.speak("I don't understand", "unknown", false);
            turn.emit(
                    "ovos.skills.fallback." + FALLBACK + ".response",
                    Message.object().put("result", false).put("fallback_handler", "UnknownSkill.handle_fallback"));
            turn.emit("ovos.utterance.handled", Message.object());
        } else {
            emit(asked.forward("mycroft.audio.play_sound", Message.object().put("uri", "snd/error.mp3")));
            emit(asked.forward("complete_intent_failure", data));
            emit(asked.forward("ovos.utterance.handled", Message.object()));
        }
    }

    private void activeSkills(Message asked) {
        ObjectNode data = Message.object();
        var ids = data.putArray("skills");
        asked.context().path("session").path("active_skills").forEach(one -> ids.add(one.path(0)));
        emit(asked.reply("intent.service.active_skills.reply", data));
    }

    /** A skill that takes its time: one number a second. */
    private final class Counting {

        private final Turn turn;
        private final int last;
        private int spoken;
        private long timer = -1;

        Counting(Turn turn, int last) {
            this.turn = turn;
            this.last = last;
        }

        void next() {
            if (spoken == last) {
                counting.remove(turn.sessionId(), this);
                turn.end();
                return;
            }
            spoken++;
            turn.speak(Integer.toString(spoken));
            timer = vertx.setTimer(COUNT_MILLIS, tick -> next());
        }

        // an aborted handler is told to be handled twice
        void abort() {
            vertx.cancelTimer(timer);
            turn.end();
            turn.handled();
        }
    }
}
