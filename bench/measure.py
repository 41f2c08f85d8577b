# SPDX-License-Identifier: Apache-2.0
"""Measures the gateway on the real ovos-messagebus and prints a Markdown table; bench/run prepares and calls it.

Figures of the gateway and of the bare client come from the same run, in turns, on loopback. What a shared machine does to
one it does to the other, so look at the ratios first.
"""

import asyncio
import base64
import collections
import contextlib
import datetime
import http.client
import json
import os
import pathlib
import random
import secrets
import shlex
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import paho.mqtt.client
import websocket

import attacks
import doors as text_doors

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "target"
JAVA = os.environ.get("JAVA", "java")
JAVA25 = os.environ.get("JAVA25")
OVOS_API = os.environ.get("OVOS_API")
KEY = base64.b64encode(secrets.token_bytes(24)).decode()
USER, PASSWORD = "bench", secrets.token_hex(16)

# ovos-api, one uvicorn worker, measured on a machine of two cores; OVOS_API has it measured here, in turns.
ORIGINAL = {
    ("ping", 64): "8,229/s",
    ("listen", 64): "442/s, p99 262 ms",
    ("info", 1): "10.9/s",
    ("info", 64): "9.6/s, p99 7.3 s",
    "logins": "4.7/s, during which all else waits",
    "memory": "55 MB",
    "start": "0.43 s",
}

CONVERSATIONS_PER_SECOND = 2

# a button on the wall, as a user writes it
BUTTON = """\
- templatedRoute:
    routeTemplateRef: shelly-gen1-button
    routeId: bench
    parameters:
      - {name: topic, value: shellies/bench/input_event/0}
      - {name: single, value: listen}
"""


def free_port():
    """Below the ephemeral ports: a client that retries on one of those can end up connected to itself."""
    while True:
        port = random.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def wait_until(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.02)
    raise TimeoutError(f"{what} took longer than {seconds} s")


def end(number, _frame):
    """Ends whatever was started before this program ends by a signal."""
    for children in pathlib.Path("/proc/self/task").glob("*/children"):
        for child in children.read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
    sys.exit(128 + number)


