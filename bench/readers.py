# SPDX-License-Identifier: Apache-2.0
"""Many readers of /v1/events: the step events of measure.py opens them.

    readers.py PORT NUMBER < token

Says "reading" when all of them read. When its input ends, it prints how many events they got, and how many were cut off.
"""

import asyncio
import json
import sys


async def read(port, token, opened, counts, number):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write((f"GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n").encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head.split(b"\r\n")[0], head
    opened.release()
    while part := await reader.read(65536):
        counts[number] += part.count(b"\ndata:")
    return True


async def main(port, number):
    token = sys.stdin.readline().strip()
    opened, counts = asyncio.Semaphore(0), [0] * number
    tasks = []
    for one in range(number):
        tasks.append(asyncio.create_task(read(port, token, opened, counts, one)))
        if one % 50 == 49:
            # not more at a time than wait to be accepted
            for _ in range(50):
                await opened.acquire()
    print("reading", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    cut_off = sum(task.done() for task in tasks)
    print(json.dumps({"least": min(counts), "most": max(counts), "cut off": cut_off}), flush=True)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
