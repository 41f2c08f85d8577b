# SPDX-License-Identifier: Apache-2.0
"""Many conversations at once, by the gateway or by the bus itself: the step conversation of measure.py compares the two.

    talk.py bus PORT CONVERSATIONS PER_SECOND
    talk.py gateway PORT CONVERSATIONS PER_SECOND < token

Each conversation is asked back for a name, and says one that nobody else has. PER_SECOND conversations begin in a second,
and 0 is all of them at once. Prints the milliseconds that the texts took, and how many answers were those of others.
"""

import asyncio
import json
import socket
import sys
import time
import uuid

import websockets

QUESTION, SKILL = "ask my name", "skill-ask-name.ovosgateway"
PAUSE = 0.5


class Bus:
    """A bare client of the bus. All conversations share its connection, as they do in the gateway."""

    def __init__(self, link):
        self.link, self.sessions, self.turns, self.said = link, {}, {}, {}
        # the bus keeps a small message back until the one before it is acknowledged
        self.socket = link.transport.get_extra_info("socket")

    @classmethod
    async def connect(cls, port):
        link = await websockets.connect(f"ws://127.0.0.1:{port}/core", compression=None, proxy=None, max_queue=None)
        await link.recv()
        bus = cls(link)
        bus.hearing = asyncio.create_task(bus.hear())
        return bus

    async def hear(self):
        async for frame in self.link:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            message = json.loads(frame)
            session = message["context"].get("session", {})
            turn = self.turns.get(session.get("session_id"))
            if turn is None:
                continue
            if "active_skills" in session:
                self.sessions[session["session_id"]] = session
            if message["type"] == "speak":
                self.said[session["session_id"]] = message["data"]["utterance"]
            if message["type"] in ("ovos.utterance.handled", SKILL + ".get_response.waiting") and not turn.done():
                # what was asked first is handled once more, when it is answered
                if message["type"] != "ovos.utterance.handled" or self.said[session["session_id"]] != "What is your name?":
                    turn.set_result(None)

    async def say(self, text, conversation):
        conversation = conversation or str(uuid.uuid4())
        turn = self.turns[conversation] = asyncio.get_running_loop().create_future()
        session = self.sessions.get(conversation, {"session_id": conversation})
        context = {"session": session, "source": "bare", "destination": "skills"}
        await self.link.send(json.dumps(
            {"type": "recognizer_loop:utterance", "data": {"utterances": [text]}, "context": context}))
        await asyncio.wait_for(turn, 60)
        return self.said[conversation], conversation


class Gateway:
    """A caller with a connection for each text that is under way."""

    def __init__(self, port, token):
        self.port, self.token, self.idle = port, token, []

    async def say(self, text, conversation):
        answer = await self.ask(text, conversation)
        return answer["answers"][-1]["text"] if answer.get("answers") else str(answer), answer.get("conversation_id")

    async def ask(self, text, conversation):
        """The whole answer."""
        body = {"text": text, "timeout": 60} | ({"conversation_id": conversation} if conversation else {})
        content = json.dumps(body).encode()
        link = self.idle.pop() if self.idle else await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = link
        writer.write((f"POST /v1/conversation HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.token}\r\n"
                      f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n").encode() + content)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        answer = json.loads(await reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0])))
        self.idle.append(link)
        return answer


async def converse(door, number, delay, times):
    """Whether each answer was its own."""

    async def say(text, conversation=None):
        begin = time.perf_counter()
        answer = await door.say(text, conversation)
        times.append((time.perf_counter() - begin) * 1e3)
        return answer

    await asyncio.sleep(delay)
    question, conversation = await say(QUESTION)
    if delay:
        await asyncio.sleep(PAUSE)
    answer, _ = await say(f"number {number}", conversation)
    own = question == "What is your name?" and answer == f"Nice to meet you, number {number}"
    if not own:
        print(question, answer, file=sys.stderr)
    return own


async def main(way, port, conversations, per_second):
    door = await Bus.connect(port) if way == "bus" else Gateway(port, sys.stdin.readline().strip())
    times = []
    # connections are made, and code is warm
    await asyncio.gather(*(converse(door, number, 0, []) for number in range(5)))
    own = await asyncio.gather(*(converse(door, number, (number + 1) / per_second if per_second else 0, times)
                                 for number in range(conversations)))
    print(json.dumps({"times": times, "wrong": own.count(False)}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))
