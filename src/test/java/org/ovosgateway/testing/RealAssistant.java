// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ConditionTimeoutException;
import org.ovosgateway.demo.AssistantPart;
import org.ovosgateway.demo.Message;
import org.springframework.util.FileSystemUtils;

import static org.awaitility.Awaitility.await;

/**
 * The services of OVOS from PyPI, with a sound system of their own; see {@code src/test/ovos}.
 *
 * <p>What they log is in {@code target/assistants/<line>}. They end with the JVM, however that ends.
 */
final class RealAssistant implements Assistant {

    private static final Duration INSTALL_LIMIT = Duration.ofMinutes(15);
    /** All lines start at once, and each imports a lot of Python. */
    private static final Duration START_LIMIT = Duration.ofMinutes(4);

    private static final ConditionFactory PATIENTLY =
            await().atMost(Duration.ofSeconds(90)).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(50));
    private static final String SKILL = "gateway-test.openvoiceos";
    /** Each with what it calls itself when it is asked whether it is ready. */
    private static final Map<AssistantPart, String> SERVICES = Map.of(
            AssistantPart.CORE, "skills",
            AssistantPart.AUDIO, "audio",
            AssistantPart.LISTENER, "voice",
            AssistantPart.PHAL, "PHAL");

    private static final Map<AssistantPart, String> PROGRAMS = Map.of(
            AssistantPart.CORE, "ovos-core",
            AssistantPart.AUDIO, "ovos-audio",
            AssistantPart.LISTENER, "ovos-dinkum-listener",
            AssistantPart.PHAL, "ovos_PHAL");
    private static final Set<String> SLEEPING = Set.of("sleeping", "wake_up");
    private static final Set<String> WAITING = Set.of("wakeword", "pre_wake_vad");
    private static final Message NO_SCREEN =
            Message.bare("gui.status.request.response", Message.object().put("connected", false));
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path MEMORY = Path.of("/dev/shm");

    private final Line line;
    private final Path programs;
    private final Path home;
    /** In memory where that can be had: else the cache of the voice would be one that all assistants share. */
    private final Path temporary;

    private final Path logs;
    private final int port;
    private final SoundSystem sound = new SoundSystem(this::withEnvironment);
    private final Map<AssistantPart, Process> parts = new EnumMap<>(AssistantPart.class);
    private final List<Process> others = new ArrayList<>();
    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setUseDaemonThread(true));
    private final Thread killOnExit = new Thread(this::kill, "kill-assistant");
    private OutputStream watchdog;
    private boolean over;

    private RealAssistant(Line line, Path programs) throws IOException {
        this.line = line;
        this.programs = programs;
        this.port = OutsideProgram.freePort();
        // a short path: that of a socket must not be long
        this.home = Files.createTempDirectory("ovos");
        this.temporary = Files.isWritable(MEMORY)
                ? Files.createTempDirectory(MEMORY, "ovos")
                : Files.createDirectory(home.resolve("tmp"));
        this.logs = line.folder();
    }

    /** Installs it where that is necessary, and gives the folder of its programs. */
    static Path install(Line line) throws IOException {
        for (String program : List.of("pulseaudio", "parec", "paplay", "pactl", "espeak-ng")) {
            OutsideProgram.run(
                    List.of("sh", "-c", "command -v " + program + " || { echo no " + program + "; exit 1; }"),
                    INSTALL_LIMIT);
        }
        String printed = OutsideProgram.run(List.of("sh", "src/test/scripts/install-ovos", line.pins), INSTALL_LIMIT);
        return Path.of(printed.lines().reduce((first, second) -> second).orElseThrow());
    }

    /** Starts what is installed; returns when all of it is ready. */
    static RealAssistant start(Line line, Path programs) throws IOException {
        RealAssistant assistant = new RealAssistant(line, programs);
        Runtime.getRuntime().addShutdownHook(assistant.killOnExit);
        try {
            assistant.startAll();
            return assistant;
        } catch (IOException | RuntimeException e) {
            assistant.close();
            throw e;
        }
    }

    private void startAll() throws IOException {
        Files.createDirectories(logs);
        ObjectNode configuration =
                (ObjectNode) JSON.readTree(Path.of("src/test/ovos/mycroft.conf").toFile());
        ((ObjectNode) configuration.get("websocket")).put("port", port);
        Path folder = Files.createDirectories(home.resolve("config/mycroft"));
        JSON.writeValue(folder.resolve("mycroft.conf").toFile(), configuration);
        RealCompanion.writeKey(home.resolve("config"));
        // for programs that know ALSA only
        Files.writeString(home.resolve(".asoundrc"), "pcm.!default pulse\nctl.!default pulse\n");
        for (String name : List.of("run", "data", "state", "cache")) {
            Files.createDirectory(home.resolve(name));
        }
        // whatever becomes of this JVM, its end ends the input of this shell
        Process shell = new ProcessBuilder(
                        "sh",
                        "-c",
                        "pids=; while read pid; do case $pid in over) exit;; *) pids=\"$pids $pid\";; esac; done; kill -9 $pids")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        watchdog = shell.getOutputStream();

        others.add(launch("pulseaudio", SoundSystem.server(home)));
        PATIENTLY.until(sound::isUp);
        Process recorder = withEnvironment(new ProcessBuilder(SoundSystem.recorder()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        watch(recorder);
        others.add(recorder);
        Thread recording = new Thread(() -> sound.record(recorder.getInputStream()), "recorder-" + line);
        recording.setDaemon(true);
        recording.start();
        others.add(launch("bus", List.of(program("ovos-messagebus"))));
        PATIENTLY.until(this::relays);
        for (AssistantPart part : PROGRAMS.keySet()) {
            parts.put(part, launch(part.name().toLowerCase(Locale.ROOT), List.of(program(PROGRAMS.get(part)))));
        }
        awaitReady();
    }

    private String program(String name) {
        return programs.resolve(name).toString();
    }

    /** Not while the JVM ends: a test that is still under way would start again what has just been killed. */
    private synchronized Process launch(String name, List<String> command) throws IOException {
        if (over) {
            throw new IllegalStateException("the " + line + " line is being stopped");
        }
        Process started = withEnvironment(new ProcessBuilder(command))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        logs.resolve(name + ".log").toFile()))
                .start();
        watch(started);
        return started;
    }

    private void watch(Process started) throws IOException {
        watchdog.write((started.pid() + "\n").getBytes(StandardCharsets.US_ASCII));
        watchdog.flush();
    }

    /** In a home of its own, so that nothing of this machine has a say. */
    private ProcessBuilder withEnvironment(ProcessBuilder builder) {
        Map<String, String> environment = builder.environment();
        environment.put("HOME", home.toString());
        environment.put("TMPDIR", temporary.toString());
        environment.put("XDG_RUNTIME_DIR", home.resolve("run").toString());
        for (String kind : List.of("CONFIG", "STATE", "CACHE", "DATA")) {
            environment.put(
                    "XDG_" + kind + "_HOME",
                    home.resolve(kind.toLowerCase(Locale.ROOT)).toString());
        }
        for (String kind : List.of("CONFIG", "DATA")) {
            environment.put("XDG_" + kind + "_DIRS", home.resolve("none").toString());
        }
        environment.put("PULSE_SERVER", "unix:" + home.resolve("pulse"));
        environment.put(
                "PYTHONPATH",
                Path.of("src/test/ovos/plugins").toAbsolutePath() + ":"
                        + Path.of("companion").toAbsolutePath());
        // nothing is written beside the plugins
        environment.put("PYTHONDONTWRITEBYTECODE", "1");
        if (line == Line.ALPHA_WITHOUT_TWINS) {
            environment.put("OVOS_BUS_WIRE_LEGACY_TWINS", "false");
        }
        return builder;
    }

    private boolean relays() {
        try (BusProbe probe = BusProbe.connect(port)) {
            probe.next();
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Asks each part until all say that they are ready, and answers for what they would wait for in vain. */
    private void awaitReady() {
        try (BusClient client = overhear()) {
            int[] answered = new int[2];
            Set<AssistantPart> waiting = EnumSet.noneOf(AssistantPart.class);
            Callable<Boolean> ready = () -> {
                waiting.clear();
                answered[0] = answer(client, "mycroft.skills.train", bare("mycroft.skills.trained"), answered[0]);
                answered[1] = answer(client, "gui.status.request", NO_SCREEN, answered[1]);
                for (AssistantPart part : parts.keySet()) {
                    if (!parts.get(part).isAlive()) {
                        throw new IllegalStateException(PROGRAMS.get(part) + " has ended; see " + logs);
                    }
                    String question = "mycroft." + SERVICES.get(part) + ".is_ready";
                    if (client.received(question + ".response").stream()
                            .noneMatch(answer -> answer.data().path("status").asBoolean())) {
                        client.send(bare(question));
                        waiting.add(part);
                    }
                }
                return waiting.isEmpty();
            };
            try {
                PATIENTLY
                        .atMost(START_LIMIT)
                        .pollInterval(Duration.ofMillis(200))
                        .until(ready);
            } catch (ConditionTimeoutException e) {
                throw new IllegalStateException("not ready in time: " + waiting + "; see " + logs, e);
            }
        }
    }

    /** Nobody is there who trains, and no screen: without an answer core waits for a minute and for some seconds. */
    private static int answer(BusClient client, String question, Message answer, int answered) {
        int asked = client.received(question).size();
        for (int i = answered; i < asked; i++) {
            client.send(answer);
        }
        return asked;
    }

    private static Message bare(String type) {
        return Message.bare(type, Message.object());
    }

    @Override
    public Line line() {
        return line;
    }

    @Override
    public int busPort() {
        return port;
    }

    @Override
    public BusClient overhear() {
        try {
            return new BusClient(vertx, bus());
        } catch (Exception e) {
            throw new IllegalStateException("the bus of the " + line + " line is not there", e);
        }
    }

    @Override
    public GatewayTraffic overhearGateway() {
        try {
            return new GatewayTraffic(vertx, bus());
        } catch (Exception e) {
            throw new IllegalStateException("the bus of the " + line + " line is not there", e);
        }
    }

    @Override
    public void hear(String phrase) {
        sound.say(phrase);
    }

    @Override
    public Recording loudspeaker() {
        return sound.loudspeaker();
    }

    @Override
    public int volume() {
        return sound.volume();
    }

    @Override
    public boolean isVolumeMuted() {
        return sound.isMuted();
    }

    @Override
    public void turnVolume(int percent) {
        sound.set(percent);
    }

    @Override
    public String skill() {
        return SKILL;
    }

    @Override
    public long cachedSounds() {
        try (Stream<Path> files = Files.walk(temporary.resolve("tts"))) {
            return files.filter(file -> file.toString().endsWith(".wav")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void kill(AssistantPart part) {
        end(parts.get(part));
    }

    @Override
    public void freeze(AssistantPart part) {
        OutsideProgram.freeze(parts.get(part));
    }

    @Override
    public void thaw(AssistantPart part) {
        OutsideProgram.thaw(parts.get(part));
    }

    @Override
    public void start(AssistantPart part) {
        try {
            parts.put(part, launch(part.name().toLowerCase(Locale.ROOT), List.of(program(PROGRAMS.get(part)))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitReady();
    }

    @Override
    public void reset() {
        for (AssistantPart part : List.copyOf(parts.keySet())) {
            if (parts.get(part).isAlive()) {
                thaw(part);
            } else {
                start(part);
            }
        }
        awaitReady();
        try (BusClient client = overhear()) {
            client.send(bare("mycroft.stop"));
            client.send(bare("mycroft.mic.unmute"));
            client.send(Message.bare("skillmanager.activate", Message.object().put("skill", SKILL)));
            PATIENTLY.until(() -> {
                String state = ask(client, "recognizer_loop:state.get", "recognizer_loop:state")
                        .path("state")
                        .asText();
                if (SLEEPING.contains(state)) {
                    client.send(bare("recognizer_loop:wake_up"));
                } else if (!WAITING.contains(state)) {
                    client.send(Message.bare(
                            "recognizer_loop:state.set", Message.object().put("state", "wakeword")));
                }
                return WAITING.contains(state);
            });
            PATIENTLY.until(() -> ask(client, "mycroft.audio.speak.status", "mycroft.audio.is_speaking")
                    .path("speaking")
                    .asText()
                    .equals("false"));
            PATIENTLY.until(() -> ask(client, "skillmanager.list", "mycroft.skills.list")
                    .path(SKILL)
                    .path("active")
                    .asBoolean());
            sound.loudspeaker().awaitPause();
            client.send(Message.bare("volume.set.percent", Message.object().put("percent", 0.5)));
            client.send(Message.bare(
                    "mycroft.volume.set", Message.object().put("percent", 0.5).put("play_sound", false)));
            ask(client, "mycroft.volume.get", "mycroft.volume.get.response");
            sound.set(50);
        }
    }

    private static JsonNode ask(BusClient client, String question, String answer) {
        int before = client.received(answer).size();
        client.send(bare(question));
        List<Message> answers = client.await(answer, before + 1);
        return answers.get(answers.size() - 1).data();
    }

    @Override
    public void close() {
        kill();
        try {
            Runtime.getRuntime().removeShutdownHook(killOnExit);
            vertx.close();
            FileSystemUtils.deleteRecursively(home);
            FileSystemUtils.deleteRecursively(temporary);
        } catch (IllegalStateException exiting) {
            // the hook is already running
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void kill() {
        over = true;
        parts.values().forEach(RealAssistant::end);
        others.forEach(RealAssistant::end);
        try {
            if (watchdog != null) {
                watchdog.write("over\n".getBytes(StandardCharsets.US_ASCII));
                watchdog.close();
            }
        } catch (IOException over) {
            // it has ended
        }
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().join();
    }
}
