#!/usr/bin/env python3
"""Makes the pictures of the README: what `tvmci diff` says of a sample change of examples/tvm, in a terminal, as a pull
request's comment, as a page.

usage: pictures.py [--tvmci PROGRAM]

Needs Chromium with its driver, a font with signs in colour (Debian: chromium chromium-driver fonts-noto-color-emoji) and the package
markdown-it-py. Fails where a page writes anything to the browser's console.
"""

from __future__ import annotations

import argparse
import html
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import browser
from browser import Browser
from report import ROOT

PICTURES = ROOT / ".github/pictures"
COLORS = {"1": "font-weight:bold", "2": "opacity:.6", "31": "color:#ff8b82", "32": "color:#56d364", "33": "color:#e3b341"}
# What the sample change edits in the expanded fleet: a pool grows, an image gets a newer driver.
EDITS = [("autoscale min=0 max=90", "autoscale min=0 max=100"), ('step "nvidia-driver" version=570', 'step "nvidia-driver" version=580')]
# As GitHub shows a comment, as far as it matters here.
COMMENT = """
body { margin: 0; padding: 24px; background: #fff; color: #1f2328; font: 14px/1.5 system-ui, 'DejaVu Sans', sans-serif; }
article { border: 1px solid #d1d9e0; border-radius: 6px; }
header { padding: 8px 16px; background: #f6f8fa; border-bottom: 1px solid #d1d9e0; border-radius: 6px 6px 0 0; color: #59636e; }
main { padding: 16px; }
h3 { margin: 0 0 12px; font-size: 17.5px; }
table { border-collapse: collapse; margin-bottom: 16px; }
th, td { padding: 6px 13px; border: 1px solid #d1d9e0; vertical-align: top; }
thead { display: none; }
code { padding: .2em .4em; background: #818b981f; border-radius: 6px; font: 12px 'DejaVu Sans Mono', monospace; }
details { margin: 8px 0; }
"""


def terminal_page(text: str) -> str:
    """A terminal's text with its colours as a page."""
    # Several codes may follow one another; 0 ends them all.
    body = re.sub(r"((?:\x1b\[[1-9][\d;]*m)+)", lambda m: span(";".join(re.findall(r"[\d;]+(?=m)", m[1]))), html.escape(text))
    body = body.replace("\x1b[0m", "</span>")
    style = "margin:0;padding:24px;background:#0d1117;color:#e6edf3;font:15px/1.45 'DejaVu Sans Mono',monospace"
    return f"<!doctype html><meta charset=utf-8><body style=\"margin:0\"><pre style=\"{style}\">{body}</pre>"


def span(codes: str) -> str:
    """The opening of what a sequence of codes switches on."""
    return f'<span style="{";".join(COLORS.get(code, "") for code in codes.split(";"))}">'


def comment_page(markdown: str) -> str:
    """A comment as a page."""
    from markdown_it import MarkdownIt  # only needed here

    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    head = "<header><strong>github-actions</strong> commented</header>"
    return f"<!doctype html><meta charset=utf-8><style>{COMMENT}</style><article>{head}<main>{body}</main></article>"


def photograph(window: Browser, page: Path, name: str, whole: bool) -> None:
    """A screenshot; anything in the console is a failure."""
    window.open(page)
    window.photograph(PICTURES / f"{name}.png", whole)
    if messages := window.log("browser"):
        raise SystemExit(f"{name}: {messages}")


def main() -> int:
    """Makes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tvmci", type=Path, default=ROOT / "target/debug/tvmci")
    program = parser.parse_args().tvmci.resolve()
    if not browser.programs():
        print(browser.HOW_TO_GET, file=sys.stderr)
        return 2
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        text = subprocess.run([program, "expand", ROOT / "examples/tvm", "-q"], capture_output=True, text=True).stdout
        (folder / "main.kdl").write_text(text)
        for before, after in EDITS:
            if before not in text:
                raise SystemExit(f"the sample change is stale: `{before}` is not in the fleet")
            text = text.replace(before, after, 1)
        (folder / "fleet.kdl").write_text(text)
        command = [program, "diff", "main.kdl", "fleet.kdl", "--color", "always"]
        said = subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout
        forms = ["--html", "page.html", "--markdown", "comment.md"]
        subprocess.run([*command, *forms], cwd=folder, capture_output=True)
        (folder / "terminal.html").write_text(terminal_page(said))
        (folder / "comment.html").write_text(comment_page((folder / "comment.md").read_text()))
        with browser.chromium(1000, 600) as window:
            window.scheme("light")
            photograph(window, folder / "terminal.html", "diff-terminal", True)
            photograph(window, folder / "comment.html", "diff-comment", True)
        with browser.chromium() as window:
            window.scheme("light")
            photograph(window, folder / "page.html", "diff-page", False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
