# SPDX-License-Identifier: Apache-2.0
"""Attacks a gateway while an honest caller and an honest MQTT client use it; the step siege of measure.py calls it.

Each attack runs in a process of its own, until it is ended. The gateway has the flags of bin/ovos-gateway, with its 64 MB of
heap, and its built-in broker. The honest ones count what they do not get; afterwards the heap is compared with before.
"""

import collections
import contextlib
import dataclasses
import http.client
import json
import multiprocessing
import os
import pathlib
import random
import selectors
import socket
import statistics
import struct
import subprocess
import threading
import time

import paho.mqtt.client
import websocket

SECONDS = float(os.environ.get("SIEGE_SECONDS", "60"))
PAUSE = 0.02
ONE_IN = 10
TOLERANCE = 8 << 20
LARGEST_PAGE = "/docs/swagger-ui-bundle.js"


@dataclasses.dataclass(frozen=True)
class Target:
    """What an attacker knows. Attacks of strangers use the ports only."""

    http: int
    mqtt: int
    bus: int
    asset: str
    user: str
    password: str


# --- by strangers, over HTTP ---


def crowd(port, size, first_bytes, then=None):
    """Keeps so many connections open that have sent this and read nothing; a closed one is replaced."""
    links = {}
    with selectors.DefaultSelector() as selector:
        while True:
            while len(links) < size:
                link = socket.socket()
                # a small window: little of an answer is taken off the gateway's hands
                link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                try:
                    link.connect(("127.0.0.1", port))
                    link.settimeout(1)
                    link.sendall(first_bytes)
                except OSError:
                    # refused, or cut off while it sent: what an attacker does then is to come again
                    if link.fileno() >= 0 and not connected(link):
                        link.close()
                        time.sleep(0.005)
                        continue
                link.setblocking(False)
                links[link] = time.monotonic()
                selector.register(link, selectors.EVENT_WRITE)
            for link, began in list(links.items()):
                alive = connected(link)
                if alive and then:
                    with contextlib.suppress(BlockingIOError):
                        try:
                            link.send(then)
                        except OSError:
                            alive = False
                if not alive or time.monotonic() - began > 30:
                    selector.unregister(link)
                    del links[link]
                    link.close()
            time.sleep(0.1)


def connected(link):
    with contextlib.suppress(OSError):
        link.getpeername()
        return not link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return False


def bodies_without_token(target):
    head = b"POST /v1/voice/speech HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
    crowd(target.http, 120, head + b" " * 999_000)


def chunked_bodies_without_token(target):
    head = b"POST /v1/voice/speech HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    crowd(target.http, 120, head + (b"3e8\r\n" + b" " * 1000 + b"\r\n") * 900, b"1\r\n \r\n")


def login_bodies(target):
    head = b"POST /v1/auth/tokens HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
    crowd(target.http, 120, head + b'{"user":"' + b"a" * 990_000)


def slow_readers_of_pages(target):
    crowd(target.http, 80, f"GET {target.asset} HTTP/1.1\r\nHost: a\r\n\r\n".encode() * 4)


def pipelined_pings_never_read(target):
    crowd(target.http, 8, b"", b"GET /v1/network/ping HTTP/1.1\r\nHost: a\r\n\r\n" * 2000)


def refusals_never_read(target):
    crowd(target.http, 64, b"", b"GET /v1/nothing/here HTTP/1.1\r\nHost: a\r\n\r\n" * 500)


def headers_that_trickle(target):
    crowd(target.http, 900, b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 7000, b"x")


# --- by a user of the built-in broker who may do nothing but connect ---


def text(value):
    value = value if isinstance(value, bytes) else value.encode()
    return struct.pack("!H", len(value)) + value


def packet(first, *parts):
    rest = b"".join(parts)
    length, size = len(rest), b""
    while True:
        digit, length = length % 128, length // 128
        size += bytes([digit | (128 if length else 0)])
        if not length:
            return bytes([first]) + size + rest


def connect(target, client, will=b"", expiry=0):
    flags = 0x02 | 0xC0 | (0x04 if will else 0)
    last_will = b"\0" + text(f"will/{client}") + text(will) if will else b""
    properties = b"\x11" + struct.pack("!I", expiry) if expiry else b""
    return packet(0x10, text("MQTT"), bytes([5, flags]), struct.pack("!H", 600), bytes([len(properties)]), properties,
                  text(client), last_will, text(target.user), text(target.password))


def publish(topic, payload, qos=0, number=1, properties=b""):
    return packet(0x30 | qos << 1, text(topic), struct.pack("!H", number) if qos else b"", length(properties), payload)


def length(properties):
    size, count = b"", len(properties)
    while True:
        digit, count = count % 128, count // 128
        size += bytes([digit | (128 if count else 0)])
        if not count:
            return size + properties


def pings_of_mqtt_never_read(target):
    crowd(target.mqtt, 4, connect(target, "pinger"), b"\xc0\0" * 20_000)


