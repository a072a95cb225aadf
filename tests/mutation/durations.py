"""A pytest plugin (`-p tests.mutation.durations`): writes the processor time of each passed test, in seconds, to the
file that the variable DURATIONS names.
"""

import json
import os
import time
from pathlib import Path

import pytest

seconds = {}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    began = time.process_time()
    yield
    item.user_properties.append(("processor_s", round(time.process_time() - began, 3)))


def pytest_runtest_logreport(report):
    if report.when == "call" and report.passed:
        seconds[report.nodeid] = dict(report.user_properties)["processor_s"]


def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):            # the workers of xdist tell the first process
        Path(os.environ["DURATIONS"]).write_text(json.dumps(seconds), encoding="utf-8")
