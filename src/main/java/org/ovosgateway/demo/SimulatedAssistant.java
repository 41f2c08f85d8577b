// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.ovosgateway.Json;

/**
 * An Open Voice OS device without microphone and loudspeaker: the services that stand behind a bus, answering as the
 * real ones do, with the faults of the real ones.
 *
 * <p>Each process of the device has a connection of its own to the bus, which may be any bus, and makes it again when it
 * is lost. Everything that happens, happens on one event loop, message by message in the order of the bus.
 */
public final class SimulatedAssistant {

    /** The secrets in the configuration and the settings of the device all begin with this. */
    public static final String SECRET_MARK = "hush-";

    private final Vertx vertx;
    private final Set<AssistantPart> present = ConcurrentHashMap.newKeySet();
    private final Set<String> silenced = ConcurrentHashMap.newKeySet();
    private final Map<String, Duration> delays = new ConcurrentHashMap<>();
    private final AtomicBoolean internet = new AtomicBoolean(true);
    private final AtomicLong companionClock = new AtomicLong();
    private final Map<AssistantPart, List<OvosService>> services = new EnumMap<>(AssistantPart.class);
    private final List<BusLink> links = new ArrayList<>();
    private final InstalledSkills skills;
    private final Audio audio;
    private final Listener listener;
    private final Context context;
    private final Names names;
    private final Phal phal;
    private final Future<Void> connected;

    private SimulatedAssistant(Builder how, Vertx vertx, URI bus) {
        this.vertx = vertx;
        this.present.addAll(how.parts);
        this.silenced.addAll(how.silenced);
        this.delays.putAll(how.delays);
        ObjectNode config = resource("mycroft.json");
        this.skills = new InstalledSkills(how.settings());

        this.context = vertx.getOrCreateContext();
        this.names = how.names;
        Wire core = new Wire(names);
        Wire sound = how.oneConnection ? core : new Wire(names);
        Wire ears = how.oneConnection ? core : new Wire(names);
        Wire hardware = how.oneConnection ? core : new Wire(names);
        this.audio = new Audio(sound, vertx, how.voice(), how.actions, config.get("lang"));
        this.listener = new Listener(ears, vertx, how.listening, how.actions, config.get("lang"));
        this.phal = new Phal(hardware, internet, how.mixer, how.actions);
        Conversation conversation = new Conversation(core, vertx, skills, how.speechTimeout.toMillis(), how.actions);
        services.put(
                AssistantPart.CORE,
                List.of(
                        new Core(core, skills, config, how.actions),
                        conversation,
                        conversation.intents(),
                        new AlertSkill(core, vertx, skills, how.actions)));
        services.put(
                AssistantPart.COMPANION,
                List.of(
                        how.gatewayCompanion
                                ? new GatewayCompanion(core, skills, config, how.apiKey, companionClock)
                                : new RestApiSkill(core, skills, config, internet, how.apiKey, how.copies)));
        services.put(AssistantPart.AUDIO, List.of(audio));
        services.put(AssistantPart.LISTENER, List.of(listener));
        services.put(AssistantPart.PHAL, List.of(phal));

        if (how.oneConnection) {
            connect(context, bus, how.backOff, core, EnumSet.allOf(AssistantPart.class));
        } else {
            connect(context, bus, how.backOff, core, EnumSet.of(AssistantPart.CORE, AssistantPart.COMPANION));
            connect(context, bus, how.backOff, sound, EnumSet.of(AssistantPart.AUDIO));
            connect(context, bus, how.backOff, ears, EnumSet.of(AssistantPart.LISTENER));
            connect(context, bus, how.backOff, hardware, EnumSet.of(AssistantPart.PHAL));
        }
        if (how.foreignTraffic != null) {
            Wire neighbour = new Wire(names);
            connect(context, bus, how.backOff, neighbour, EnumSet.noneOf(AssistantPart.class));
            ForeignTraffic traffic = new ForeignTraffic(neighbour);
            context.runOnContext(
                    nothing -> vertx.setPeriodic(Math.max(1, how.foreignTraffic.toMillis()), tick -> traffic.next()));
        }
        this.connected = Future.all(links.stream().map(BusLink::open).toList()).mapEmpty();
    }

    /** How the device is to be; without further words a complete one that speaks in no time. */
    public static Builder builder() {
        return new Builder();
    }

    /** Succeeds when every process of the device has been connected once. */
    public Future<Void> connected() {
        return connected;
    }

    /** Whether every process of the device is connected now. */
    public boolean isConnected() {
        return links.stream().allMatch(BusLink::isConnected);
    }

    /** Leaves the bus for good. */
    public Future<Void> close() {
        return Future.join(links.stream().map(BusLink::close).toList()).mapEmpty();
    }

    /** A part falls silent, as if its process were not there; the companion is a skill, and is not installed then. */
    public void switchOff(AssistantPart part) {
        present.remove(part);
        if (part == AssistantPart.COMPANION) {
            skills.uninstall(InstalledSkills.COMPANION);
        }
    }