def acknowledgements_never_read(target):
    crowd(target.mqtt, 4, connect(target, "publisher"), publish("siege/a", b"", qos=1) * 5_000)


def wills_and_filters(target):
    while True:
        for number in range(95):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", target.mqtt), timeout=2) as link:
                link.sendall(connect(target, f"client{number}", will=b"w" * 60_000, expiry=86_400))
                link.recv(64)
                for filters in range(4):
                    link.sendall(packet(0x82, struct.pack("!H", 1 + filters), b"\0",
                                        *(text(f"{filters}{n}/" + "f" * 10_000) + b"\1" for n in range(5))))
                    link.recv(64)


def sessions_resumed_in_flight(target):
    number = 0
    while True:
        number += 1
        client = f"resumer{number % 20}"
        with contextlib.suppress(OSError):
            for _ in range(2):
                with socket.create_connection(("127.0.0.1", target.mqtt), timeout=1) as link:
                    link.sendall(connect(target, client, expiry=3600).replace(b"\x05\xc2", b"\x05\xc0", 1))
                    link.recv(64)
                    link.sendall(packet(0x82, b"\0\1", b"\0", text(f"siege/{client}"), b"\1"))
                    link.recv(64)
                    for message in range(6):
                        link.sendall(publish(f"siege/{client}", b"m" * 60_000, 1, message + 1))
                    link.recv(64)


def poison_by_mqtt(target):
    """Valid packets that break clients, and packets that are not valid."""
    correlation = b"\x09" + text(b"c" * 40_000)
    users = b"".join(b"\x26" + text("u" * 900) + text("v" * 900) for _ in range(30))
    poison = [
        publish("ovos/default/request/ping", b"", 1, 1, correlation),
        publish("ovos/default/request/ping", b"", 1, 1, users),
        publish("ovos/default/ping/set\x01", b"", 1),
        publish(b"ovos/default/ping/set\xed\xa0\x80", b"", 1),
        publish("ovos/default/ping/set\ufffe", b"", 1),
        publish("ovos/default/ping/set", b"\0" * 200_000, 1),
        b"\x30\xff\xff\xff\xff\x7f", b"\xf0\0", b"\0\0",
    ]
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", target.mqtt), timeout=1) as link:
            link.sendall(connect(target, "poisoner"))
            link.recv(64)
            link.sendall(random.choice(poison))
            link.recv(64)
        time.sleep(0.01)


def invented_devices(target):
    number = 0
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", target.mqtt), timeout=5) as link:
            link.sendall(connect(target, "inventor"))
            link.recv(64)
            while True:
                for _ in range(20):
                    number += 1
                    link.sendall(publish(f"ovos/dev{number}/ping/set", b"p" * 1000, 1))
                    link.recv(64)
                time.sleep(0.02)


# --- by a program on the bus of the assistant ---


def large_frames_on_the_bus(target):
    while True:
        with contextlib.suppress(OSError, websocket.WebSocketException):
            link = websocket.create_connection(f"ws://127.0.0.1:{target.bus}/core", timeout=10)
            with contextlib.closing(link):
                for size in (1, 9, 20):
                    link.send(json.dumps({"type": "siege.large", "data": {"audio": "a" * (size << 20)}, "context": {}}))
                    time.sleep(1)


def wrong_answers_on_the_bus(target):
    """Answers with members of wrong types. Data that is no object would take OVOS itself off the bus."""
    values = [None, True, 1e308, float("nan"), "text", [], {}, [[]] * 50, {"muted": {"deep": []}}, "\ud800"]
    types = ["recognizer_loop:state", "mycroft.mic.get_status.response", "ovos.PHAL.internet_check.response",
             "mycroft.volume.get.response", "mycroft.skills.is_alive.response", "mycroft.skills.list", "ovos.api.info.answer"]
    while True:
        with contextlib.suppress(OSError, websocket.WebSocketException):
            link = websocket.create_connection(f"ws://127.0.0.1:{target.bus}/core", timeout=10)
            with contextlib.closing(link):
                while True:
                    data = {name: random.choice(values) for name in ("muted", "state", "percent", "status", "mode")}
                    link.send(json.dumps({"type": random.choice(types), "data": data, "context": {}}))
                    time.sleep(0.002)


ATTACKS = [
    bodies_without_token, chunked_bodies_without_token, login_bodies, slow_readers_of_pages, pipelined_pings_never_read,
    refusals_never_read, headers_that_trickle, pings_of_mqtt_never_read, acknowledgements_never_read, wills_and_filters,
    sessions_resumed_in_flight, poison_by_mqtt, invented_devices, large_frames_on_the_bus, wrong_answers_on_the_bus,
]


# --- the honest ones, and the report ---


