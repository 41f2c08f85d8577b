# SPDX-License-Identifier: Apache-2.0
"""Runs a Home Assistant for tests, on 127.0.0.1: core, REST API, MQTT and voice, without onboarding, front end and history.

Usage: run.py folder http-port mqtt-port
The folder becomes its configuration if it is empty; the file "token" in it is good for its API.
"""

import json
import secrets
import sys
import time
from pathlib import Path

import jwt
from homeassistant import __main__, bootstrap

folder, http_port, mqtt_port = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])


def store(key, data, **more):
    path = folder / ".storage" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": 1, "minor_version": 1, "key": key, "data": data, **more}))


if not (folder / "token").exists():
    lifetime, key = 86400, secrets.token_hex(32)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "configuration.yaml").write_text(
        f"http: {{server_host: 127.0.0.1, server_port: {http_port}}}\n"
        "api:\n"
        "config:\n"
        "logger: {default: warning, logs: {homeassistant.components.mqtt: info}}\n"
    )
    store("core.config_entries", {"entries": [{
        "entry_id": "mqtt", "version": 1, "domain": "mqtt", "title": "Broker", "source": "user", "options": {},
        "data": {"broker": "127.0.0.1", "port": mqtt_port, "discovery": True, "discovery_prefix": "homeassistant"},
    }]})
    store("auth", {
        "users": [{
            "id": "owner", "name": "Owner", "group_ids": ["system-admin"], "is_owner": True, "is_active": True,
            "system_generated": False,
        }],
        "groups": [], "credentials": [],
        "refresh_tokens": [{
            "id": "test", "user_id": "owner", "client_id": None, "client_name": "test", "client_icon": None,
            "token_type": "long_lived_access_token", "created_at": "2024-03-01T00:00:00+00:00",
            "access_token_expiration": lifetime, "token": secrets.token_hex(64), "jwt_key": key,
        }],
    })
    now = int(time.time())
    (folder / "token").write_text(jwt.encode({"iss": "test", "iat": now, "exp": now + lifetime}, key, algorithm="HS256"))

# without the front end it would take itself for broken, and with all that is on by default it would want more packages
bootstrap.CRITICAL_INTEGRATIONS = set()
bootstrap.DEFAULT_INTEGRATIONS = set()
sys.argv = ["hass", "--config", str(folder), "--skip-pip"]
sys.exit(__main__.main())