    /** A part is there again, in the state in which it fell silent. */
    public void switchOn(AssistantPart part) {
        present.add(part);
        if (part == AssistantPart.COMPANION) {
            skills.install(InstalledSkills.COMPANION);
        }
    }

    /** Starts the companion skill of this gateway again; on the event loop, so that it is over before what is sent next. */
    public void restartCompanion() {
        context.runOnContext(nothing ->
                services.get(AssistantPart.COMPANION).forEach(service -> ((GatewayCompanion) service).restart()));
    }

    /** Sets the clock of the companion skill of this gateway wrong. */
    public void companionClockIsAhead(Duration time) {
        companionClock.set(time.toMillis());
    }

    /** Ignores the messages of a type. */
    public void silence(String type) {
        silenced.add(type);
    }

    /** Ends {@link #silence}. */
    public void unsilence(String type) {
        silenced.remove(type);
    }

    /** Handles the messages of a type this much later, while others go on; zero ends it. */
    public void delay(String type, Duration delay) {
        if (delay.isZero()) {
            delays.remove(type);
        } else {
            delays.put(type, delay);
        }
    }

    /** Plugs or unplugs the device's uplink. */
    public void internet(boolean connected) {
        internet.set(connected);
    }

    /** The latest 10,000 texts that were spoken aloud, the oldest first. */
    public List<String> spoken() {
        return audio.spoken();
    }

    /**
     * Somebody says the wake word, unless it listens already, and then this; an empty text, and any text while it is muted,
     * ends the listening with nothing heard. Nothing happens while it is asleep, or has no listener.
     */
    public void hear(String text) {
        if (present.contains(AssistantPart.LISTENER)) {
            context.runOnContext(nothing -> listener.hear(text));
        }
    }

    /** Somebody says the wake word, and no more yet. */
    void wake() {
        context.runOnContext(nothing -> listener.wake());
    }

    public boolean isSpeaking() {
        return audio.isSpeaking();
    }

    /** Whether it plays a sound, beside its speech. */
    public boolean isSounding() {
        return audio.isSounding();
    }

    public boolean isMuted() {
        return listener.isMuted();
    }

    public boolean isAsleep() {
        return listener.isAsleep();
    }

    /** How often it was told to listen, and did. */
    public int listened() {
        return listener.listened();
    }

    /** The volume of the loudspeaker, 0 to 1. */
    public double volume() {
        return phal.level();
    }

    public boolean isVolumeMuted() {
        return phal.isMuted();
    }

    /** The ids of all skills. */
    public List<String> skills() {
        return skills.ids();
    }

    /** The ids of the skills that are active. */
    public List<String> activeSkills() {
        return skills.active();
    }

    private void connect(Context context, URI bus, Duration backOff, Wire wire, Set<AssistantPart> parts) {
        BusLink link = new BusLink(
                vertx,
                context,
                bus,
                backOff,
                message -> names.heard(message).ifPresent(heard -> receive(heard, parts)));
        wire.link = link;
        links.add(link);
    }

    private void receive(Message message, Set<AssistantPart> parts) {
        if (silenced.contains(message.type())) {
            return;
        }
        Duration delay = delays.get(message.type());
        if (delay == null) {
            handle(message, parts);
        } else {
            vertx.setTimer(Math.max(1, delay.toMillis()), due -> handle(message, parts));
        }
    }

    private void handle(Message message, Set<AssistantPart> parts) {
        for (AssistantPart part : parts) {
            if (present.contains(part)) {
                services.get(part).forEach(service -> service.handle(message));
            }
        }
    }

    private static ObjectNode resource(String name) {
        try (InputStream in = SimulatedAssistant.class.getResourceAsStream("/demo/" + name)) {
            return (ObjectNode) Json.PLAIN.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException("/demo/" + name + " is damaged", e);
        }
    }

    /** Lets services be made before the link over which they emit. */
    private static final class Wire implements Consumer<Message> {

        private final Names names;
        private BusLink link;

        Wire(Names names) {
            this.names = names;
        }

        @Override
        public void accept(Message message) {
            names.sent(message).forEach(link::emit);
        }
    }

    /** How a device is to be. */
    public static final class Builder {

        private final Set<AssistantPart> parts = EnumSet.allOf(AssistantPart.class);
        private final Set<String> silenced = ConcurrentHashMap.newKeySet();
        private final Map<String, Duration> delays = new ConcurrentHashMap<>();
        private String apiKey = SECRET_MARK + "shared-key-of-the-companion";
        private int copies = 3;
        private boolean gatewayCompanion;
        private Names names = Names.OLD;
        private boolean alerts;
        private int extraSkills;
        private boolean oneConnection;
        private Phal.Mixer mixer = Phal.Mixer.ALSA;
        private Function<String, Duration> speech = text -> Duration.ZERO;
        private Duration synthesis = Duration.ZERO;
        private Duration tail = Duration.ZERO;
        private Duration listening = Duration.ZERO;
        private Duration speechTimeout = Duration.ofSeconds(15);
        private Duration backOff = Duration.ofMillis(500);
        private Duration foreignTraffic;
        private Consumer<String> actions = line -> {};

