"""The system's Chromium, driven by its chromedriver in the words of the WebDriver protocol (https://www.w3.org/TR/webdriver2/)."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HOW_TO_GET = "chromium or chromedriver is missing; on Debian: apt-get install chromium chromium-driver"
# Keys as WebDriver names them.
ENTER, ESCAPE, TAB = "\ue007", "\ue00c", "\ue004"


def programs() -> tuple[str, str] | None:
    """Chromium and its driver, if they are there."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    # GitHub's runners name the folder of theirs.
    driver = shutil.which("chromedriver") or shutil.which("chromedriver", path=os.environ.get("CHROMEWEBDRIVER"))
    return (browser, driver) if browser and driver else None


class Browser:
    """One window."""

    def __init__(self, address: str, capabilities: dict[str, Any]):
        self.address = address
        answer = self.call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self.session = f"/session/{answer['sessionId']}"

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One command; its value."""
        data = None if method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.read().decode()[:600]}") from None

    def open(self, page: Path) -> None:
        """Shows a file, and waits until it is loaded."""
        self.call("POST", f"{self.session}/url", {"url": page.as_uri()})

    def run(self, script: str) -> Any:
        """What a function's body gives in the page."""
        return self.call("POST", f"{self.session}/execute/sync", {"script": script, "args": []})

    def press(self, *keys: str) -> None:
        """Presses keys, one after the other, on what has the focus."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.call("POST", f"{self.session}/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def scheme(self, scheme: str) -> None:
        """Makes the page believe that light or dark is preferred."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.chrome("Emulation.setEmulatedMedia", {"features": features})

    def chrome(self, command: str, parameters: dict[str, Any]) -> Any:
        """A command of Chromium's own protocol."""
        return self.call("POST", f"{self.session}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def photograph(self, picture: Path, whole: bool = False) -> None:
        """A picture of what the window shows, or of the whole page."""
        shot = self.chrome("Page.captureScreenshot", {"captureBeyondViewport": whole, "format": "png"})
        picture.write_bytes(base64.b64decode(shot["data"]))

    def log(self, kind: str) -> list[dict[str, Any]]:
        """What came into a log since the last look: `browser` is the console, `performance` what was asked of the network."""
        return self.call("POST", f"{self.session}/se/log", {"type": kind})

    def requests(self) -> list[str]:
        """The addresses that were asked for since the last look."""
        messages = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]


@contextmanager
def chromium(width: int = 1200, height: int = 900) -> Iterator[Browser]:
    """A headless Chromium; ends it and its driver afterwards."""
    found = programs()
    if not found:
        raise RuntimeError(HOW_TO_GET)
    binary, driver = found
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["--headless=new", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage", f"--window-size={width},{height}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Chromium's sandbox refuses root.
        arguments.append("--no-sandbox")
    capabilities = {
        "browserName": "chrome",
        "goog:chromeOptions": {"binary": binary, "args": arguments},
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
    }
    server = subprocess.Popen([driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("chromedriver did not start") from None
                time.sleep(0.1)
        browser = Browser(address, capabilities)
        try:
            yield browser
        finally:
            browser.call("DELETE", browser.session)
    finally:
        server.terminate()
        server.wait(20)
