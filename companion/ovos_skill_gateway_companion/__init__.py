# SPDX-License-Identifier: Apache-2.0
"""Companion skill of the OVOS gateway; docs/companion.md of the gateway describes the two protocols it speaks."""
import base64, hashlib, hmac, importlib.metadata, json, os, platform, re, secrets, sys, threading, time  # noqa: E401
from pathlib import Path
import yaml
from ovos_bus_client.message import Message
from ovos_config import Configuration, locations
from ovos_plugin_manager.skills import find_skill_plugins
from ovos_utils import file_utils, log, network_utils, process_utils
from ovos_workshop.skills import OVOSSkill

ABOUT = {"name": "ovos-skill-gateway-companion", "version": "1.0.0", "protocol": 1}
REFUSED = {"error": "both keys don't match", "companion": ABOUT}
ASK, ANSWER = "ovos.gateway.companion", "ovos.gateway.companion.response"
MASK, WINDOW_MS, REMEMBERED, LOG_BYTES, LOG_LINES, LINE_LENGTH = "********", 60_000, 10_000, 262_144, 1_000, 2_000
ID, SKILL_ID = re.compile(r"[A-Za-z0-9._-]{8,64}"), re.compile(r"(?!\.)[A-Za-z0-9._@-]{1,128}")
SECRET = re.compile(  # a whole key, in lower case words with _ between them; the same as ovos.mask of the gateway
    r"key|.*(password|passwd|passphrase|secret|credential).*|(.*_)?(pass|pwd|psk|pin)|.*token|tokens|user|login"
    r"|(.*_)?(access|refresh|api|auth|bearer|id)_?tokens|.*user_?names?|authorization|cookies?"
    r"|.*(private|api|access|app|auth|encryption|signing|shared|client|ssh|license)_?keys?(_id)?"
    r"|(?!.*(public|hot|primary|foreign|sort|cache)_keys?).*_keys?(_id)?")
IN_URL = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]*(?=@)")
IN_LINE = re.compile(r"""(?i)((?:pass(?:word|wd|phrase)|secret|credential|token|key|authorization|cookie)s?["']?"""
                     r"""\s*[:=]\s*(?:(?:bearer|basic)\s+)?)("(?:[^"\\]|\\.)*["\\]?|'(?:[^'\\]|\\.)*['\\]?|[^\s,;}]+)""")
SETTLE_S = 0.3  # for as long a skill has to store its settings
KINDS = {"checkbox": bool, "number": float, "text": str, "password": str, "email": str, "time": str, "select": str}
NAMES = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object"}

class Refusal(Exception):
    """Why there is no better answer: a code, a sentence, and what else to tell."""

def proof(key, kind, asked, moment, body):
    text = "\n".join((kind, asked, str(moment), hashlib.sha256(body.encode()).hexdigest()))
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()