class Bus:
    """The real ovos-messagebus, in a home of its own."""

    def __init__(self, folder):
        self.port = free_port()
        self.home = folder / "bus"
        config = self.home / "config" / "mycroft"
        config.mkdir(parents=True)
        (config / "mycroft.conf").write_text(
            json.dumps({"websocket": {"host": "127.0.0.1", "port": self.port, "route": "/core", "max_msg_size": 25}})
        )
        self.log = open(self.home / "bus.log", "wb")
        self.process = None

    def start(self):
        places = {f"XDG_{kind}_HOME": str(self.home / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE", "DATA")}
        self.process = subprocess.Popen(
            [TARGET / "ovos-messagebus/bin/ovos-messagebus"],
            env=os.environ | places | {"HOME": str(self.home), "XDG_CONFIG_DIRS": str(self.home / "none")},
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        wait_until(self.relays, "the start of ovos-messagebus")

    def relays(self):
        with contextlib.suppress(OSError, websocket.WebSocketException):
            self.connect().close()
            return True
        return False

    def connect(self):
        options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
        link = websocket.create_connection(f"ws://127.0.0.1:{self.port}/core", timeout=10, sockopt=options)
        link.recv()
        return link

    def settle(self):
        """Waits until it has got over what it was sent: connections that were broken off keep it busy for a while."""
        def idle():
            before = self.cpu_seconds()
            time.sleep(0.5)
            return self.cpu_seconds() - before < 0.05
        wait_until(idle, "the bus", 60)

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self):
        self.process.kill()
        self.process.wait()


class Broker:
    """The real Mosquitto, sending at once as packaging/mosquitto/mosquitto.conf has it."""

    def __init__(self, folder):
        self.port = free_port()
        configuration = folder / "mosquitto.conf"
        configuration.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n")
        with open(folder / "mosquitto.log", "wb") as log:
            self.process = subprocess.Popen(
                [TARGET / "mosquitto/bin/mosquitto", "-c", configuration], stdout=log, stderr=subprocess.STDOUT)
        wait_until(self.accepts, "the start of mosquitto")

    def accepts(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port)).close()
            return True
        return False

    def connect(self):
        client = paho.mqtt.client.Client(paho.mqtt.client.CallbackAPIVersion.VERSION2, protocol=paho.mqtt.client.MQTTv5)
        client.on_socket_open = lambda _client, _data, link: link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        wait_until(client.is_connected, "the connection to mosquitto")
        return client

    def close(self):
        self.process.terminate()
        self.process.wait()


class Assistant:
    """The simulated assistant, behind the real bus."""

    def __init__(self, bus, extra_skills=0):
        libraries = TARGET / "ovos-gateway/lib/*"
        self.process = subprocess.Popen(
            [JAVA, "-Xmx128m", "-XX:+UseSerialGC", "-cp", f"{TARGET}/classes:{libraries}", ROOT / "bench/Assistant.java",
             f"ws://127.0.0.1:{bus.port}/core", KEY, str(extra_skills)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert "connected" in self.process.stdout.readline()

    @contextlib.contextmanager
    def silent(self, message_type):
        self.tell(f"silence {message_type}")
        yield
        self.tell(f"unsilence {message_type}")

    def tell(self, line):
        print(line, file=self.process.stdin, flush=True)
        self.process.stdout.readline()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Gateway:
    """The gateway as installed, in a folder of its own with a copy of the routes."""

    def __init__(self, folder, bus):
        self.folder = folder / "gateway"
        self.bus = bus
        self.port, self.management = free_port(), free_port()
        shutil.copytree(ROOT / "routes", self.folder / "routes")
        for name in ("application.yaml",):
            shutil.copy(ROOT / name, self.folder)
        self.user = USER, PASSWORD
        self.set_users({"user": USER, "password": PASSWORD})
        (self.folder / ".env").write_text(
            f'SECRET="{secrets.token_hex(32)}"\nWS_HOST="127.0.0.1"\nWS_PORT="{bus.port if bus else 9}"\n'
            f'API_KEY="{KEY}"\nUSERS_DB="users.json"\n')
        self.process = None
        self.token = None

    def set_users(self, *users):
        """Writes the users file; passwords are given in clear."""
        entries = []
        for user in users:
            hashed = subprocess.run([JAVA, "-jar", TARGET / "ovos-gateway.jar", "hash-password"], cwd=self.folder,
                                    input=user["password"], capture_output=True, text=True, check=True).stdout.split()[-1]
            entries.append({"active": True} | user | {"password": hashed})
        (self.folder / "users.json").write_text(json.dumps(entries))

    def start(self, command=(ROOT / "bin/ovos-gateway",)):
        """Seconds to the first answer."""
        with open(self.folder / "gateway.log", "ab") as log:
            begin = time.perf_counter()
            self.process = subprocess.Popen(
                [*command, f"--server.port={self.port}", f"--ovos.management.port={self.management}"],
                cwd=self.folder, stdout=log, stderr=subprocess.STDOUT, env=os.environ | {"JAVA": JAVA})
        while not self.answers():
            if self.process.poll() is not None:
                raise RuntimeError((self.folder / "gateway.log").read_text())
            time.sleep(0.005)
        return time.perf_counter() - begin

    def answers(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.call("GET", "/network/ping", token=None)[0] == 200
        return False

    def log_in(self):
        status, tokens = self.call("POST", "/auth/tokens", {"user": USER, "password": PASSWORD}, token=None)
        assert status == 200, tokens
        self.token = tokens["access_token"]
        wait_until(lambda: self.call("GET", "/network/websocket")[1].get("listening"), "the link to the bus")

    def call(self, method, path, body=None, token="own", timeout=30):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = {"Authorization": f"Bearer {self.token}"} if token else {}
        if body is not None:
            body, headers["Content-Type"] = json.dumps(body), "application/json"
        try:
            connection.request(method, "/v1" + path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            return answer.status, json.loads(content) if content else None
        finally:
            connection.close()

    def process_status(self, field):
        """A number of /proc/<pid>/status; memory in kB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1])
        raise KeyError(field)

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def waiting(self):
        """Questions under way, as the metrics tell."""
        connection = http.client.HTTPConnection("127.0.0.1", self.management, timeout=10)
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
        connection.close()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("ovos_bus_waits{"))

    def close(self):
        self.process.terminate()
        self.process.wait()


class Original:
    """ovos-api itself, in front of the same bus; OVOS_API is the command that starts it, but for the port."""

    def __init__(self, gateway):
        self.port = free_port()
        settings = dict(line.split("=", 1) for line in (gateway.folder / ".env").read_text().splitlines())
        settings = {name: value.strip('"') for name, value in settings.items()}
        settings["USERS_DB"] = str(gateway.folder / "users.json")
        self.process = subprocess.Popen([*shlex.split(OVOS_API), "--port", str(self.port), "--log-level", "warning"],
                                        env=os.environ | settings, stdout=subprocess.DEVNULL)
        wait_until(lambda: Gateway.answers(self), "the start of ovos-api")
        self.token = self.call("POST", "/auth/tokens", {"user": USER, "password": PASSWORD})[1]["access_token"]

    def call(self, *request, token=None):
        return Gateway.call(self, *request, token=token)

    def close(self):
        self.process.terminate()
        self.process.wait()


class Constant:
    """A server that does nothing but answer, under the gateway's flags."""

    token = ""

    def __init__(self):
        self.port = free_port()
        flags = ("-XX:+UseSerialGC", "-Xmx64m", "-XX:TieredStopAtLevel=1")
        self.process = subprocess.Popen(
            [JAVA, *flags, "-cp", f"{TARGET}/ovos-gateway/lib/*", ROOT / "bench/Constant.java", str(self.port)],
            stdout=subprocess.PIPE, text=True)
        assert "listening" in self.process.stdout.readline()

    def close(self):
        self.process.kill()
        self.process.wait()


def wrk(gateway, method, path, connections, seconds, body=None, anonymous=False):
    """Starts a load; the returned function waits for its end and gives the report."""
    environment = os.environ | {"METHOD": method}
    if body is not None:
        environment["BODY"] = json.dumps(body)
    if not anonymous:
        environment["TOKEN"] = gateway.token
    process = subprocess.Popen(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", ROOT / "bench/report.lua",
         f"http://127.0.0.1:{gateway.port}/v1{path}"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def report():
        figures = json.loads(process.communicate(timeout=seconds + 60)[1].strip().splitlines()[-1])
        figures["rate"] = figures["requests"] / figures["seconds"]
        return figures

    return report


class Report:
    def __init__(self):
        self.rows = []

    def add(self, what, gateway, bare="", original=""):
        self.rows.append((what, gateway, bare, original))
        print(f"  {what}: {gateway}" + (f" (bare {bare})" if bare else ""), file=sys.stderr, flush=True)

    def __str__(self):
        head = ("What", "Gateway", "Bare client of the bus", "ovos-api")
        return "\n".join("| " + " | ".join(row) + " |" for row in [head, ("---",) * 4, *self.rows])


def throughput(gateway, assistant, report, rounds=3, seconds=5):
    """Each operation, the bare client and, where it is there, ovos-api in turns; medians of the rounds."""
    listen = ("PUT", "/voice/listen", "mycroft.mic.listen", "mycroft.mic.listen")
    stop = ("DELETE", "/voice/speech", "mycroft.stop", "mycroft.stop")
    operations = {
        "ping": ("GET", "/network/ping", None, None),
        "listen": listen,
        # the bus has only this message to relay, and not what others say to it
        "listen, the listener silent": listen,
        "stop": stop,
        "stop, the skills silent": stop,
        "info": ("GET", "/system/info", "ovos.api.info", "ovos.api.info.answer"),
    }
    with contextlib.ExitStack() as cleanup:
        original = cleanup.enter_context(contextlib.closing(Original(gateway))) if OVOS_API else None
        for name, (method, path, message, reply) in operations.items():
            with assistant.silent(message) if "silent" in name else contextlib.nullcontext():
                for connections in (1, 64):
                    wrk(gateway, method, path, connections, 3)()
                    figures, bare, others = [], [], []
                    for _ in range(rounds):
                        if message:
                            bare.append(bare_rate(gateway.bus, message, reply, connections, seconds))
                        figures.append(wrk(gateway, method, path, connections, seconds)())
                        if original:
                            others.append(wrk(original, method, path, connections, seconds)())
                            gateway.bus.settle()
                    lost = sum(f["refused"] + f["broken"] for f in figures)
                    rate, p99 = medians(figures)
                    text = f"{rate:,.0f}/s, p99 {p99:.1f} ms" + (f", {lost} failed" if lost else "")
                    against = f"{statistics.median(bare):,.0f}/s ({rate / statistics.median(bare):.0%})" if bare else ""
                    before = ORIGINAL.get((name, connections), "")
                    if original:
                        other, slowest = medians(others)
                        before = f"{other:,.0f}/s, p99 {slowest:.1f} ms ({rate / other:.1f} x)"
                    report.add(f"{name}, {connections} connection{'s' * (connections > 1)}", text, against, before)


def medians(figures):
    return (statistics.median(f[key] for f in figures) for key in ("rate", "p99"))


def bare_rate(bus, message, reply, in_flight, seconds):
    key = base64.b64encode(KEY.encode()).decode() if message.startswith("ovos.api.") else ""
    command = [sys.executable, ROOT / "bench/bare.py", str(bus.port), message, reply, key, str(in_flight), str(seconds)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30).stdout)


def latency(gateway, assistant, report, calls=200):
    """One caller with pauses: the same question on the bus itself and through the gateway, in turns.

    Beside them a server of the same library that answers with a constant: what is left to do without is above that.
    """
    with contextlib.closing(Constant()) as constant:
        pauses(gateway, constant, report, "its first calls", calls)
        for server in (gateway, constant):
            wrk(server, "GET", "/system/sleep", 8, 3)()
        pauses(gateway, constant, report, "after a load", calls)


def pauses(gateway, constant, report, when, calls):
    question = json.dumps({"type": "recognizer_loop:state.get", "data": {}, "context": {}})
    times = {"bare": [], "gateway": [], "constant": []}
    with contextlib.ExitStack() as cleanup:
        link = cleanup.enter_context(contextlib.closing(gateway.bus.connect()))
        callers = {"gateway": cleanup.enter_context(caller(gateway)), "constant": cleanup.enter_context(caller(constant))}
        for _ in range(calls):
            time.sleep(random.uniform(0.06, 0.1))
            drain(link)
            begin = time.perf_counter()
            link.send(question)
            while '"recognizer_loop:state"' not in link.recv():
                link.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            times["bare"].append(time.perf_counter() - begin)
            for name, server in callers.items():
                time.sleep(random.uniform(0.06, 0.1))
                begin = time.perf_counter()
                server.sendall(
                    f"GET /v1/system/sleep HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {gateway.token}\r\n\r\n".encode())
                answer = b""
                while b"is_awake" not in answer:
                    answer += server.recv(65536)
                times[name].append(time.perf_counter() - begin)
    for share in (50, 99):
        bare, one, floor = (statistics.quantiles(found, n=100)[share - 1] * 1e3 for found in times.values())
        report.add(f"one caller with pauses, {when}, p{share}",
                   f"{one:.2f} ms ({one - bare:+.2f} ms; a constant takes {floor:.2f} ms)", f"{bare:.2f} ms")


def caller(server):
    link = socket.create_connection(("127.0.0.1", server.port))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def press(gateway, assistant, report, presses=200):
    """From the publication of a press to the message on the bus, and from publisher to subscriber of the same broker."""
    # a press of another button acts nowhere: that is what the broker alone is measured with
    topic, other = "shellies/bench/input_event/0", "shellies/bare/input_event/0"
    heard = threading.Event()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as cleanup:
        broker = Broker(pathlib.Path(folder))
        cleanup.callback(broker.close)
        gateway.close()
        (gateway.folder / "routes/bench.camel.yaml").write_text(BUTTON)
        gateway.start((ROOT / "bin/ovos-gateway", "--ovos.mqtt.host=127.0.0.1", f"--ovos.mqtt.port={broker.port}"))
        gateway.log_in()
        button, subscriber = broker.connect(), broker.connect()
        for client in (button, subscriber):
            cleanup.callback(client.loop_stop)
        subscriber.on_message = lambda *_: heard.set()
        subscriber.subscribe(other, qos=1)
        link = gateway.bus.connect()
        cleanup.callback(link.close)
        acted = threading.Event()
        threading.Thread(target=hear, args=(link, '"mycroft.mic.listen"', acted), daemon=True).start()
        count = 0

        def publish(on):
            nonlocal count
            count += 1
            begin = time.perf_counter()
            button.publish(on, json.dumps({"event": "S", "event_cnt": count}), qos=1)
            return begin

        def bare():
            heard.clear()
            begin = publish(other)
            assert heard.wait(10), "the broker delivered nothing"
            return time.perf_counter() - begin

        def through():
            acted.clear()
            begin = publish(topic)
            assert acted.wait(10), "the press did nothing"
            return time.perf_counter() - begin

        def measure(what, number):
            times = {through: [], bare: []}
            for _ in range(number):
                for way, taken in times.items():
                    time.sleep(random.uniform(0.06, 0.1))
                    taken.append(way())
            if what:
                for share in (50, 99):
                    one, alone = (statistics.quantiles(taken, n=100)[share - 1] * 1e3 for taken in times.values())
                    report.add(f"{what}, p{share}", f"{one:.2f} ms ({one - alone:+.2f} ms)", f"{alone:.2f} ms (broker alone)")

        # the first number that a button is heard with may be of an old press
        publish(topic)
        measure(None, 30)
        measure("press to message on the bus", presses)
        with light_load(gateway):
            measure("press to message on the bus, 50 calls/s beside it", presses)


def hear(link, mark, heard):
    """Tells of messages on the bus until the connection is closed."""
    with contextlib.suppress(OSError, websocket.WebSocketException):
        link.settimeout(None)
        while True:
            if mark in link.recv():
                heard.set()
            # the bus keeps a small message back until the one before it is acknowledged
            link.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


@contextlib.contextmanager
def light_load(gateway):
    """Fifty calls of the API a second, each a question on the bus."""
    stop = threading.Event()

    def caller():
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=10)
        while not stop.wait(0.02):
            connection.request("GET", "/v1/system/sleep", headers={"Authorization": f"Bearer {gateway.token}"})
            connection.getresponse().read()
        connection.close()

    thread = threading.Thread(target=caller)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def drain(link):
    """Takes what the other caller's turn left on our connection."""
    link.settimeout(0.001)
    with contextlib.suppress(websocket.WebSocketTimeoutException):
        while True:
            link.recv()
    link.settimeout(10)


def waiting(gateway, assistant, report, calls=500):
    """Pings while questions to a silent skill wait."""

    async def call(number):
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write((f"GET /v1/skills/skill-{number}.test/settings HTTP/1.1\r\nHost: localhost\r\n"
                      f"Authorization: Bearer {gateway.token}\r\nConnection: close\r\n\r\n").encode())
        answer = await asyncio.wait_for(reader.read(), 60)
        writer.close()
        return answer.split(b" ", 2)[1].decode() if answer else "none"

    async def measure():
        calls_under_way = [asyncio.create_task(call(number)) for number in range(calls)]
        await asyncio.sleep(1)
        pings = wrk(gateway, "GET", "/network/ping", 16, 3, anonymous=True)
        figures = await asyncio.get_running_loop().run_in_executor(None, pings)
        left = sum(not task.done() for task in calls_under_way)
        return figures, left, collections.Counter(await asyncio.gather(*calls_under_way))

    with assistant.silent("ovos.api.skill_settings"):
        figures, left, answers = asyncio.run(measure())
    answered = ", ".join(f"{count} × {status}" for status, count in answers.items())
    report.add(f"ping while {calls} calls wait for a silent skill",
               f"{figures['rate']:,.0f}/s, p99 {figures['p99']:.1f} ms; {left} still waited after it; {answered}")


def talk(way, port, conversations, per_second, token=""):
    command = [sys.executable, ROOT / "bench/talk.py", way, str(port), str(conversations), str(per_second)]
    figures = json.loads(subprocess.run(command, input=token, capture_output=True, text=True, check=True, timeout=300).stdout)
    return figures["times"], figures["wrong"]


def conversation(gateway, assistant, report, rounds=3, conversations=200):
    """Two hundred conversations, each with its own answers: one after the other as people talk, and all at once."""
    for what, per_second in (("20 begin in a second", 20), ("all at once", 0)):
        times, wrong = {"bus": [], "gateway": []}, 0
        for _ in range(rounds):
            for way, port, token in (("bus", gateway.bus.port, ""), ("gateway", gateway.port, gateway.token)):
                taken, lost = talk(way, port, conversations, per_second, token)
                times[way].append(taken)
                wrong += lost
        for share in (50, 99):
            bare, one = (statistics.median(statistics.quantiles(taken, n=100)[share - 1] for taken in times[way])
                         for way in ("bus", "gateway"))
            report.add(f"text in one of {conversations} conversations, {what}, p{share}",
                       f"{one:.1f} ms ({one - bare:+.1f} ms), {wrong} answers of others", f"{bare:.1f} ms")


def limited(gateway, assistant, report, conversations=10_000):
    """Users who may ask some skills only, in many conversations at once, with whatever they say."""
    gateway.close()
    limits = {"eve": {"deny": ["ovos-skill-count.openvoiceos", "skill-ask-name.ovosgateway:twice"]},
              "mallory": {"allow": ["ovos-skill-date-time.openvoiceos"]}, USER: None}
    gateway.set_users(*({"user": user, "password": PASSWORD, "room": user} | ({"skills": skills} if skills else {})
                        for user, skills in limits.items()))
    gateway.start(("env", "JAVA_OPTS=-Xmx256m", ROOT / "bin/ovos-gateway", f"--ovos.conversation.most={2 * conversations}",
                   f"--ovos.conversation.most-per-user={2 * conversations}"))
    gateway.log_in()
    tokens = {user: gateway.call("POST", "/auth/tokens", {"user": user, "password": PASSWORD}, token=None)[1]["access_token"]
              for user in limits}
    command = [sys.executable, ROOT / "bench/limited.py", str(gateway.port), str(gateway.bus.port), str(conversations)]
    figures = json.loads(subprocess.run(
        command, input=json.dumps(tokens), capture_output=True, text=True, check=True, timeout=900).stdout)
    report.add(f"{conversations:,} conversations of limited users and others", ", ".join(
        f"{number:,} {what}" for what, number in figures.items()))


def events(gateway, assistant, report, readers=1000, seconds=20):
    """Readers of all events, while some talk with the assistant; the memory of the gateway, and pings meanwhile."""
    gateway.close()
    gateway.start((ROOT / "bin/ovos-gateway", f"--ovos.http.max-streams={readers}", f"--ovos.http.max-connections={2 * readers}",
                   f"--ovos.http.max-streams-per-caller={readers}"))
    gateway.log_in()

    def load(duration):
        """Memory in MB, and the milliseconds of each ping."""
        pings = attacks.Caller(gateway)
        pings.start()
        _, wrong = talk("gateway", gateway.port, CONVERSATIONS_PER_SECOND * duration, CONVERSATIONS_PER_SECOND, gateway.token)
        pings.stopped.set()
        pings.join()
        return gateway.process_status("VmRSS") / 1024, [one * 1e3 for one in pings.pings], wrong + sum(pings.lost.values())

    load(seconds)
    before, quiet, _ = load(seconds)
    command = [sys.executable, ROOT / "bench/readers.py", str(gateway.port), str(readers)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    print(gateway.token, file=process.stdin, flush=True)
    assert process.stdout.readline() == "reading\n"
    after, pings, lost = load(seconds)
    heard = json.loads(process.communicate(timeout=60)[0])
    p99, alone = (statistics.quantiles(taken, n=100)[98] for taken in (pings, quiet))
    report.add(f"{readers:,} readers of events", f"{after - before:+.0f} MB resident ({before:.0f} before); ping p99 {p99:.1f} ms "
               f"({alone:.1f} ms without them), {lost} calls failed; {heard['least']} to {heard['most']} events each, "
               f"{heard['cut off']} cut off")


def logins(gateway, assistant, report):
    """Log ins as fast as they go, and pings meanwhile."""
    pings = wrk(gateway, "GET", "/network/ping", 16, 10, anonymous=True)
    tokens = wrk(gateway, "POST", "/auth/tokens", 4, 10, {"user": USER, "password": PASSWORD}, anonymous=True)
    pings, tokens = pings(), tokens()
    good = (tokens["requests"] - tokens["refused"]) / tokens["seconds"]
    report.add("logins", f"{good:.1f}/s, meanwhile ping {pings['rate']:,.0f}/s, p99 {pings['p99']:.1f} ms", "",
               ORIGINAL["logins"])


def memory(gateway, assistant, report):
    """The most it took under a mixed load, with the flags of bin/ovos-gateway."""
    loads = [
        wrk(gateway, "GET", "/network/ping", 64, 20),
        wrk(gateway, "PUT", "/voice/listen", 64, 20),
        wrk(gateway, "GET", "/system/info", 64, 20),
        wrk(gateway, "GET", "/system/config", 16, 20),
        wrk(gateway, "POST", "/auth/tokens", 2, 20, {"user": USER, "password": PASSWORD}, anonymous=True),
    ]
    figures = [load() for load in loads]
    lost = sum(f["broken"] for f in figures)
    report.add("memory (RSS, peak of the run)", f"{gateway.process_status('VmHWM') / 1024:.0f} MB" + f", {lost} failed" * bool(lost),
               "", ORIGINAL["memory"])


def start(gateway, assistant, report, runs=7):
    """From the start of the process to the first answered ping; medians."""
    variants = {
        "the jar": (JAVA, "-jar", TARGET / "ovos-gateway.jar"),
        "the folder, without archive": (JAVA, "-jar", TARGET / "ovos-gateway/ovos-gateway.jar"),
        "the folder, with archive": (ROOT / "bin/ovos-gateway",),
    }
    with tempfile.TemporaryDirectory() as folder:
        if JAVA25:
            copy = shutil.copytree(TARGET / "ovos-gateway", pathlib.Path(folder) / "java25")
            command = ("env", f"JAVA={JAVA25}", copy / "bin/ovos-gateway")
            subprocess.run([*command, "archive"], cwd=ROOT, capture_output=True, check=True)
            variants["the folder, Java 25 with AOT cache"] = command
        one = Gateway(pathlib.Path(folder), None)
        times = {name: [] for name in variants}
        for _ in range(runs):
            for name, command in variants.items():
                times[name].append(one.start(command))
                one.close()
    for name, seconds in times.items():
        report.add(f"start to first answer, {name}", f"{statistics.median(seconds):.2f} s", "",
                   ORIGINAL["start"] if name == "the jar" else "")


def edits(gateway, assistant, report):
    """A route is edited under load, five times well and once badly."""
    file = gateway.folder / "routes/network.camel.yaml"
    before = file.read_text()
    name = json.loads(before.split("constant: '")[1].split("'")[0])["pong"]
    load = wrk(gateway, "GET", "/network/ping", 16, 20, anonymous=True)
    times = []
    for number in range(5):
        file.write_text(before.replace(name, f"edit {number}"))
        begin = time.perf_counter()
        wait_until(lambda: gateway.call("GET", "/network/ping")[1]["pong"] == f"edit {number}", "an edit", 10)
        times.append(time.perf_counter() - begin)
    file.write_text(before.replace(name, "bad") + "\n- route: [\n")
    time.sleep(4)
    kept = gateway.call("GET", "/network/ping")[1]["pong"] == "edit 4"
    file.write_text(before)
    figures = load()
    report.add("edit of a route under load", f"live in {statistics.median(times):.2f} s (longest {max(times):.2f} s), "
               f"{figures['refused'] + figures['broken']} of {figures['requests']:,} calls failed; "
               f"a bad edit {'changed nothing' if kept else 'BROKE THE ROUTE'}")


def restarts(gateway, assistant, report, times=50):
    """The bus is killed and started again while callers go on."""
    answers = collections.Counter()
    stop = threading.Event()

    def caller():
        operations = [("GET", "/system/info"), ("PUT", "/voice/listen"), ("GET", "/system/sleep")]
        while not stop.is_set():
            for method, path in operations:
                try:
                    status = gateway.call(method, path)[0]
                except (OSError, http.client.HTTPException, ValueError) as failure:
                    status = type(failure).__name__
                answers[status] += 1

    # pools grow to their size first
    wrk(gateway, "GET", "/system/info", 64, 3)()
    files, threads = gateway.open_files(), gateway.process_status("Threads")
    callers = [threading.Thread(target=caller) for _ in range(8)]
    for one in callers:
        one.start()
    slowest = 0
    try:
        for _ in range(times):
            time.sleep(random.uniform(0.1, 0.4))
            gateway.bus.kill()
            time.sleep(random.uniform(0, 0.3))
            gateway.bus.start()
            begin = time.perf_counter()
            wait_until(lambda: gateway.call("GET", "/network/websocket")[1].get("listening"), "the way back", 60)
            slowest = max(slowest, time.perf_counter() - begin)
    finally:
        stop.set()
        for one in callers:
            one.join()
    time.sleep(6)
    counts = ", ".join(f"{count:,} × {status}" for status, count in sorted(answers.items(), key=str))
    report.add(f"bus killed and restarted {times} times under load",
               f"{counts}; back after at most {slowest:.1f} s; open files {files} → {gateway.open_files()}, "
               f"threads {threads} → {gateway.process_status('Threads')}, waits {gateway.waiting():.0f}")


def siege(gateway, assistant, report):
    """Attacks on the gateway with its broker, in each of many ways, beside an honest caller."""
    attacker, password = "attacker", secrets.token_hex(16)
    gateway.close()
    gateway.set_users({"user": USER, "password": PASSWORD},
                      {"user": attacker, "password": password, "scopes": ["mqtt:connect"]})
    mqtt = free_port()
    command = (ROOT / "bin/ovos-gateway", "--ovos.mqtt.broker.enabled=true", f"--ovos.mqtt.broker.port={mqtt}",
               "--ovos.auth.access-token-lifetime=5h", "--ovos.auth.refresh-token-lifetime=6h")
    gateway.start(command)
    gateway.log_in()
    attacks.besiege(gateway, report, command, mqtt, (attacker, password))


def doors(gateway, assistant, report):
    """The same question through each door for texts."""
    gateway.close()
    gateway.start((ROOT / "bin/ovos-gateway", *text_doors.options()))
    gateway.log_in()
    text_doors.measure(gateway, report)


STEPS = [throughput, latency, doors, press, waiting, conversation, events, logins, edits, restarts, memory, start]


def machine():
    cpu = next(line.split(": ")[1] for line in open("/proc/cpuinfo") if line.startswith("model name"))
    ram = int(open("/proc/meminfo").readline().split()[1]) / 1024 / 1024
    version = subprocess.run([JAVA, "-version"], capture_output=True, text=True, check=True).stderr.splitlines()[1]
    wanted = {"ovos-messagebus", "websockets"}
    pins = [ROOT / "src/test/scripts/ovos-messagebus.txt", ROOT / "bench/requirements.txt"]
    versions = [line.replace("==", " ") for file in pins for line in file.read_text().split() if line.split("==")[0] in wanted]
    broker = subprocess.run([TARGET / "mosquitto/bin/mosquitto", "-h"], capture_output=True, text=True, check=False).stdout
    versions.append(broker.splitlines()[0].replace("mosquitto version", "Mosquitto"))
    return (f"{datetime.date.today()}, {os.cpu_count()} cores of {cpu.strip()}, {ram:.0f} GB; everything on this one machine; "
            f"{version}; {', '.join(versions)}.")


def main(names):
    steps = [step for step in [*STEPS, siege, limited] if step.__name__ in (names or [one.__name__ for one in STEPS])]
    report = Report()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as cleanup:
        folder = pathlib.Path(folder)
        bus = Bus(folder)
        bus.start()
        cleanup.callback(bus.kill)
        gateway = Gateway(folder, bus)
        for step in steps:
            print(step.__name__, file=sys.stderr, flush=True)
            # each step meets a fresh process, so that none inherits the memory or the warmth of another
            # each skill answers a stop, so that only the step that needs many has them
            assistant = Assistant(bus, extra_skills=500 if step is waiting else 0)
            with contextlib.closing(assistant), contextlib.closing(gateway):
                gateway.start()
                gateway.log_in()
                step(gateway, assistant, report)
    print(machine(), "\n", report, sep="\n")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    main(sys.argv[1:])
