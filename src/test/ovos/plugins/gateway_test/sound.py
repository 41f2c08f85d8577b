# SPDX-License-Identifier: Apache-2.0
"""What is heard and said: 16 kHz, 16 bit, one channel."""
import math
import select
import subprocess
import tempfile
import time
from array import array

from ovos_plugin_manager.templates.hotwords import HotWordEngine
from ovos_plugin_manager.templates.microphone import Microphone
from ovos_plugin_manager.templates.stt import STT
from ovos_plugin_manager.templates.tts import TTS
from ovos_plugin_manager.templates.vad import VADEngine

# what the ear understands; a short list is what makes it sure
PHRASES = ["what time is it", "hello world", "go to sleep", "talk for long", "ask me a question", "red", "yes", "no"]


class Voice(TTS):
    """espeak-ng; for what begins with "Slowly" it takes three seconds, as a large voice would."""

    def __init__(self, *args, **kwargs):
        kwargs.pop("lang", None)
        super().__init__(*args, **kwargs, audio_ext="wav")

    def get_tts(self, sentence, wav_file, lang=None, voice=None):
        if sentence.startswith("Slowly"):
            time.sleep(3)
        subprocess.run(["espeak-ng", "-v", "en-us", "-w", wav_file, sentence], check=True)
        return wav_file, None

    @property
    def available_languages(self):
        return {"en-US"}


class Ear(STT):
    """pocketsphinx, which understands PHRASES and nothing else."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        from pocketsphinx import Decoder

        with tempfile.NamedTemporaryFile("w", suffix=".jsgf") as grammar:
            grammar.write(f"#JSGF V1.0;\ngrammar g;\npublic <g> = {' | '.join(PHRASES)};\n")
            grammar.flush()
            self.decoder = Decoder(samprate=16000, loglevel="FATAL", lm=None, jsgf=grammar.name)

    def execute(self, audio, language=None):
        self.decoder.start_utt()
        self.decoder.process_raw(audio.get_raw_data(convert_rate=16000, convert_width=2), full_utt=True)
        self.decoder.end_utt()
        found = self.decoder.hyp()
        return found.hypstr if found else ""

    @property
    def available_languages(self):
        return {"en-US"}


class ToneWakeWord(HotWordEngine):
    """A tone of hotwords.<name>.hz for two chunks."""

    def __init__(self, key_phrase="", config=None, lang="en-US"):
        try:
            super().__init__(key_phrase, config)
        except TypeError:  # before ovos-plugin-manager 1
            super().__init__(key_phrase, config, lang)
        self.hz = self.config["hz"]
        self.chunks = 0
        self.found = False

    def update(self, chunk):
        samples = array("h", bytes(chunk))
        # how much of the chunk's energy is at that frequency
        turn = 2 * math.pi * self.hz / 16000
        real = sum(sample * math.cos(turn * i) for i, sample in enumerate(samples))
        imaginary = sum(sample * math.sin(turn * i) for i, sample in enumerate(samples))
        energy = sum(sample * sample for sample in samples)
        at_tone = 2 * (real * real + imaginary * imaginary) / max(1, len(samples))
        is_tone = energy > len(samples) * 1000 * 1000 and at_tone > 0.8 * energy
        self.chunks = self.chunks + 1 if is_tone else 0
        if self.chunks == 2:
            self.found = True

    def found_wake_word(self, frame_data=None):
        found, self.found = self.found, False
        return found

    def reset(self):
        self.chunks = 0
        self.found = False


class Loudness(VADEngine):
    """Nothing hums in a sound system without a card: what is quiet is silence."""

    def is_silence(self, chunk):
        samples = array("h", bytes(chunk))
        return max(map(abs, samples), default=0) < 300


class PulseMicrophone(Microphone):
    """What the sound system has as its microphone. It always says something: else it is begun anew."""

    def start(self):
        self.recorder = subprocess.Popen(
            ["parec", "--device=microphone.monitor", "--format=s16le", f"--rate={self.sample_rate}", "--channels=1",
             "--latency-msec=30"],
            stdout=subprocess.PIPE, bufsize=0)

    def read_chunk(self):
        chunk = b""
        while len(chunk) < self.chunk_size:
            sound = self.recorder.stdout
            ready, _, _ = select.select([sound], [], [], 3)
            part = sound.read(self.chunk_size - len(chunk)) if ready else b""
            if not part:
                print("the microphone says nothing, and is begun anew", flush=True)
                self.stop()
                self.start()
            chunk += part
        return chunk

    def stop(self):
        self.recorder.kill()
        self.recorder.wait()
