# SPDX-License-Identifier: Apache-2.0
"""The same question through each door for texts, beside the plain API, in turns; bench/measure.py calls it."""

import contextlib
import http.client
import json
import random
import statistics
import time

QUESTION = "say it twice"
MESSAGES = {"model": "ovos", "messages": [{"role": "user", "content": QUESTION}]}
MARK = b"third thing"
API = "the API"

# another door is one more line: the options of the gateway for it, and what opens it
DOORS = {
    API: ([], lambda gateway: over_http(gateway, "/v1/conversation", {"text": QUESTION})),
    "Ollama, as a whole": (
        ["--ovos.apis.ollama.enabled=true"],
        lambda gateway: over_http(gateway, "/ollama/api/chat", MESSAGES | {"stream": False})),
    "Ollama, lines": ([], lambda gateway: over_http(gateway, "/ollama/api/chat", MESSAGES)),
    "OpenAI, as a whole": (
        ["--ovos.apis.openai.enabled=true"],
        lambda gateway: over_http(gateway, "/openai/v1/chat/completions", MESSAGES)),
    "OpenAI, events": ([], lambda gateway: over_http(gateway, "/openai/v1/chat/completions", MESSAGES | {"stream": True})),
}


def options():
    return [option for needed, _ in DOORS.values() for option in needed]


@contextlib.contextmanager
def over_http(gateway, path, body):
    """A connection that is kept; gives what asks once."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=30)
    headers = {"Authorization": f"Bearer {gateway.token}", "Content-Type": "application/json"}
    content = json.dumps(body)

    def ask():
        connection.request("POST", path, content, headers)
        answer = connection.getresponse().read()
        assert MARK in answer, answer

    with contextlib.closing(connection):
        yield ask


def measure(gateway, report, calls=300):
    with contextlib.ExitStack() as cleanup:
        asks = {name: cleanup.enter_context(opened(gateway)) for name, (_, opened) in DOORS.items()}
        times = {name: [] for name in asks}
        for number in range(100 + calls):
            for name, ask in random.sample(list(asks.items()), len(asks)):
                begin = time.perf_counter()
                ask()
                # the first ones run code that is hardly compiled yet
                if number >= 100:
                    times[name].append(time.perf_counter() - begin)
    for share in (50, 99):
        figures = {name: statistics.quantiles(taken, n=100)[share - 1] * 1e3 for name, taken in times.items()}
        for name, figure in figures.items():
            report.add(f"a question by {name}, p{share}", f"{figure:.2f} ms ({figure - figures[API]:+.2f} ms)")
