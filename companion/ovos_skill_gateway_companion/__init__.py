# SPDX-License-Identifier: Apache-2.0
"""Companion skill of the OVOS gateway; docs/companion.md of the gateway describes the two protocols it speaks."""
import base64, contextlib, functools, hashlib, hmac, importlib.metadata, json, os, re, secrets, sys, threading, time
from pathlib import Path
import yaml
from ovos_bus_client.message import Message
from ovos_config import Configuration, locations
from ovos_plugin_manager.skills import find_skill_plugins
from ovos_utils import file_utils, log, network_utils, process_utils
from ovos_workshop.skills import OVOSSkill

ABOUT = {"name": "ovos-skill-gateway-companion", "version": "1.0.0", "protocol": 1}
ASK, ANSWER, ASLEEP = "ovos.gateway.companion", "ovos.gateway.companion.response", ("sleeping", "wake_up")
MASK, REMEMBERED, SETTLE_S, LOG_BYTES, LOG_LINES, LINE_LENGTH = "********", 5_000, 0.3, 262_144, 1_000, 2_000
SECRET = re.compile(  # a whole key, in lower case words with _ between them; the same as ovos.mask of the gateway
    r"key|.*(password|passwd|passphrase|secret|credential).*|(.*_)?(pass|pwd|psk|pin)|.*token|tokens|user|login"
    r"|(.*_)?(access|refresh|api|auth|bearer|id)_?tokens|.*user_?names?|authorization|cookies?"
    r"|.*(private|api|access|app|auth|encryption|signing|shared|client|ssh|license)_?keys?(_id)?"
    r"|(?!.*(public|hot|primary|foreign|sort|cache)_keys?).*_keys?(_id)?")
IN_URL = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]*(?=@)")
IN_LINE = re.compile(r"""(?i)((?:pass(?:word|wd|phrase)|secret|credential|token|key|authorization|cookie)s?["']?"""
                     r"""\s*[:=]\s*(?:(?:bearer|basic)\s+)?)("(?:[^"\\]|\\.)*["\\]?|'(?:[^'\\]|\\.)*['\\]?|[^\s,;}]+)""")
KINDS = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object",
         "checkbox": "true or false", "number": "a number", "text": "a text", "password": "a text", "email": "a text"}

class Refusal(Exception):
    """Why there is no better answer: a code, a sentence, and what else to tell."""

def require(fine, *why):
    if not fine:
        raise Refusal(*why)

def proof(key, kind, asked, challenge, body):
    text = "\n".join((kind, asked, challenge, hashlib.sha256(body.encode()).hexdigest()))
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()

