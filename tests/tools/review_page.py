#!/usr/bin/env python3
"""Opens the page of `tvmci diff --html` in a headless Chromium: for a small change, and for one of a thousand pools.

usage: review_page.py [--tally FILE] [--tvmci PROGRAM] [--pictures DIR]

Holds: nothing in the console, nothing asked of the network, searching, folding and moving by keyboard alone, readable contrast in
light and dark. Tells how long the large page takes to open; `--pictures` leaves screenshots there for a look.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import browser
from browser import ENTER, ESCAPE, Browser
from large_fleet import ONE_LINE, large_fleet
from report import ROOT, Exceptions, Outcome, Report

VISIBLE = "return [...document.querySelectorAll('.file')].filter((f) => !f.hidden).length"
OPENED = "return document.querySelectorAll('.file > button[aria-expanded=true]').length"
ROWS = "return document.querySelectorAll('.diff tr').length"
FOCUSED = "return document.activeElement.id || document.activeElement.getAttribute('aria-controls') || document.activeElement.tagName"
# The least contrast of a text and what is behind it, over all that is shown (WCAG 2.2, 1.4.3: 4.5 for text).
CONTRAST = """
const channel = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const color = (text) => text.match(/[\\d.]+/g).map(Number);
const behind = (e) => {
  for (; e; e = e.parentElement) {
    const c = color(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] > 0) return c;
  }
  return [255, 255, 255];
};
let worst = [99, ''];
for (const e of document.querySelectorAll('main *, header *, nav *')) {
  if (e.closest('svg') || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
  const [a, b] = [luminance(color(getComputedStyle(e).color)), luminance(behind(e))].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < worst[0]) worst = [ratio, e.outerHTML.slice(0, 80)];
}
return worst;
"""


class Page:
    """A page that is open, and what was found wrong with it."""

    def __init__(self, window: Browser, outcome: Outcome, path: Path):
        self.window, self.outcome = window, outcome
        window.requests()
        start = time.monotonic()
        window.open(path)
        self.seconds = time.monotonic() - start
        self.ready = window.run("return performance.getEntriesByType('navigation')[0].domInteractive") / 1000
        self.address = path.as_uri()

    def holds(self, name: str, true: bool, seen: object) -> None:
        """Notes what does not hold."""
        if not true:
            self.outcome.found(name, "page", f"{seen}")

    def count(self, script: str) -> int:
        """A number from the page."""
        return self.window.run(script)

    def silent(self) -> None:
        """Nothing in the console, nothing asked of the network but the page."""
        console = self.window.log("browser")
        self.holds("console", not console, console)
        asked = [address for address in self.window.requests() if not address.startswith((self.address, "data:"))]
        self.holds("network", not asked, asked)

    def searching(self, word: str) -> None:
        """`/` searches, Escape shows all again."""
        total = self.count(VISIBLE)
        self.window.press("/", *word)
        hits = self.count(VISIBLE)
        self.holds("search", 0 < hits < total, f"{hits} of {total} files hold `{word}`")
        told = self.window.run("return document.getElementById('count').textContent")
        self.holds("search-told", told.startswith(f"{hits} of {total} file"), told)
        self.window.press(ESCAPE)
        self.holds("search-ended", self.count(VISIBLE) == total, self.count(VISIBLE))

    def folding(self) -> None:
        """`j` and `k` move from file to file, Enter opens and closes, `u` changes the columns."""
        # Where few files are open from the start they are closed first.
        if self.count(OPENED):
            self.window.press("e")
            if self.count(OPENED):
                self.window.press("e")
        self.window.press("j")
        self.holds("next", self.window.run(FOCUSED) == "file-0", self.window.run(FOCUSED))
        self.window.press("j", "k")
        self.holds("previous", self.window.run(FOCUSED) == "file-0", self.window.run(FOCUSED))
        self.window.press(ENTER)
        self.holds("open", self.count(OPENED) == 1 and self.count(ROWS) > 0, (self.count(OPENED), self.count(ROWS)))
        cells = "return document.querySelector('.diff tr:not(.left-out)').cells.length"
        before = self.count(cells)
        self.window.press("u")
        self.holds("columns", (before, self.count(cells)) == (4, 3), (before, self.count(cells)))
        self.window.press("u", ENTER)
        self.holds("closed", self.count(OPENED) == 0, self.count(OPENED))
        self.window.press("?")
        self.holds("keys", self.window.run("return document.getElementById('keys').open"), "the list of keys does not open")
        self.window.press(ESCAPE)
        self.holds("keys-closed", not self.window.run("return document.getElementById('keys').open"), "it does not close")

    def contrast(self) -> None:
        """What is shown can be read."""
        ratio, where = self.window.run(CONTRAST)
        self.holds("contrast", ratio >= 4.5, f"{ratio:.2f} at {where}")


class Pages:
    """The pages and where pictures of them go."""

    def __init__(self, scratch: Path, program: str, pictures: Path | None):
        self.scratch, self.program, self.pictures = scratch, program, pictures

    def page(self, name: str, text: str, *changes: tuple[str, str]) -> Path:
        """The page of some changes."""
        folder = self.scratch / name
        folder.mkdir()
        (folder / "main.kdl").write_text(text)
        for before, after in changes:
            if text.count(before) != 1:
                raise RuntimeError(f"`{before.strip()}` is not once in the fleet")
            text = text.replace(before, after)
        (folder / "fleet.kdl").write_text(text)
        command = [self.program, "diff", "main.kdl", "fleet.kdl", "--html", "review.html", "--quiet"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode != 1:
            raise RuntimeError(f"tvmci diff ended with {done.returncode}: {done.stderr[-600:]}")
        return folder / "review.html"

    def photograph(self, window: Browser, name: str) -> None:
        """A screenshot, where they are wanted."""
        if self.pictures:
            self.pictures.mkdir(parents=True, exist_ok=True)
            window.photograph(self.pictures / f"{name}.png")

    def small(self, scheme: str) -> Outcome:
        """A pool that grows and an image with a newer driver."""
        outcome = Outcome("review-page")
        text = (ROOT / "tests/review/fleet.kdl").read_text()
        path = self.page(f"small-{scheme}", text, ("version=570", "version=580"), ("autoscale max=90", "autoscale max=100"))
        with browser.chromium() as window:
            window.scheme(scheme)
            page = Page(window, outcome, path)
            page.holds("opened", page.count(OPENED) > 0, "no file is open from the start")
            page.contrast()
            self.photograph(window, f"small-{scheme}")
            window.run("document.getElementById('files').scrollIntoView()")
            self.photograph(window, f"small-{scheme}-files")
            page.searching("580")
            page.folding()
            page.silent()
        return outcome

    def large(self) -> Outcome:
        """A line of a template from which a thousand pools take it."""
        outcome = Outcome("review-page")
        path = self.page("large", large_fleet(1000), ONE_LINE)
        with browser.chromium() as window:
            window.scheme("light")
            page = Page(window, outcome, path)
            files = page.count(VISIBLE)
            page.holds("files", files >= 1000, f"{files} files")
            self.photograph(window, "large")
            start = time.monotonic()
            page.searching("pool-0777")
            searched = time.monotonic() - start
            page.folding()
            start = time.monotonic()
            window.press("e")
            page.holds("all", page.count(OPENED) == files, page.count(OPENED))
            opened = time.monotonic() - start
            self.photograph(window, "large-all-open")
            page.silent()
        size = path.stat().st_size / 1e6
        outcome.note = (
            f"{files} files, {size:.1f} MB; ready after {page.ready:.1f} s, loaded after {page.seconds:.1f} s, "
            f"searched twice in {searched:.1f} s, all opened in {opened:.1f} s"
        )
        return outcome


def main() -> int:
    """Checks the pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tvmci", default=str(ROOT / "target/debug/tvmci"))
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--tally", type=Path)
    arguments = parser.parse_args()
    report = Report(Exceptions())
    if not browser.programs():
        report.skip("review-page", "Chromium", browser.HOW_TO_GET)
        return report.close(arguments.tally, judge_exceptions=False)
    with tempfile.TemporaryDirectory(prefix="tvmci-page-") as scratch:
        pages = Pages(Path(scratch), str(Path(arguments.tvmci).resolve()), arguments.pictures)
        checks: list[tuple[str, str, Callable[[], Outcome]]] = [
            ("review-page", "small change, light", lambda: pages.small("light")),
            ("review-page", "small change, dark", lambda: pages.small("dark")),
            ("review-page", "1,000 pools", pages.large),
        ]
        report.run(checks)
    return report.close(arguments.tally, judge_exceptions=False)


if __name__ == "__main__":
    sys.exit(main())
