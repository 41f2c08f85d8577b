# SPDX-License-Identifier: Apache-2.0
"""The companion skill on the real ovos-workshop, without a bus: what it answers, and whom."""
import base64
import json
import os
import shutil
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

HOME = tempfile.TemporaryDirectory()
for kind in ("CONFIG", "STATE", "CACHE", "DATA"):
    os.environ[f"XDG_{kind}_HOME"] = str(Path(HOME.name, kind.lower()))
os.environ["XDG_CONFIG_DIRS"] = str(Path(HOME.name, "none"))
VOICE = f"ovos-tts-plugin-test-{os.getpid()}"  # all that run on a machine share the folder of its cache
SKILLS = Path(HOME.name, "config", "mycroft", "skills")
CONF = Path(HOME.name, "config", "mycroft", "mycroft.conf")
CONF.parent.mkdir(parents=True)
CONF.write_text(json.dumps({"stt": {"module": "m", "m": {"credential": {"json": {"private_key": "stt-secret"}}}},
                            "tts": {"module": VOICE},
                            "server": {"url": "https://user:pass-word@example.org/", "max_tokens": 7}}))

from ovos_bus_client.message import Message  # noqa: E402
from ovos_utils.fakebus import FakeBus  # noqa: E402
from ovos_workshop.skills import OVOSSkill  # noqa: E402

import ovos_skill_gateway_companion as companion  # noqa: E402

KEY = "the key of the test"
SKILL = "skill-rest-api.smartgic"


def settings(skill, values=None):
    file = SKILLS / skill / "settings.json"
    if values is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    return json.loads(file.read_text())


