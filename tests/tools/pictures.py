#!/usr/bin/env python3
"""Makes the pictures of the README: what `tvmci diff` says of a sample change of examples/tvm, in a terminal and as a page.

usage: pictures.py [--tvmci PROGRAM]

Needs Chromium (Debian: apt-get install chromium). Fails where the page writes an error to the browser's console.
"""

from __future__ import annotations

import argparse
import html
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / ".github/pictures"
COLORS = {"1": "font-weight:bold", "2": "opacity:.6", "31": "color:#ff8b82", "32": "color:#56d364", "33": "color:#e3b341"}
# What the sample change edits in the expanded fleet: a pool grows, an image gets a newer driver.
EDITS = [("autoscale min=0 max=90", "autoscale min=0 max=100"), ('step "nvidia-driver" version=570', 'step "nvidia-driver" version=580')]


def terminal_page(text: str) -> str:
    """A terminal's text with its colours as a page."""
    body = html.escape(text)
    body = re.sub(r"\x1b\[([\d;]+)m", lambda m: "</span>" if m[1] == "0" else span(m[1]), body)
    style = "margin:0;padding:24px;background:#0d1117;color:#e6edf3;font:15px/1.45 'DejaVu Sans Mono',monospace"
    return f"<!doctype html><meta charset=utf-8><body style=\"margin:0\"><pre style=\"{style}\">{body}</pre>"


def span(codes: str) -> str:
    """The opening of what a sequence of codes switches on."""
    return f'<span style="{";".join(COLORS.get(code, "") for code in codes.split(";"))}">'


def photograph(browser: str, page: Path, picture: Path, size: str) -> None:
    """A screenshot; an error in the console is a failure."""
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr", "--v=0",
         f"--window-size={size}", f"--screenshot={picture}", page.as_uri()],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    errors = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    if errors or not picture.exists():
        raise SystemExit("\n".join(errors) or done.stderr[-1000:])


def main() -> int:
    """Makes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tvmci", default=str(ROOT / "target/debug/tvmci"))
    arguments = parser.parse_args()
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser:
        print("chromium is missing: apt-get install chromium", file=sys.stderr)
        return 2
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        expanded = subprocess.run([arguments.tvmci, "expand", ROOT / "examples/tvm", "-q"], capture_output=True, text=True)
        old, new = folder / "main.kdl", folder / "fleet.kdl"
        old.write_text(expanded.stdout)
        text = expanded.stdout
        for before, after in EDITS:
            if before not in text:
                raise SystemExit(f"the sample change is stale: `{before}` is not in the fleet")
            text = text.replace(before, after, 1)
        new.write_text(text)
        page = folder / "review.html"
        command = [arguments.tvmci, "diff", "main.kdl", "fleet.kdl", "--color", "always"]
        said = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        subprocess.run([*command, "--html", page], cwd=folder, capture_output=True)
        shown = folder / "terminal.html"
        shown.write_text(terminal_page(said.stdout))
        height = 60 + 22 * (said.stdout.count("\n") + 1)
        photograph(browser, shown, PICTURES / "diff-terminal.png", f"1000,{height}")
        photograph(browser, page, PICTURES / "diff-page.png", "1200,900")
    return 0


if __name__ == "__main__":
    sys.exit(main())
