# SPDX-License-Identifier: Apache-2.0
"""A bare client of the message bus: what the gateway is compared with.

    bare.py PORT TYPE REPLY KEY IN_FLIGHT SECONDS

Keeps IN_FLIGHT messages of TYPE under way on one connection and prints how many a second came back: as the answer
REPLY, or as the bus's own echo where REPLY is TYPE.
"""

import asyncio
import json
import sys
import time

import websockets


async def rate(port, message_type, reply, key, in_flight, seconds):
    frame = json.dumps({"type": message_type, "data": {"app_key": key} if key else {}, "context": {}})
    mark = f'"type":"{reply}"'
    async with websockets.connect(f"ws://127.0.0.1:{port}/core", compression=None, proxy=None) as bus:
        await bus.recv()
        for _ in range(in_flight):
            await bus.send(frame)
        count = 0
        begin = time.perf_counter()
        while (elapsed := time.perf_counter() - begin) < seconds:
            if mark in (await asyncio.wait_for(bus.recv(), 10))[:200].replace(" ", ""):
                count += 1
                await bus.send(frame)
        return count / elapsed


if __name__ == "__main__":
    port, message_type, reply, key, in_flight, seconds = sys.argv[1:]
    print(asyncio.run(rate(int(port), message_type, reply, key, int(in_flight), float(seconds))))