class CompanionTest(unittest.TestCase):

    def setUp(self):
        settings(SKILL, {"api_key": KEY})
        self.bus = FakeBus()
        self.sent = []
        self.bus.on("message", lambda message: self.sent.append(json.loads(message)))
        self.skill = companion.GatewayCompanion(bus=self.bus, skill_id=SKILL)
        self.addCleanup(self.skill.default_shutdown)
        self.asked = 0

    def question(self, body, key=KEY, asked=None, challenge=None):
        self.asked += 1
        asked = asked or f"question-{self.asked}"
        challenge = challenge or self.skill.challenge
        body = body if isinstance(body, str) else json.dumps(body)
        return {"id": asked, "challenge": challenge, "body": body,
                "proof": companion.proof(key, companion.ASK, asked, challenge, body)}

    def answers(self, kind):
        return [message for message in self.sent if message["type"] == kind]

    def emit(self, kind, data):
        self.sent.clear()
        self.bus.emit(Message(kind, data, {"gw_request_id": "g-1", "source": "gateway", "destination": "skills"}))

    def ask_raw(self, data):
        self.emit(companion.ASK, data)
        answers = self.answers(companion.ANSWER)
        self.assertEqual(1, len(answers), "each question has one answer")
        return answers[0]

    def ask(self, operation, **more):
        return json.loads(self.ask_raw(self.question({"operation": operation, **more}))["data"]["body"])

    def ask_old(self, kind, key=KEY, answer=None, **data):
        self.emit(kind, {"app_key": base64.b64encode(key.encode()).decode(), **data})
        answers = self.answers(answer or kind + ".answer")
        self.assertEqual(1, len(answers), "each question has one answer")
        return answers[0]

    def test_answer_carries_the_context_and_proves_the_key(self):
        question = self.question({"operation": "hello"})
        answer = self.ask_raw(question)
        data = answer["data"]
        self.assertEqual("g-1", answer["context"]["gw_request_id"])
        self.assertEqual("gateway", answer["context"]["destination"])
        self.assertEqual(question["id"], data["id"])
        proven = companion.proof(KEY, companion.ANSWER, data["id"], data["challenge"], data["body"])
        self.assertEqual(proven, data["proof"])
        self.assertNotIn(KEY, json.dumps(self.sent))

    def test_proof_is_that_of_the_gateway(self):
        """The same line stands in ProvingCompanionTest."""
        self.assertEqual("8ca42b0e4a488f050bbaf9af0609882759088c22a190b0e39502af877d16f7f1",
                         companion.proof("the key", "ovos.gateway.companion", "id-00001", "challenge-1",
                                         '{"operation":"hello"}'))

    def test_refuses_another_key(self):
        answer = json.loads(self.ask_raw(self.question({"operation": "config"}, key="another"))["data"]["body"])
        self.assertEqual("proof", answer["error"])
        self.assertNotIn("result", answer)

    def test_refuses_what_was_changed_on_the_way(self):
        for part, value in (("id", "question-other"), ("challenge", "another"),
                            ("body", '{"operation": "config"}')):
            question = {**self.question({"operation": "info"}), part: value}
            self.assertEqual("proof", json.loads(self.ask_raw(question)["data"]["body"])["error"], part)

    def test_refuses_a_replay(self):
        question = self.question({"operation": "hello"})
        self.assertIn("result", json.loads(self.ask_raw(question)["data"]["body"]))
        self.assertEqual("stale", json.loads(self.ask_raw(question)["data"]["body"])["error"])

    def test_refuses_what_was_asked_before_its_start(self):
        question = self.question({"operation": "hello"})
        self.skill.default_shutdown()
        self.skill = companion.GatewayCompanion(bus=self.bus, skill_id=SKILL)
        self.addCleanup(self.skill.default_shutdown)
        self.assertEqual("stale", json.loads(self.ask_raw(question)["data"]["body"])["error"])

    def test_each_answer_tells_the_challenge_of_the_next_question(self):
        refused = self.ask_raw(self.question({"operation": "hello"}, challenge="none"))["data"]
        self.assertEqual("stale", json.loads(refused["body"])["error"])
        answer = self.ask_raw(self.question({"operation": "hello"}, challenge=refused["challenge"]))["data"]
        self.assertIn("result", json.loads(answer["body"]))
        self.assertEqual(refused["challenge"], answer["challenge"])

    def test_a_clock_that_is_set_back_keeps_nobody_out(self):
        self.ask("hello")
        for wrong in (0, 4_000_000_000):
            with mock.patch.object(companion.time, "time", return_value=wrong):
                self.assertIn("result", self.ask("hello"))
                self.assertEqual(wrong * 1000, self.ask("info")["result"]["companion"]["time"])

    def test_memory_of_questions_is_bounded_and_still_refuses_replays(self):
        with mock.patch.object(companion, "REMEMBERED", 5):
            first = self.question({"operation": "hello"})
            self.ask_raw(first)
            for _ in range(20):
                self.assertIn("result", self.ask("hello"))
            self.assertLess(len(self.skill.asked), 5)
            self.assertEqual("stale", json.loads(self.ask_raw(first)["data"]["body"])["error"])

    def test_one_of_those_who_ask_the_same_at_the_same_time_is_answered(self):
        question = self.question({"operation": "hello"})
        with ThreadPoolExecutor(8) as threads:
            results = list(threads.map(lambda _: self.skill.outcome(lambda: self.skill.answer_to(question)), range(8)))
        self.assertEqual(7, [result.get("error") for result in results].count("stale"))

    def test_answers_whatever_it_is_asked(self):
        odd = [{}, {"id": None}, {"id": 7, "challenge": 5, "body": [], "proof": {}}, {"id": "x" * 1000},
               {**self.question("{}"), "proof": 5}, {**self.question("{}"), "challenge": True},
               self.question("no json"), self.question("[]"), self.question("null"), self.question({"operation": []}),
               self.question({"operation": "nonsense"}), self.question({"operation": "logs", "lines": "many"}),
               self.question({"operation": "skill_settings"}), self.question({"operation": "change_settings"})]
        for data in odd:
            self.assertIn("error", json.loads(self.ask_raw(data)["data"]["body"]), data)

    def test_answers_half_a_character(self):
        for part in ("id", "challenge", "body", "proof"):
            self.sent.clear()
            self.skill.handle_ask(Message(companion.ASK, {**self.question("{}"), part: "\ud800" * 8}))
            self.assertEqual(1, len(self.answers(companion.ANSWER)), part)

    def test_answers_when_it_fails(self):
        with mock.patch.object(companion, "Configuration", side_effect=RuntimeError("has a secret")):
            answer = self.ask("info")
            self.assertEqual("failed", answer["error"])
            self.assertNotIn("has a secret", json.dumps(answer))
            self.assertIn("error", self.ask_old("ovos.api.info")["data"])

    def test_tells_the_information_on_a_default_configuration(self):
        info = self.ask("info")["result"]
        self.assertEqual("info", info["log_level"])
        self.assertEqual({**companion.ABOUT, "time": mock.ANY}, info["companion"])
        self.assertEqual(VOICE, info["tts_engine"])
        self.assertTrue(info["system"]["kernel"])
        self.assertTrue(info["locales"]["lang"])

    def test_masks_secrets_at_any_depth(self):
        config = self.ask("config")["result"]
        self.assertEqual("********", config["stt"]["m"]["credential"])
        self.assertEqual("https://********@example.org/", config["server"]["url"])
        self.assertEqual(7, config["server"]["max_tokens"])
        settings("weather.test", {"accounts": [{"apiKey": "abc", "city": "Berlin"}]})
        self.assertEqual({"accounts": [{"apiKey": "********", "city": "Berlin"}]},
                         self.ask("skill_settings", skill="weather.test")["result"])
        self.assertEqual("********", self.ask("skill_settings", skill=SKILL)["result"]["api_key"])

    def test_masks_the_same_keys_as_the_gateway(self):
        """The same lists stand in MasksTest."""
        for key in "key api_key apiKey app-key wifi_password psk token access_tokens username id_token client_secret".split():
            self.assertTrue(companion.is_secret(key), key)
        for key in "public_key hotkey hot_key max_tokens keyboard city author pinned".split():
            self.assertFalse(companion.is_secret(key), key)

    def test_reads_no_file_but_settings(self):
        for skill in ("../../mycroft.conf", "..", ".", "", "a/b", None, ["a"], "x" * 200):
            self.assertEqual("unknown-skill", self.ask("skill_settings", skill=skill)["error"], skill)

    def test_a_skill_without_settings_has_none(self):
        self.assertEqual({}, self.ask("skill_settings", skill="no-such.skill")["result"])

    def change(self, skill, values, scope="skills:settings"):
        return self.ask("change_settings", skill=skill, settings=values, scope=scope)

    def test_changes_settings_and_tells_the_skill(self):
        settings("lamp.test", {"colour": "red", "level": 3, "password": "old-one"})
        answer = self.change("lamp.test", {"colour": "blue", "level": 4.5})
        self.assertEqual({"colour": "blue", "level": 4.5, "password": "********"}, answer["result"])
        self.assertEqual({"colour": "blue", "level": 4.5, "password": "old-one"}, settings("lamp.test"))
        self.assertEqual([{"skill_id": "lamp.test"}],
                         [message["data"] for message in self.answers("ovos.skills.settings_changed")])

    def test_a_skill_that_runs_takes_changes(self):
        settings("running.test", {"colour": "red", "level": 3})
        running = OVOSSkill(bus=self.bus, skill_id="running.test")
        self.addCleanup(running.default_shutdown)
        self.change("running.test", {"colour": "blue"})
        self.assertEqual(("blue", 3), (running.settings["colour"], running.settings["level"]))

    def test_settings_that_ovos_loses_are_written_again(self):
        settings("running.test", {"password": "old-one", "level": 3})
        running = OVOSSkill(bus=self.bus, skill_id="running.test")
        self.addCleanup(running.default_shutdown)
        lost = []

        def lose(message):
            if not lost:
                running.settings.clear()
                lost.append(settings("running.test", {}))
        self.bus.on("ovos.skills.settings_changed", lose)
        self.change("running.test", {"level": 4})
        self.assertEqual([{}], lost)
        for now in settings("running.test"), running.settings:
            self.assertEqual(("old-one", 4), (now["password"], now["level"]))
        self.assertNotIn("old-one", json.dumps(self.sent))

    def test_what_comes_back_masked_stays_as_it_is(self):
        settings("lamp.test", {"password": "old-one", "broker": "mqtt://u:p@host", "colour": "red"})
        told = self.ask("skill_settings", skill="lamp.test")["result"]
        self.change("lamp.test", {**told, "colour": "green"})
        self.assertEqual({"password": "old-one", "broker": "mqtt://u:p@host", "colour": "green"}, settings("lamp.test"))
        self.assertEqual({"token": mock.ANY}, self.change("lamp.test", {"token": "********"})["more"])

    def test_changes_that_come_at_once_are_all_kept(self):
        settings("lamp.test", {f"level{i}": 0 for i in range(8)})
        together = threading.Barrier(8, timeout=0.1)
        read = self.skill.settings_of

        def read_together(skill):
            found = read(skill)
            try:
                together.wait()
            except threading.BrokenBarrierError:
                pass  # the others wait for their turn, as they should
            return found

        def change(number):
            return self.skill.change_settings({"skill": "lamp.test", "scope": "skills:settings",
                                               "settings": {f"level{number}": 1}})
        with mock.patch.object(self.skill, "settings_of", read_together), ThreadPoolExecutor(8) as threads:
            list(threads.map(change, range(8)))
        self.assertEqual({f"level{i}": 1 for i in range(8)}, settings("lamp.test"))

    def test_keeps_a_file_of_settings_as_private_as_it_is(self):
        settings("lamp.test", {"password": "old-one"})
        for mode in (0o600, 0o640):
            (SKILLS / "lamp.test" / "settings.json").chmod(mode)
            self.change("lamp.test", {"password": f"new-one-{mode}"})
            self.assertEqual(mode, (SKILLS / "lamp.test" / "settings.json").stat().st_mode & 0o777)

    def test_keeps_the_kind_of_a_setting(self):
        settings("lamp.test", {"colour": "red", "level": 3, "on": True, "__mycroft_skill_firstrun": False})
        flaws = self.change("lamp.test", {"colour": 5, "level": True, "on": "yes", "__mycroft_skill_firstrun": True})
        self.assertEqual("invalid", flaws["error"])
        self.assertEqual({"colour", "level", "on", "__mycroft_skill_firstrun"}, set(flaws["more"]))
        self.assertEqual("red", settings("lamp.test")["colour"])

    def test_checks_settings_against_the_metadata_of_the_skill(self):
        fields = {"mode": {"type": "select", "options": "Quick|quick;Slow|slow"}, "count": {"type": "number"},
                  "on": {"type": "checkbox"}, "name": {"type": "text"}}
        settings("lamp.test", {})
        with mock.patch.object(companion, "metadata", return_value=fields):
            flaws = self.change("lamp.test", {"mode": "fast", "count": "7", "on": 1, "name": 3, "other": 1})
            self.assertEqual({"mode", "count", "on", "name", "other"}, set(flaws["more"]))
            right = {"mode": "slow", "count": 7, "on": False, "name": "x"}
            self.assertEqual(right, self.change("lamp.test", right)["result"])

    def test_finds_the_metadata_of_an_installed_skill(self):
        folder = Path(companion.__file__).parent
        meta = folder / "settingsmeta.yaml"
        meta.write_text("skillMetadata: {sections: [{fields: [{type: label}, {name: a, type: text}]}]}")
        self.addCleanup(meta.unlink)
        with mock.patch.object(companion, "find_skill_plugins", return_value={"x": companion.GatewayCompanion}):
            self.assertEqual({"a": {"name": "a", "type": "text"}}, companion.metadata("x"))
            self.assertEqual({}, companion.metadata("unknown"))

    def test_changes_nothing_without_the_scope_nor_its_own_key(self):
        settings("lamp.test", {"colour": "red"})
        self.assertEqual("forbidden", self.change("lamp.test", {"colour": "blue"}, scope="skills:read")["error"])
        self.assertEqual("forbidden", self.change(SKILL, {"api_key": "mine"})["error"])
        self.assertEqual("red", settings("lamp.test")["colour"])

    def test_clears_the_caches_that_speech_uses(self):
        from ovos_plugin_manager.templates.tts import TTSContext
        cache = TTSContext(VOICE, "en-US", "default").get_cache()
        files = [Path(cache.temporary_cache_dir, "a.wav"), Path(cache.persistent_cache_dir, "b.wav")]
        for file in files:
            file.write_text("sound")
        cleared = self.ask("cache", cache_type="tts")["result"]
        self.assertTrue(cleared["status"])
        self.assertGreaterEqual(cleared["files"], 2)
        self.assertFalse(any(file.exists() for file in files))
        self.assertFalse(self.ask("cache", cache_type="other")["result"]["status"])

    def log(self, text, service="skills"):
        folder = Path(HOME.name, "state", "mycroft")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{service}.log").write_text(text)

    def test_tells_the_last_lines_of_a_log_without_secrets(self):
        settings("weather.test", {"api_key": "weather-secret"})
        self.log("\n".join(f"line {i}" for i in range(5000)) + f"\nasks with weather-secret and {KEY}\n"
                 'data {"password": "pa ss", "n": 1}\nAuthorization: Bearer abc.def\nhttp://u:p@h/x\n' + "y" * 9000)
        answer = self.ask("logs", lines=6)["result"]
        self.assertEqual(["line 4999", "asks with ******** and ********", 'data {"password": ********, "n": 1}',
                          "Authorization: Bearer ********", "http://********@h/x"], answer["lines"][:5])
        self.assertEqual(2000, len(answer["lines"][5]))
        self.assertEqual(1000, len(self.ask("logs", lines=10 ** 9)["result"]["lines"]))
        self.assertIn("skills", answer["services"])

    def test_hides_in_a_log_what_stands_within_a_secret(self):
        settings("weather.test", {"credential": {"client": {"id_of_it": "nested-secret"}}, "tokens": ["listed-secret"]})
        self.log("nested-secret, listed-secret, stt-secret; token: 'not ended\n")
        self.assertEqual(["********, ********, ********; token: ********"], self.ask("logs", lines=1)["result"]["lines"])

    def test_leaves_no_part_of_a_secret_where_a_log_is_cut(self):
        settings("weather.test", {"api_key": "weather-secret"})
        ends = "weather-secret", "http://user:url-secret@h", "password='a quoted secret'"
        self.log("\n".join("y" * (2000 - cut) + " " + end for end in ends for cut in range(2, len(end) + 2)) + "\n")
        told = "".join(self.ask("logs", lines=1000)["result"]["lines"])
        for part in ("weat", "url-", "quot"):
            self.assertFalse(part in told, part)
        with mock.patch.object(companion, "LOG_BYTES", 24):
            self.log("api_key: weather-secret\nthe last line\n")
            self.assertEqual(["the last line"], self.ask("logs", lines=9)["result"]["lines"])

    def test_tells_a_log_though_settings_of_a_skill_cannot_be_read(self):
        for folder in "broken.test", ".hidden", "with space":
            settings(folder, {})
            (SKILLS / folder / "settings.json").write_text('{"api_key": "broken-secret", "level":')
            self.addCleanup(shutil.rmtree, SKILLS / folder)
        self.log("it is broken-secret\n")
        self.assertEqual(["it is ********"], self.ask("logs", lines=1)["result"]["lines"])

    def test_says_which_logs_there_are(self):
        self.log("x")
        answer = self.ask("logs", service="../../secret")
        self.assertEqual("no-log", answer["error"])
        self.assertIn("skills", answer["detail"])

    def test_speaks_the_protocol_of_skill_rest_api(self):
        answer = self.ask_old("ovos.api.info")
        self.assertTrue(answer["context"]["authenticated"])
        self.assertIn("core_version", answer["data"])
        self.assertIn("lang", self.ask_old("ovos.api.config")["data"])
        settings("lamp.test", {"colour": "red", "token": "t"})
        self.assertEqual({"colour": "red", "token": "********"},
                         self.ask_old("ovos.api.skill_settings", skill="lamp.test")["data"])
        self.assertEqual({"error": "no settings.json file found"},
                         self.ask_old("ovos.api.skill_settings", skill="none.test")["data"])
        self.assertTrue(self.ask_old("ovos.api.cache", cache_type="tts")["data"]["status"])
        for deed in ("sleep", "wake_up"):
            self.assertIn("mark", self.ask_old(f"recognizer_loop:{deed}", answer=f"ovos.api.{deed}.answer")["data"])

    def test_each_question_in_the_old_protocol_needs_the_key(self):
        self.assertTrue(self.ask_old("ovos.api.info")["context"]["authenticated"])
        refused = self.ask_old("ovos.api.info", key="another")
        self.assertFalse(refused["context"]["authenticated"])
        self.assertEqual("both keys don't match", refused["data"]["error"])
        self.assertEqual(companion.ABOUT["protocol"], refused["data"]["companion"]["protocol"])

    def test_does_not_answer_a_voice_that_says_good_night(self):
        self.emit("recognizer_loop:sleep", {})
        self.assertEqual(["recognizer_loop:sleep"], [message["type"] for message in self.sent])

    def test_asks_the_listener_whether_it_is_awake(self):
        self.bus.on("recognizer_loop:state.get",
                    lambda message: self.bus.emit(message.reply("recognizer_loop:state", {"state": "sleeping"})))
        self.assertFalse(self.ask_old("ovos.api.is_awake")["data"]["is_awake"])

    def test_makes_a_key_at_the_first_run(self):
        settings("fresh.test", {})
        fresh = companion.GatewayCompanion(bus=FakeBus(), skill_id="fresh.test")
        self.addCleanup(fresh.default_shutdown)
        self.assertEqual(48, len(settings("fresh.test")["api_key"]))
        self.assertEqual(0o600, (SKILLS / "fresh.test" / "settings.json").stat().st_mode & 0o777)

    def test_takes_another_key_from_its_settings(self):
        settings(SKILL, {"api_key": "the next key"})
        self.skill._handle_settings_file_change(self.skill.settings_path)
        self.assertTrue(self.ask_old("ovos.api.info", key="the next key")["context"]["authenticated"])
        self.assertFalse(self.ask_old("ovos.api.info")["context"]["authenticated"])

    def test_keeps_its_key_when_ovos_loses_the_settings(self):
        settings(SKILL, {"__mycroft_skill_firstrun": False})
        self.skill._handle_settings_file_change(self.skill.settings_path)
        self.assertTrue(self.ask_old("ovos.api.info")["context"]["authenticated"])
        self.assertEqual(KEY, settings(SKILL)["api_key"])

    def test_nobody_is_answered_by_no_key(self):
        for key in ("", "None"):
            question = self.question({"operation": "config"}, key=key)
            self.assertEqual("proof", json.loads(self.ask_raw(question)["data"]["body"])["error"])
            self.assertFalse(self.ask_old("ovos.api.config", key=key)["context"]["authenticated"])

    def test_needs_no_network(self):
        needs = companion.GatewayCompanion.runtime_requirements
        self.assertFalse(needs.network_before_load or needs.internet_before_load or needs.requires_internet)


if __name__ == "__main__":
    unittest.main()