def is_secret(key):
    return SECRET.fullmatch(re.sub(r"[\W_]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(key))).lower())

def secrets_in(value, secret=False):
    """Each line of what stands under the name of a secret, at any depth, if it is long enough to be looked for."""
    if isinstance(value, (dict, list, tuple)):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        return {line for key, member in members for line in secrets_in(member, secret or is_secret(key))}
    return {line for line in str(value).splitlines() if secret and len(line) >= 6}

def secrets_of(file):
    text = file.read_text(encoding="utf-8", errors="replace")
    try:
        return secrets_in(json.loads(text))
    except ValueError:  # half written, or edited by hand: who knows what is one
        return {word for word in re.split(r"[\s\"',:{}\[\]]+", text) if len(word) >= 6}

def masked(value):
    if isinstance(value, dict):
        return {key: MASK if is_secret(key) else masked(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(member) for member in value]
    return IN_URL.sub(MASK, value) if isinstance(value, str) else value

def at(tree, path):
    for key in path.split("."):
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree

def metadata(skill):
    module = sys.modules.get(getattr(find_skill_plugins().get(skill), "__module__", None))
    files = Path(module.__file__).parent.glob("settingsmeta.*") if module else ()
    trees = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]  # JSON is YAML
    sections = [section for tree in trees for section in at(tree, "skillMetadata.sections") or []]
    return {field["name"]: field for section in sections for field in section["fields"] if "name" in field}

def flaw(name, new, fields, now):
    """What is wrong with a new value, by the metadata of the skill, else by the value now; None if nothing is."""
    if name.startswith("__") or MASK in json.dumps(new):
        return "cannot be set" if name.startswith("__") else "is masked: send a new value, or leave it out"
    if fields and name not in {**fields, **now}:
        return "is none of the settings: " + ", ".join(sorted({**fields, **now}))
    options = [option.split("|")[-1] for option in str(fields.get(name, {}).get("options") or "").split(";") if option]
    if options and fields[name].get("type") == "select":
        return None if new in options else "must be one of " + ", ".join(options)
    kind = KINDS.get(fields[name].get("type")) if name in fields else type(now.get(name))
    fits = kind in (None, type(None), type(new)) or {kind, type(new)} == {int, float}
    return None if fits else "must be " + NAMES.get(kind, str(kind))

class GatewayCompanion(OVOSSkill):
    """Answers each question once, whatever happens, to whoever has the key."""
    runtime_requirements = process_utils.RuntimeRequirements(False, False, False, False, False)

    def initialize(self):
        self.lock, self.seen, self.since = threading.Lock(), {}, int(time.time() * 1000)
        self.changing, self.key, self.settings_change_callback = threading.Lock(), secrets.token_hex(24), self.keep_key
        self.keep_key()
        self.old = {"info": self.info, "cache": self.clear_cache, "is_awake": self.awake,
                    "config": lambda asked: masked(json.loads(json.dumps(Configuration(), default=str))),
                    "skill_settings": lambda asked: masked(self.settings_of(asked.get("skill"))[1]),
                    "internet": lambda asked: {"status": network_utils.is_connected()}}
        self.new = {**self.old, "change_settings": self.change_settings, "logs": self.logs,
                    "hello": lambda asked: {**ABOUT, "operations": sorted(self.new)}}
        for kind in (ASK, *(f"ovos.api.{op}" for op in self.old), "recognizer_loop:sleep", "recognizer_loop:wake_up"):
            self.add_event(kind, self.handle_ask if kind == ASK else self.handle_old, speak_errors=False)

    def keep_key(self):  # OVOS loses all settings when it reads the file while it writes it
        self.key = str(self.settings.get("api_key") or self.key)
        if not self.settings.get("api_key"):
            self.settings["api_key"] = self.key
            self.settings.store()
            self.log.info(f"wrote the api_key: copy it from {self.settings_path} into API_KEY of the gateway")
        os.chmod(self.settings_path, 0o600)

    def handle_ask(self, message):
        body = json.dumps(self.outcome(lambda: {"result": self.answer_to(message.data)}), default=str)
        asked, moment = str(message.data.get("id"))[:64].encode("utf-8", "replace").decode(), int(time.time() * 1000)
        proven = proof(self.key, ANSWER, asked, moment, body)
        self.bus.emit(message.reply(ANSWER, {"id": asked, "time": moment, "body": body, "proof": proven}))

    def handle_old(self, message):  # the protocol of skill-rest-api: the key itself comes along, in base64
        name, given = re.split("[.:]", message.msg_type)[-1], message.data.get("app_key")
        if given is None and message.msg_type.startswith("recognizer_loop"):
            return  # the listener is meant, nobody asks
        right = hmac.compare_digest(base64.b64encode(self.key.encode()), str(given).encode("utf-8", "replace"))
        work = self.old.get(name, lambda asked: {"mark": name}) if right else lambda asked: REFUSED
        answer = self.outcome(lambda: work(message.data) or {"error": "no settings.json file found"})
        self.bus.emit(message.reply(f"ovos.api.{name}.answer", answer, {"authenticated": right}))

    def outcome(self, work):
        try:
            return work()
        except Refusal as refusal:
            return dict(zip(("error", "detail", "more"), refusal.args))
        except Exception as error:
            self.log.exception("could not answer the gateway")
            return {"error": "failed", "detail": f"{type(error).__name__} in the companion skill: look into skills.log"}

    def answer_to(self, data):
        asked, moment, body, given = (data.get(name) for name in ("id", "time", "body", "proof"))
        if not isinstance(asked, str) or not ID.fullmatch(asked) or type(moment) is not int or type(body) is not str:
            raise Refusal("malformed", "a question needs id, time, body and proof")
        now, age = int(time.time() * 1000), time.monotonic()
        if not hmac.compare_digest(proof(self.key, ASK, asked, moment, body).encode(), str(given).encode()):
            raise Refusal("proof", "the question does not prove the api_key in the settings of the skill")
        with self.lock:
            if not max(self.since, now - WINDOW_MS) <= moment <= now + WINDOW_MS:
                raise Refusal("clock", "the clocks of gateway and assistant differ too much", {"time": now})
            if asked in self.seen:
                raise Refusal("replay", "this question was asked before")
            self.seen[asked] = age, moment
            while len(self.seen) > REMEMBERED or age - next(iter(self.seen.values()))[0] > 2.1 * WINDOW_MS / 1000:
                self.since = max(self.since, self.seen.pop(next(iter(self.seen)))[1] + 1)
        question = json.loads(body)
        if at(question, "operation") not in self.new:
            raise Refusal("unknown-operation", "there is no such operation: hello tells those there are")
        return self.new[question["operation"]](question)

    def info(self, asked):
        config = Configuration()
        locales = {"city": at(config, "location.city.name"), "country": at(config, "location.city.state.country.name"),
                   "timezone": at(config, "location.timezone.code"), "lang": config.get("lang"),
                   "secondary_langs": config.get("secondary_langs")}
        return {"core_version": next((it.version for it in importlib.metadata.distributions(name="ovos-core")), None),
                "name": at(config, "listener.wake_word"), "locales": locales,
                "log_level": str(at(config, "logging.log_level") or config.get("log_level") or "info").lower(),
                "system": {"architecture": platform.machine(), "os": platform.system(), "kernel": platform.release()},
                "tts_engine": at(config, "tts.module"), "stt_engine": at(config, "stt.module"), "companion": ABOUT}

    def awake(self, asked):
        state = self.bus.wait_for_response(Message("recognizer_loop:state.get"), "recognizer_loop:state", 3)
        if state is None:
            raise Refusal("listener-silent", "the listener does not answer: check that ovos-dinkum-listener is running")
        return {"is_awake": state.data.get("state") not in ("sleeping", "wake_up")}

    def settings_of(self, skill):
        if not isinstance(skill, str) or not SKILL_ID.fullmatch(skill):
            raise Refusal("unknown-skill", "this is no id of a skill")
        file = Path(self.settings_path).parent.parent / skill / "settings.json"
        return file, json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    def change_settings(self, asked):
        skill, changes = asked.get("skill"), asked.get("settings")
        if asked.get("scope") != "skills:settings" or skill == self.skill_id or not isinstance(changes, dict):
            raise Refusal("forbidden", "only under the scope skills:settings, and not those of the companion skill")
        with self.changing:
            (file, now), fields = self.settings_of(skill), metadata(skill)
            known = masked(now)  # what comes back as it was told stays as it is
            changes = {key: to for key, to in changes.items() if key not in now or to not in (now[key], known[key])}
            if flaws := {key: wrong for key, to in changes.items() if (wrong := flaw(key, to, fields, now))}:
                raise Refusal("invalid", "these settings do not fit the skill", flaws)
            self.write(skill, file, {**now, **changes})
        return masked({**now, **changes})

    def write(self, skill, file, settings):
        for again in range(3):  # a skill that runs reads the file, stores it, and forgets all if it reads too early
            if again:  # a skill that has forgotten all reads no file any more, until it knows something
                self.bus.emit(Message("mycroft.skills.settings.changed", {skill: {"__mycroft_skill_firstrun": False}}))
                time.sleep(SETTLE_S)
            file.parent.mkdir(parents=True, exist_ok=True)
            (part := file.with_suffix(".part")).touch()
            part.chmod(file.stat().st_mode & 0o777 if file.is_file() else 0o600)
            part.write_text(json.dumps(settings, indent=4), encoding="utf-8")
            part.replace(file)
            self.bus.emit(Message("ovos.skills.settings_changed", {"skill_id": skill}))
            time.sleep(SETTLE_S)
            try:
                if settings.items() <= self.settings_of(skill)[1].items():
                    return
            except ValueError:
                self.log.warning(f"the settings of {skill} are not whole")
        self.log.warning(f"the settings of {skill} do not stay: its log may say why")

    def clear_cache(self, asked):
        module = at(Configuration(), "tts.module")
        if asked.get("cache_type") != "tts" or not module:
            return {"cache_type": asked.get("cache_type"), "status": False}
        folders = file_utils.get_cache_directory(f"tts/{module}"), f"{locations.get_xdg_cache_save_path()}/{module}"
        files = [file for folder in folders for file in Path(folder).rglob("*") if file.is_file()]
        return {"cache_type": "tts", "status": True, "files": len([file.unlink(missing_ok=True) for file in files])}

    def logs(self, asked):
        files = {file.stem: file for folder in sorted(log.get_log_paths()) for file in Path(folder).glob("*.log")}
        service, count = asked.get("service") or "skills", min(max(int(asked.get("lines") or 100), 1), LOG_LINES)
        if service not in files:
            there = ", ".join(sorted(files)) or "none"
            raise Refusal("no-log", f"'{service}' has no log on the disk of the assistant; these have: {there}")
        with open(files[service], "rb") as file:
            begin = file.seek(max(0, files[service].stat().st_size - LOG_BYTES))  # there, a line may have begun before
            lines = file.read(LOG_BYTES).decode("utf-8", "replace").splitlines()[begin > 0:][-count:]
        skills = Path(self.settings_path).parent.parent.glob("*/settings.json")
        hidden = secrets_in(Configuration()).union(*map(secrets_of, skills))
        words = re.compile("|".join(map(re.escape, sorted(hidden, key=len, reverse=True))) or r"(?!)")
        lines = [IN_LINE.sub(rf"\1{MASK}", IN_URL.sub(MASK, words.sub(MASK, line)))[:LINE_LENGTH] for line in lines]
        return {"service": service, "services": sorted(files), "lines": lines}
