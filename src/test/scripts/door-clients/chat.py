# SPDX-License-Identifier: Apache-2.0
"""Talks with a gateway by the clients of Ollama and OpenAI, as anybody would. Usage: chat.py port token"""

import asyncio
import pathlib
import sys
import tempfile

import ollama
import openai

base, token = f"http://127.0.0.1:{sys.argv[1]}", sys.argv[2]


def user(text):
    return {"role": "user", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


def same(found, wanted):
    assert found == wanted, f"{found!r} is not {wanted!r}"


TWICE = "first thing\nsecond thing\nthird thing"
NAME = [user("ask my name"), assistant("What is your name?"), user("Ada")]


def by_ollama():
    client = ollama.Client(base + "/ollama", headers={"Authorization": f"Bearer {token}"})
    same([model.model for model in client.list().models], ["ovos:latest"])
    same([model.model for model in client.ps().models], ["ovos:latest"])
    same(client.show("ovos").capabilities, ["completion"])

    whole = client.chat("ovos", [user("say it twice")], options={"temperature": 0.2}, keep_alive="5m", think=False)
    same(whole.message.content, TWICE)
    same((whole.done, whole.done_reason), (True, "stop"))
    parts = list(client.chat("ovos:latest", [user("say it twice")], stream=True))
    same("".join(part.message.content for part in parts), TWICE)
    same([part.done for part in parts], [False, False, False, True])

    messages = [{"role": "system", "content": "You are a pirate."}]
    for text, wanted in (("ask my name", "What is your name?"), ("Ada", "Nice to meet you, Ada")):
        messages.append(user(text))
        answer = client.chat("ovos", messages).message
        same(answer.content, wanted)
        messages.append(answer)

    first = client.generate("ovos", "ask my name")
    same(first.response, "What is your name?")
    same(client.generate("ovos", "Ada", context=first.context).response, "Nice to meet you, Ada")
    same("".join(part.response for part in client.generate("ovos", "say it twice", stream=True)), TWICE)
    same(client.generate("ovos").done_reason, "load")

    for call in (lambda: client.chat("llama3", [user("hi")]), lambda: client.show("llama3"), lambda: client.pull("ovos")):
        try:
            call()
        except ollama.ResponseError as failure:
            same(failure.status_code, 404)
            assert failure.error and "{" not in failure.error, failure.error
        else:
            raise AssertionError("a model that is not there was found")
    try:
        ollama.Client(base + "/ollama").list()
    except ollama.ResponseError as failure:
        same(failure.status_code, 401)
    else:
        raise AssertionError("somebody without a token was let in")


async def by_ollama_at_once():
    client = ollama.AsyncClient(base + "/ollama", headers={"Authorization": f"Bearer {token}"})
    await asyncio.gather(*(client.chat("ovos", NAME[:1]) for _ in range(4)))
    answers = await asyncio.gather(*(client.chat("ovos", [*NAME[:2], user(f"Ada {number}")]) for number in range(4)))
    same([answer.message.content for answer in answers], [f"Nice to meet you, Ada {number}" for number in range(4)])


def by_openai():
    client = openai.OpenAI(base_url=base + "/openai/v1", api_key=token, max_retries=0)
    same([model.id for model in client.models.list()], ["ovos"])
    same(client.models.retrieve("ovos").object, "model")

    create = client.chat.completions.create
    whole = create(model="ovos", messages=[user("say it twice")], temperature=0.2, max_tokens=100)
    same(whole.choices[0].message.content, TWICE)
    same((whole.object, whole.choices[0].finish_reason), ("chat.completion", "stop"))
    same(whole.usage.total_tokens, whole.usage.prompt_tokens + whole.usage.completion_tokens)

    chunks = list(create(model="ovos", messages=[user("say it twice")], stream=True, stream_options={"include_usage": True}))
    same("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices), TWICE)
    same(chunks[-2].choices[0].finish_reason, "stop")
    same(chunks[-1].usage.completion_tokens, 6)
    with client.chat.completions.stream(model="ovos", messages=[user("say it twice")]) as stream:
        same(stream.get_final_completion().choices[0].message.content, TWICE)

    parts = {"role": "user", "content": [{"type": "text", "text": "say it twice"}]}
    same(create(model="ovos", messages=[parts]).choices[0].message.content, TWICE)

    messages = [{"role": "developer", "content": "You are a pirate."}]
    for text, wanted in (("ask my name", "What is your name?"), ("Ada", "Nice to meet you, Ada")):
        messages.append(user(text))
        answer = create(model="ovos", messages=messages).choices[0].message
        same(answer.content, wanted)
        messages.append(answer)
    for text, wanted in (("ask my name", "What is your name?"), ("Ada", "Nice to meet you, Ada")):
        named = create(model="ovos", messages=[user(text)], extra_body={"conversation_id": "a chat"})
        same(named.choices[0].message.content, wanted)

    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "speech.wav")
        for kind, begins in ((None, (b"ID3", b"\xff")), ("wav", b"RIFF"), ("flac", b"fLaC"), ("opus", b"OggS"), ("aac", b"\xff")):
            asked = {} if kind is None else {"response_format": kind}
            sound = client.audio.speech.create(model="tts-1", voice="alloy", input="dinner is ready", **asked)
            assert sound.content.startswith(begins), (kind, sound.content[:16])
            if kind == "wav":
                sound.write_to_file(file)
        same(client.audio.transcriptions.create(model="whisper-1", file=file, language="en").text, "dinner is ready")

    try:
        create(model="gpt-4o", messages=[user("hi")])
    except openai.NotFoundError as failure:
        same((failure.code, failure.type), ("unknown-model", "invalid_request_error"))
    else:
        raise AssertionError("a model that is not there was found")
    try:
        openai.OpenAI(base_url=base + "/openai/v1", api_key="sk-no", max_retries=0).models.list()
    except openai.AuthenticationError as failure:
        same(failure.code, "invalid_api_key")
    else:
        raise AssertionError("somebody without a token was let in")


by_ollama()
asyncio.run(by_ollama_at_once())
by_openai()
print("all as it should be")
