# SPDX-License-Identifier: Apache-2.0
"""Conversations of limited users beside those of others, all at once: the step limited of measure.py looks what escapes.

    limited.py PORT BUS_PORT CONVERSATIONS < {"user": "token"}

Each has two texts. What users may not ask, and how they are told apart on the bus, is in measure.py: their room is their name.
"""

import asyncio
import json
import random
import sys
import time

import websockets

import talk

AT_ONCE = 32
COUNT, NAME, TIME = "ovos-skill-count.openvoiceos", "skill-ask-name.ovosgateway", "ovos-skill-date-time.openvoiceos"
TEXTS = ["count to 1", "say it twice", "what time is it", "what day is it", "hello", "thank you", "what is the weather",
         "ask my name", "make a boom", "stay silent", "stop", "xyzzy"]


def may(user, skill, intent=None):
    if user == "eve":
        return skill != COUNT and (skill, intent) != (NAME, "twice")
    return user != "mallory" or skill in (None, TIME)


def bounded(user, session):
    skills, intents = session.get("blacklisted_skills", []), session.get("blacklisted_intents", [])
    if user == "eve":
        return COUNT in skills and f"{NAME}:twice.intent" in intents
    return user != "mallory" or {COUNT, NAME} <= set(skills) and TIME not in skills


def text():
    words = random.choice(TEXTS)
    odd = "".join(chr(random.randrange(0xAE, 0x2000)) for _ in range(random.randrange(40))) + "x"
    return random.choice([words, words, words, words.upper(), f" {words} ", f"{words} {random.random()}", odd])


async def listen(port, counts):
    """Looks at each message in the session of a limited user."""
    async with websockets.connect(f"ws://127.0.0.1:{port}/core", compression=None, proxy=None, max_queue=None) as link:
        async for frame in link:
            context = json.loads(frame)["context"]
            session = context.get("session", {})
            if session.get("site_id") in ("eve", "mallory"):
                counts["messages"] += 1
                counts["messages without limits"] += not bounded(session["site_id"], session)


async def converse(door, user, counts):
    conversation = None
    for _ in range(2):
        answer = await door.ask(text(), conversation)
        conversation = answer.get("conversation_id", conversation)
        counts["texts"] += 1
        counts["failures"] += "status" not in answer or not isinstance(answer["status"], str)
        said = answer.get("answers", [])
        matched = answer.get("matched") or {}
        counts["answers"] += len(said)
        counts["escapes"] += not may(user, matched.get("skill"), matched.get("intent"))
        counts["escapes"] += sum(not may(user, one["skill"]) for one in said)


async def main(port, bus, conversations):
    tokens = json.loads(sys.stdin.read())
    counts = dict.fromkeys(["texts", "answers", "escapes", "failures", "messages", "messages without limits"], 0)
    random.seed(conversations)
    listening = asyncio.create_task(listen(bus, counts))
    left = iter(range(conversations))
    begin = time.perf_counter()

    async def worker():
        doors = {user: talk.Gateway(port, token) for user, token in tokens.items()}
        for _ in left:
            user = random.choice(list(tokens))
            await converse(doors[user], user, counts)

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    listening.cancel()
    print(json.dumps(counts | {"seconds": round(time.perf_counter() - begin)}))


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
