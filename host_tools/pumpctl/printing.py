"""A page to PDF: by the browser that is here, without a window and without a network. Owns where browsers are."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from pumpctl.errors import HostError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge")
PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
          "/Applications/Chromium.app/Contents/MacOS/Chromium",
          "C:/Program Files/Google/Chrome/Application/chrome.exe",
          "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe")
SWITCHES = ("--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer", "--disable-sync",
            "--disable-extensions", "--disable-background-networking", "--disable-component-update",
            "--disable-default-apps", "--host-resolver-rules=MAP * ~NOTFOUND")
HINT = "install Chromium, or open the HTML file in any browser and print it from there"
PATIENCE_S = 180


def browser() -> str | None:
    """The path of a Chromium, Chrome or Edge; None where there is none."""
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), None) or next((each for each in PLACES if Path(each).exists()), None)


def print_pdf(page: Path, pdf: Path) -> None:
    """Prints an HTML file as PDF; HostError where there is no browser or it fails."""
    path = browser()
    if path is None:
        raise HostError("there is no Chromium here to make a PDF with", HINT)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0        # its sandbox refuses to run as root
    with tempfile.TemporaryDirectory(prefix="bench-pump-", ignore_cleanup_errors=True) as profile:
        made = Path(profile) / "page.pdf"
        words = [path, *SWITCHES, *(("--no-sandbox",) if is_root else ()), f"--user-data-dir={profile}/profile",
                 f"--print-to-pdf={made}", page.resolve().as_uri()]
        try:
            said = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_S, errors="replace")
        except (OSError, subprocess.TimeoutExpired) as error:
            raise HostError(f"{path} did not print the report: {error}", HINT)
        if not made.exists():
            last = (said.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise HostError(f"{path} did not print the report: {last}", HINT)
        try:
            pdf.write_bytes(made.read_bytes())
        except OSError as error:
            raise HostError(f"cannot write {pdf}: {error.strerror}", "choose another file with --pdf")