def is_secret(key):
    return SECRET.fullmatch(re.sub(r"[\W_]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(key))).lower())

def secrets_in(value, secret=False):  # each line of what stands under the name of a secret, at any depth
    if isinstance(value, (dict, list, tuple)):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        return {line for key, member in members for line in secrets_in(member, secret or is_secret(key))}
    return {line for line in str(value).splitlines() if secret and len(line) >= 6}

def secrets_of(file):
    text = file.read_text(encoding="utf-8", errors="replace")
    with contextlib.suppress(ValueError):
        return secrets_in(json.loads(text))
    return secrets_in(re.split(r"[\s\"',:{}\[\]]+", text), True)  # half written, or by hand: who knows what is one

def masked(value):
    text = IN_URL.sub(MASK, json.dumps(value, default=str))
    return json.loads(text, object_pairs_hook=lambda pairs: {key: MASK if is_secret(key) else to for key, to in pairs})

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

def flaw(name, new, fields, now):  # what is wrong with a new value, by the metadata of the skill, else by the value now
    field, known = fields.get(name, {}), sorted({**fields, **now})
    options = [option.split("|")[-1] for option in str(field.get("options") or "").split(";") if option]
    kind = KINDS.get(field.get("type") if field else type(now.get(name)))
    flaws = {"cannot be set": name.startswith("__"), "is masked: send another, or none": MASK in json.dumps(new),
             "is none of the settings: " + ", ".join(known): fields and name not in known,
             "must be one of " + ", ".join(options): options and new not in options,
             f"must be {kind}": kind not in (None, KINDS.get(type(new)))}
    return next((why for why, wrong in flaws.items() if wrong), None)

class GatewayCompanion(OVOSSkill):
    """Answers each question once, whatever happens, to whoever has the key."""
    runtime_requirements = process_utils.RuntimeRequirements(False, False, False, False, False)

    def initialize(self):
        self.lock, self.challenge, self.asked = threading.Lock(), secrets.token_hex(16), set()
        self.changing, self.key, self.settings_change_callback = {}, secrets.token_hex(24), self.keep_key
        self.keep_key()
        self.old = {"info": self.info, "cache": self.clear_cache, "config": lambda _: masked(Configuration()),
                    "skill_settings": lambda asked: masked(self.settings_of(asked.get("skill"))[1]),
                    "internet": lambda _: {"status": network_utils.is_connected()},
                    "is_awake": lambda _: {"is_awake": self.bus.wait_for_response(
                        Message("recognizer_loop:state.get"), "recognizer_loop:state").data["state"] not in ASLEEP}}
        self.new = {**self.old, "change_settings": self.change_settings, "logs": self.logs, "hello": lambda _: ABOUT}
        for kind in (ASK, *(f"ovos.api.{op}" for op in self.old), "recognizer_loop:sleep", "recognizer_loop:wake_up"):
            self.add_event(kind, self.handle_ask if kind == ASK else self.handle_old, speak_errors=False)

    def keep_key(self):  # OVOS loses all settings when it reads the file while it writes it
        self.key = str(self.settings.get("api_key") or self.key)
        if not self.settings.get("api_key"):
            self.settings["api_key"] = self.key
            self.settings.store()
        os.chmod(self.settings_path, 0o600)

    def handle_ask(self, message):
        body = json.dumps(self.outcome(lambda: {"result": self.answer_to(message.data)}), default=str)
        asked, challenge = str(message.data.get("id"))[:64].encode("utf-8", "replace").decode(), self.challenge
        proven = proof(self.key, ANSWER, asked, challenge, body)
        self.bus.emit(message.reply(ANSWER, {"id": asked, "challenge": challenge, "body": body, "proof": proven}))

    def handle_old(self, message):  # the protocol of skill-rest-api: the key itself comes along, in base64
        name, given = re.split("[.:]", message.msg_type)[-1], message.data.get("app_key")
        refused = {"error": "both keys don't match", "companion": ABOUT}
        right = hmac.compare_digest(base64.b64encode(self.key.encode()), str(given).encode("utf-8", "replace"))
        work = self.old.get(name, lambda asked: {"mark": name}) if right else lambda asked: refused
        answer = self.outcome(lambda: work(message.data) or {"error": "no settings.json file found"})
        if given is not None or message.msg_type.startswith("ovos"):  # else the listener is meant, nobody asks
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
        asked, challenge, body, given = (str(data.get(name)) for name in ("id", "challenge", "body", "proof"))
        right = proof(self.key, ASK, asked, challenge, body)
        require(hmac.compare_digest(right, given), "proof", "the question does not prove the api_key of the skill")
        with self.lock:
            require(challenge == self.challenge and right not in self.asked, "stale", "ask anew, with this challenge")
            self.asked.add(right)
            if len(self.asked) == REMEMBERED:
                self.challenge, self.asked = secrets.token_hex(16), set()
        question = json.loads(body)
        return self.new[question["operation"]](question)

    def info(self, asked):
        of, system = functools.partial(at, Configuration()), os.uname()
        place = {"city": of("location.city.name"), "country": of("location.city.state.country.name"),
                 "timezone": of("location.timezone.code"), "lang": of("lang"), "secondary_langs": of("secondary_langs")}
        return {"core_version": next((it.version for it in importlib.metadata.distributions(name="ovos-core")), None),
                "system": {"architecture": system.machine, "os": system.sysname, "kernel": system.release},
                "name": of("listener.wake_word"), "tts_engine": of("tts.module"), "stt_engine": of("stt.module"),
                "log_level": str(of("logging.log_level") or of("log_level") or "info").lower(),
                "locales": place, "companion": {**ABOUT, "time": int(time.time() * 1000)}}

    def settings_of(self, skill):
        require(re.fullmatch(r"(?!\.)[A-Za-z0-9._@-]{1,128}", str(skill or "")), "unknown-skill", "this is no skill id")
        file = Path(self.settings_path).parents[1] / str(skill) / "settings.json"
        return file, json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    def change_settings(self, asked):
        skill, changes = str(asked.get("skill")), asked.get("settings")
        require(asked.get("scope") == "skills:settings", "forbidden", "not without the scope skills:settings")
        require(skill != self.skill_id, "forbidden", "the settings of the companion skill hold its key")
        with self.changing.setdefault(skill, threading.Lock()):
            (file, now), fields = self.settings_of(skill), metadata(skill)  # what comes back masked stays as it is
            changes = {key: to for key, to in changes.items() if to not in (now.get(key), masked(now).get(key))}
            flaws = {key: wrong for key, to in changes.items() if (wrong := flaw(key, to, fields, now))}
            require(not flaws, "invalid", "these settings do not fit the skill", flaws)
            self.write(skill, file, {**now, **changes})
        return masked({**now, **changes})

    def write(self, skill, file, settings):
        for again in range(3):  # a skill that runs reads the file, stores it, and forgets all if it reads too early
            if again:  # a skill that has forgotten all reads no file any more, until it knows something
                self.bus.emit(Message("mycroft.skills.settings.changed", {skill: {"__mycroft_skill_firstrun": False}}))
                time.sleep(SETTLE_S)
            file.parent.mkdir(parents=True, exist_ok=True)
            (part := file.with_suffix(".part")).touch(file.stat().st_mode & 0o777 if file.is_file() else 0o600)
            part.write_text(json.dumps(settings, indent=4), encoding="utf-8")
            part.replace(file)
            self.bus.emit(Message("ovos.skills.settings_changed", {"skill_id": skill}))
            time.sleep(SETTLE_S)
            with contextlib.suppress(ValueError):  # somebody is writing it
                if settings.items() <= self.settings_of(skill)[1].items():
                    return
        raise Refusal("failed", f"the settings of {skill} do not stay: its log may say why")

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
        require(service in files, "no-log", f"'{service}' has no log here; these have: {', '.join(sorted(files))}")
        with open(files[service], "rb") as file:
            begin = file.seek(max(0, files[service].stat().st_size - LOG_BYTES))  # there, a line may have begun before
            lines = file.read(LOG_BYTES).decode("utf-8", "replace").splitlines()[begin > 0:][-count:]
        files_of_skills = Path(self.settings_path).parents[1].glob("*/settings.json")
        hidden = secrets_in(Configuration()).union(*map(secrets_of, files_of_skills), [MASK])
        words = "|".join(map(re.escape, sorted(hidden, key=len, reverse=True)))
        lines = [IN_LINE.sub(rf"\1{MASK}", IN_URL.sub(MASK, re.sub(words, MASK, line)))[:LINE_LENGTH] for line in lines]
        return {"service": service, "services": sorted(files), "lines": lines}