        private Builder() {}

        /** Leaves out parts; without the companion its skill is not installed at all. */
        public Builder without(AssistantPart... missing) {
            parts.removeAll(List.of(missing));
            return this;
        }

        /** The key that the companion shares with the gateway; null for a companion that was not set up. */
        public Builder apiKey(String key) {
            apiKey = key;
            return this;
        }

        /** With the companion skill of this gateway instead of {@code skill-rest-api}. */
        public Builder gatewayCompanion() {
            gatewayCompanion = true;
            return this;
        }

        /** Under which names it sends its messages. */
        public Builder names(Names spelling) {
            names = spelling;
            return this;
        }

        /** How often the companion gives each of its answers; 3 by default, as after its first start. */
        public Builder copies(int times) {
            copies = times;
            return this;
        }

        /** Installs ovos-skill-alerts. */
        public Builder alerts() {
            alerts = true;
            return this;
        }

        /** Installs {@code skill-0.test} and so on, each with settings of its own: its number is in {@code index}. */
        public Builder extraSkills(int number) {
            extraSkills = number;
            return this;
        }

        /** Leaves out the plugin of ovos-PHAL for the volume, as where there is no mixer: nobody answers for it. */
        public Builder withoutVolume() {
            mixer = Phal.Mixer.NONE;
            return this;
        }

        /** Has PulseAudio's plugin for the volume instead of that of ALSA: it never tells whether it is muted. */
        public Builder pulseAudio() {
            mixer = Phal.Mixer.PULSE_AUDIO;
            return this;
        }

        /** Puts all parts behind one connection, which spares a busy bus three copies of each message. */
        public Builder oneConnection() {
            oneConnection = true;
            return this;
        }

        /** How long it speaks each text; not at all by default. */
        public Builder speech(Duration time) {
            return speech(text -> time);
        }

        /** The same where longer texts take longer. */
        public Builder speech(Function<String, Duration> timeOfText) {
            speech = timeOfText;
            return this;
        }

        /** How long it takes to make the sound of each text, before it is spoken; no time by default. */
        public Builder synthesis(Duration time) {
            synthesis = time;
            return this;
        }

        /** How long after its end or its stop a speech is told to have ended; at once by default, 2 s in the real one. */
        public Builder tail(Duration time) {
            tail = time;
            return this;
        }

        /** How long it listens when nobody speaks; not at all by default, 5 s in the real one. */
        public Builder listening(Duration time) {
            listening = time;
            return this;
        }

        /** How long a skill waits for the end of its speech; 15 s by default. */
        public Builder speechTimeout(Duration time) {
            speechTimeout = time;
            return this;
        }

        /** How long a process stays away when it lost the bus; 500 ms by default, 5 s and more in Python. */
        public Builder backOff(Duration time) {
            backOff = time;
            return this;
        }

        /** Ignores the messages of a type. */
        public Builder silence(String type) {
            silenced.add(type);
            return this;
        }

        /** Handles the messages of a type this much later. */
        public Builder delay(String type, Duration time) {
            delays.put(type, time);
            return this;
        }

        /** Has somebody else on the bus get answers, one in each period; see {@link ForeignTraffic}. */
        public Builder foreignTraffic(Duration period) {
            foreignTraffic = period;
            return this;
        }

        /**
         * Is given what the device does, one line for each action, such as {@code says: "Hello"} or {@code listens}; called
         * on an event loop.
         */
        public Builder onAction(Consumer<String> listener) {
            actions = listener;
            return this;
        }

        /** Starts the device, which connects to the bus now or as soon as there is one. */
        public SimulatedAssistant start(Vertx vertx, URI bus) {
            return new SimulatedAssistant(this, vertx, bus);
        }

        private Audio.Voice voice() {
            return new Audio.Voice(synthesis, speech, tail);
        }

        private Map<String, ObjectNode> settings() {
            Map<String, ObjectNode> settings = new LinkedHashMap<>();
            resource("settings.json")
                    .properties()
                    .forEach(skill -> settings.put(skill.getKey(), (ObjectNode) skill.getValue()));
            if (parts.contains(AssistantPart.COMPANION)) {
                ObjectNode own = Message.object().put("__mycroft_skill_firstrun", false);
                if (apiKey != null) {
                    own.put("api_key", apiKey);
                }
                settings.put(InstalledSkills.COMPANION, own);
            }
            if (alerts) {
                settings.put(AlertSkill.ID, Message.object().put("snooze_mins", 15));
            }
            for (int i = 0; i < extraSkills; i++) {
                ObjectNode one =
                        Message.object().put("name", "skill-" + i + ".test").put("index", i);
                one.putObject("account").put("user", "test").put("token", SECRET_MARK + "token-" + i);
                settings.put("skill-" + i + ".test", one);
            }
            return settings;
        }
    }
}
