# SPDX-License-Identifier: Apache-2.0
"""A skill whose answers the tests know."""
import threading
import time

from ovos_utils import classproperty
from ovos_utils.process_utils import RuntimeRequirements
from ovos_workshop.decorators import intent_handler
from ovos_workshop.skills import OVOSSkill


class TestSkill(OVOSSkill):
    @classproperty
    def runtime_requirements(self):
        return RuntimeRequirements(
            internet_before_load=False, network_before_load=False, gui_before_load=False,
            requires_internet=False, requires_network=False, requires_gui=False,
            no_internet_fallback=True, no_network_fallback=True, no_gui_fallback=True)

    @intent_handler("time.intent")
    def time(self, message):
        self.log.info(f"answers by {dict(self.settings)}")
        self.speak(self.settings.get("answer", "it is noon"))

    @intent_handler("talk.intent")
    def talk(self, message):
        self.speak("This is a very long sentence that goes on and on, so that somebody has the time to stop it before "
                   "it comes to its end, which it does not want to do for a good while, because it likes to be heard.")

    @intent_handler("twice.intent")
    def twice(self, message):
        self.speak("the first thing")
        self.speak("the second thing")

    @intent_handler("wait.intent")
    def wait(self, message):
        begin = time.monotonic()
        self.speak("wait for me", wait=True)
        # who waits in vain does so for 15 seconds
        self.speak("it was heard" if time.monotonic() - begin < 15 else "nobody said a word")

    @intent_handler("ask.intent")
    def ask(self, message):
        answer = self.get_response("colour", num_retries=1)
        self.speak(f"you said {answer}")

    @intent_handler("silent.intent")
    def silent(self, message):
        pass

    @intent_handler("late.intent")
    def late(self, message):
        threading.Timer(2, lambda: self.speak("late speech")).start()

    @intent_handler("fail.intent")
    def fail(self, message):
        raise ValueError("boom")
