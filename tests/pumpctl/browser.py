"""A real browser and a served dashboard for tests: Debian's Chromium, driven by Playwright."""

import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest

WAIT_MS = 30_000              # for a condition, on a machine with much else to do
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
           "--disable-sync", "--no-first-run")
READY = re.compile(r"dashboard: (http://127\.0\.0\.1:\d+/) \(Ctrl-C ends it\)\n")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; get it with: apt-get install chromium")


@contextmanager
def chromium():
    """A running browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        yield browser
        browser.close()


@contextmanager
def dashboard(*words):
    """The address of a running `pumpctl dashboard`, ended afterwards."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "NICEGUI"))}
    process = subprocess.Popen([sys.executable, "-m", "pumpctl", "dashboard", "--no-show", "--web-port", "0", *words],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        line = process.stdout.readline()
        found = READY.fullmatch(line)
        assert found, line + process.stderr.read()
        yield found[1]
        process.terminate()
        process.wait(20)
        complaints = process.stderr.read()
        assert complaints == ""
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()
