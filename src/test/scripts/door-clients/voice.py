# SPDX-License-Identifier: Apache-2.0
"""Talks with a gateway by the package wyoming, as anybody would. Usage: voice.py port sound.wav"""

import asyncio
import sys

from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.handle import Handled, NotHandled
from wyoming.info import Describe, Info
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize, SynthesizeVoice

port, sound = int(sys.argv[1]), open(sys.argv[2], "rb").read()
FORMAT = {"rate": 16000, "width": 2, "channels": 1}


def same(found, wanted):
    assert found == wanted, f"{found!r} is not {wanted!r}"


async def ask(client, *events):
    for event in events:
        await client.write_event(event.event())
    return await client.read_event()


async def main():
    async with AsyncTcpClient("127.0.0.1", port) as client:
        info = Info.from_event(await ask(client, Describe()))
        for program in (*info.handle, *info.asr, *info.tts):
            same((program.name, program.installed, program.attribution.name), ("ovos", True, "Open Voice OS"))
        same([info.handle[0].models[0].languages, info.asr[0].models[0].languages], [["en-US"], ["en-US"]])
        same([(voice.name, voice.languages) for voice in info.tts[0].voices], [("en-US", ["en-US"])])
        same(Pong.from_event(await ask(client, Ping("hello"))).text, "hello")

        # the conversation of a client goes on in its next connection
        context = {"conversation_id": "01JDPYTHON"}
        answer = Handled.from_event(await ask(client, Transcript("ask my name", context=context, language="en-US")))
        same((answer.text, answer.context), ("What is your name?", context))
    async with AsyncTcpClient("127.0.0.1", port) as client:
        answer = Handled.from_event(await ask(client, Transcript("Ada", context=answer.context)))
        same(answer.text, "Nice to meet you, Ada")
        failed = await ask(client, Transcript("make a boom"))
        assert NotHandled.is_type(failed.type) and NotHandled.from_event(failed).text, failed

        chunks = [AudioChunk(audio=sound[at:at + 2048], **FORMAT) for at in range(0, len(sound), 2048)]
        heard = await ask(client, Transcribe(language="en-US"), AudioStart(**FORMAT), *chunks, AudioStop())
        same(Transcript.from_event(heard).text, "what time is it")

        start = await ask(client, Synthesize("dinner is ready", SynthesizeVoice(name="en-US")))
        assert AudioStart.is_type(start.type), start
        samples = b""
        while AudioChunk.is_type((event := await client.read_event()).type):
            samples += AudioChunk.from_event(event).audio
        assert AudioStop.is_type(event.type) and len(samples) > 4000, (event, len(samples))

        error = await ask(client, AudioStart(rate=1, width=2, channels=1))
        assert Error.is_type(error.type) and "rate" in Error.from_event(error).text, error
        same(await client.read_event(), None)


asyncio.run(asyncio.wait_for(main(), 60))