class Caller(threading.Thread):
    """Pings on one connection with a token, and asks the assistant now and then; counts what it does not get."""

    def __init__(self, gateway):
        super().__init__(daemon=True)
        self.gateway = gateway
        self.pings, self.lost, self.stopped = [], collections.Counter(), threading.Event()

    def run(self):
        link = None
        count = 0
        while not self.stopped.wait(PAUSE):
            count += 1
            path = "/v1/network/ping" if count % ONE_IN else "/v1/system/sleep"
            try:
                link = link or http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=10)
                begin = time.perf_counter()
                link.request("GET", path, headers={"Authorization": f"Bearer {self.gateway.token}"})
                answer = link.getresponse()
                answer.read()
                if path.endswith("ping"):
                    self.pings.append(time.perf_counter() - begin)
                if answer.status != 200:
                    self.lost[f"{answer.status} on {path}"] += 1
            except (OSError, http.client.HTTPException) as failure:
                self.lost[type(failure).__name__] += 1
                link = None


class Button(threading.Thread):
    """Is connected to the broker, asks by MQTT twice a second, and waits for the answer."""

    def __init__(self, target, gateway):
        super().__init__(daemon=True)
        self.asked, self.lost, self.stopped, self.answer = 0, 0, threading.Event(), threading.Event()
        self.client = paho.mqtt.client.Client(paho.mqtt.client.CallbackAPIVersion.VERSION2, client_id="honest",
                                              protocol=paho.mqtt.client.MQTTv5)
        self.client.username_pw_set(*gateway.user)
        self.client.on_connect = lambda client, *_: client.subscribe("ovos/default/response/ping", qos=1)
        subscribed = threading.Event()
        self.client.on_subscribe = lambda *_: subscribed.set()
        self.client.on_message = lambda *_: self.answer.set()
        self.client.connect_async("127.0.0.1", target.mqtt)
        self.client.loop_start()
        assert subscribed.wait(60), "the broker lets nobody in"

    def run(self):
        while not self.stopped.wait(0.5):
            self.answer.clear()
            self.asked += 1
            self.client.publish("ovos/default/request/ping", json.dumps({"transaction": self.asked}), qos=1)
            if not self.answer.wait(10):
                self.lost += 1
        self.client.disconnect()
        self.client.loop_stop()


def besiege(gateway, report, command, mqtt, attacker):
    """Every attack for a minute, one after the other, or those that SIEGE names.

    The command starts the gateway, whose broker is on the port mqtt; the attacker is a user and a password of it.
    """
    wanted = os.environ.get("SIEGE", "").split()
    target = Target(gateway.port, mqtt, gateway.bus.port, LARGEST_PAGE, *attacker)
    for attack in ATTACKS:
        if wanted and attack.__name__ not in wanted:
            continue
        before = heap(gateway)
        caller, button = Caller(gateway), Button(target, gateway)
        process = multiprocessing.get_context("spawn").Process(target=attack, args=(target,), daemon=True)
        caller.start()
        button.start()
        process.start()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and gateway.process.poll() is None:
            time.sleep(0.2)
        name = f"siege: {attack.__name__}" + " (THE ATTACK ENDED BY ITSELF)" * (not process.is_alive())
        process.kill()
        process.join()
        for one in (caller, button):
            one.stopped.set()
            one.join(15)
        try:
            # what an attacker left is given up within the limits of time
            settled = time.monotonic() + 90
            while heap(gateway) > before + TOLERANCE and time.monotonic() < settled:
                time.sleep(2)
            after = heap(gateway)
            assert gateway.call("GET", "/network/ping")[0] == 200
        except (OSError, http.client.HTTPException) as failure:
            report.add(name, f"THE GATEWAY IS GONE: {type(failure).__name__}, exit code {gateway.process.poll()}")
            gateway.process.kill()
            gateway.process.wait()
            gateway.start(command)
            continue
        lost = ", ".join(f"{count} × {what}" for what, count in caller.lost.items()) or "none"
        p99 = statistics.quantiles(caller.pings, n=100)[98] * 1e3 if len(caller.pings) > 1 else float("nan")
        report.add(name, f"{len(caller.pings):,} pings, p99 {p99:.0f} ms; lost: {lost}; by MQTT {button.lost} of {button.asked} "
                         f"lost; heap {before >> 20} → {after >> 20} MB, RSS {gateway.process_status('VmRSS') >> 10} MB")


def heap(gateway):
    """Bytes in use after a collection."""
    tool = pathlib.Path(os.path.realpath(f"/proc/{gateway.process.pid}/exe")).parent / "jcmd"
    subprocess.run([tool, str(gateway.process.pid), "GC.run"], capture_output=True, check=False)
    link = http.client.HTTPConnection("127.0.0.1", gateway.management, timeout=30)
    link.request("GET", "/metrics")
    lines = link.getresponse().read().decode().splitlines()
    link.close()
    return int(sum(float(line.split()[-1]) for line in lines
                   if line.startswith("jvm_memory_used_bytes") and 'area="heap"' in line))
