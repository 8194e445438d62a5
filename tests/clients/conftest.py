"""One emulator over HTTPS for all of these tests, reset before each."""

import os
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
EMULATOR = Path(os.environ.get("PORTICO_EMULATOR", ROOT / "target/debug/portico-emulator"))


@pytest.fixture(scope="session")
def emulator(tmp_path_factory):
    """A running emulator: its addresses, and what it said about itself."""
    ca = tmp_path_factory.mktemp("emulator") / "ca.pem"
    command = [EMULATOR, "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--ca-file", ca]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield introduced(process.stdout, ca)
        finally:
            process.terminate()


def introduced(lines, ca):
    """Reads the lines that the emulator prints at start."""
    told = SimpleNamespace(ca=str(ca), tenants={}, people={})
    for line in lines:
        word, _, rest = line.rstrip().partition(" ")
        if match := re.search(r"listening on (https?)://(\S+)/", line):
            setattr(told, match[1], f"{match[1]}://{match[2]}")
        elif word == "client":
            name, value = rest.split(" ", 1)
            setattr(told, f"client_{name}", value)
        elif word == "tenant":
            identifier, name = rest.split(" ", 1)
            told.tenants[name] = identifier
        elif word == "person":
            user_name, about = rest.split(" ", 1)
            told.people[about.strip("()").split(":")[0]] = user_name
        elif word == "ready":
            break
    return told


@pytest.fixture(autouse=True)
def fresh(emulator, monkeypatch):
    """Every library here speaks through requests, which takes its trust from this variable."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", emulator.ca)
    for proxy in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
        monkeypatch.delenv(proxy.lower(), raising=False)
    requests.post(f"{emulator.https}/_emulator/reset", timeout=10).raise_for_status()
