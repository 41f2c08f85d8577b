#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records what a real assistant says on its bus to all that the gateway sends, one file for each scenario.

usage: record.py BUS-URL FOLDER [SCENARIO...]

The assistant has the plugins and the skill of src/test/ovos, the sound system of src/test/ovos/pulse.pa
(PULSE_SERVER says where) and fallback-unknown; this program runs in any Python with websocket-client and PyYAML, and speaks by
espeak-ng, sox and paplay. A scenario is in scenarios.json: "send" a message, "say" a text into the microphone, "await" a
message, or be "quiet" for some seconds. Example:

    src/test/ovos/record/record.py ws://127.0.0.1:8181/core src/test/resources/traffic/today
"""
import base64
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import websocket
import yaml

HERE = Path(__file__).parent
VOCABULARY = yaml.safe_load((HERE.parents[2] / "main/resources/bus/vocabulary.yaml").read_text())
# scenarios have the old names
OLD = {new: old for old, new in VOCABULARY["names"].items()}
PATIENCE = 30.0
DEFAULT = {"session": {"session_id": "default"}}
# keys of the context that say who answers whom
CONTEXT = ("gw_request_id", "session", "source", "destination", "skill_id", "_namespace_compat_twin")
# chatter between the services, in which nobody else is interested
CHATTER = re.compile(r"^(enclosure|gui|register_|detach_intent|mycroft\.gui|homescreen|ovos\.session\.|padatious:"
                     r"|mycroft\.skills\.train|ovos\.skills\.settings_changed|intent\.service\.skills\.(de)?activated$"
                     r"|mycroft\.scheduler|ovos\.common_play\.|ovos\.gui|metrics|ovos\.mk1|recognizer_loop:hotword$|connected$|.*_handle_play_hour_chime$)")


def chatter(frame):
    # PHAL asks and answers itself each minute
    answers = "gw_request_id" in frame.get("context", {})
    own = frame["type"].startswith("ovos.PHAL.internet_check") and not answers
    # a skill answers so when an intent is switched
    switched = answers and frame["type"] in ("detach_intent", "register_intent", "padatious:register_intent")
    return own or CHATTER.match(frame["type"]) and not switched


class Bus:
    def __init__(self, url):
        self.socket = websocket.create_connection(url, timeout=None)
        self.frames = []
        self.changed = threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            frame = json.loads(self.socket.recv())
            with self.changed:
                if not chatter(frame):
                    self.frames.append((time.monotonic(), frame))
                    self.changed.notify_all()

    def send(self, frame):
        self.socket.send(json.dumps(frame))

    def wait(self, position, type, patience):
        """The position behind the first frame of this type at or behind the given one; None when none comes in time."""
        end = time.monotonic() + patience
        with self.changed:
            while True:
                for i in range(position, len(self.frames)):
                    if re.fullmatch(type, OLD.get(self.frames[i][1]["type"], self.frames[i][1]["type"])):
                        return i + 1
                if not self.changed.wait(end - time.monotonic() if end > time.monotonic() else 0):
                    if time.monotonic() >= end:
                        return None


def speak(text, waves):
    wave = Path(waves) / "said.wav"
    wave.write_bytes(base64.b64decode(sound(text, waves)))
    padded = Path(waves) / "padded.wav"
    subprocess.run(["sox", str(wave), "-r", "16000", str(padded), "pad", "0.8", "0.5"], check=True)
    subprocess.run(["paplay", "-d", "microphone", str(padded)], check=True)


def sound(text, waves):
    """A text, or a tone of so many hertz, which is the wake word."""
    wave = Path(waves) / "sound.wav"
    if text.startswith("tone "):
        subprocess.run(["sox", "-n", "-r", "16000", str(wave), "synth", "1.2", "sine", text[5:]], check=True)
    else:
        subprocess.run(["espeak-ng", "-v", "en-us", "-s", "160", "-w", str(wave), text], check=True)
    return base64.b64encode(wave.read_bytes()).decode()


def shorten(value, key=""):
    """The same without what differs from run to run, and without what is long."""
    if isinstance(value, dict):
        return {k: shorten(v, k) for k, v in value.items() if k != "options"}
    if isinstance(value, list):
        return [shorten(v, key) for v in value[:5]]
    if isinstance(value, float) and value > 1e9:
        return 0.5
    if isinstance(value, str):
        if re.search(r"(^|file://)/\w+/", value):
            return "/path/" + value.rsplit("/", 1)[-1] if not re.search(r"[0-9a-f]{16}", value) else "/path/file"
        if re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-.*|[0-9a-f]{32}", value):
            return "id"
        if key in ("audio", "binary_data") or len(value) > 400:
            return value[:12]
    return value


def sent(step):
    line = {"sent": True, "type": step["send"], "data": step.get("data", {}),
            "context": {**step.get("context", DEFAULT), "gw_request_id": step.get("id", "1")}}
    return {**line, "echo_session": True} if step.get("echo_session") else line


def kept(frame):
    context = {k: v for k, v in frame.get("context", {}).items() if k in CONTEXT}
    if isinstance(context.get("session"), dict):
        session = context["session"]
        context["session"] = {"session_id": session.get("session_id")}
        # what the device itself remembers is of the scenarios before
        if session.get("utterance_states") and session.get("session_id") != "default":
            context["session"]["utterance_states"] = session["utterance_states"]
    return {"type": frame["type"], "data": shorten(frame.get("data", {})), "context": context}


def play(bus, steps, waves):
    lines = []
    begin = position = len(bus.frames)
    echoes = []
    given = []
    marks = []
    for step in steps:
        if "send" in step:
            frame = {"type": step["send"], "data": dict(step.get("data", {})),
                     "context": dict(step.get("context", DEFAULT))}
            frame["context"]["gw_request_id"] = step.get("id", "1")
            if frame["data"].get("audio", "").startswith("say:"):
                frame["data"]["audio"] = sound(frame["data"]["audio"][4:], waves)
            echoes.append((frame["type"], frame["context"]["gw_request_id"]))
            given.append(step)
            if step.get("echo_session"):
                sessions = [f["context"]["session"] for _, f in bus.frames[begin:]
                            if f["context"].get("session", {}).get("session_id")
                            == frame["context"]["session"]["session_id"]]
                frame["context"]["session"] = sessions[-1]
            position = len(bus.frames)
            bus.send(frame)
        elif "say" in step:
            position = len(bus.frames)
            marks.append((position, {"said": step["say"]}))
            speak(step["say"], waves)
        elif "await" in step:
            found = bus.wait(position, step["await"], step.get("patience", PATIENCE))
            if found is None:
                print("  nothing like", step["await"], file=sys.stderr)
            else:
                position = found
                marks.append((found, {"awaited": step["await"]}))
        else:
            time.sleep(step["quiet"])
    for at, (_, frame) in enumerate(bus.frames[begin:], begin):
        lines += [mark for where, mark in marks if where == at]
        echo = (frame["type"], frame.get("context", {}).get("gw_request_id"))
        own = echo in echoes
        if own:
            lines.append(sent(given.pop(echoes.index(echo))))
            echoes.remove(echo)
        else:
            lines.append(kept(frame))
    lines += [mark for where, mark in marks if where >= len(bus.frames)]
    return lines


def main():
    url, folder, *wanted = sys.argv[1:]
    scenarios = json.loads((HERE / "scenarios.json").read_text())
    Path(folder).mkdir(parents=True, exist_ok=True)
    bus = Bus(url)
    with tempfile.TemporaryDirectory() as waves:
        for name, steps in scenarios.items():
            if name.startswith("_") or wanted and name not in wanted:
                continue
            play(bus, scenarios["_before"], waves)
            print(name, file=sys.stderr)
            lines = play(bus, steps, waves)
            Path(folder, name + ".jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main()
