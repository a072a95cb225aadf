"""Many scenarios: over all cores, in the order in which they were given, and as JUnit XML."""

import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

from pumpsim.scenarios.result import run


def run_all(paths, seed=None, pictures=None, jobs=None, on_done=lambda result: None):
    """The results, in order; on_done(result) as they come. jobs: processes, one a core by default."""
    play = partial(run, seed=seed, pictures=pictures)
    results = []
    jobs = min(jobs or os.cpu_count() or 1, len(paths) or 1)
    if jobs == 1:
        for path in paths:
            results.append(play(path))
            on_done(results[-1])
        return results
    with ProcessPoolExecutor(jobs) as pool:
        for result in pool.map(play, paths):
            results.append(result)
            on_done(result)
    return results


def junit(results):
    """JUnit's XML, one test case for each scenario."""
    suite = ElementTree.Element("testsuite", name="pumpsim", tests=str(len(results)),
                                failures=str(sum(bool(one.failures) and not one.error for one in results)),
                                errors=str(sum(bool(one.error) for one in results)),
                                time=f"{sum(one.wall_s for one in results):.3f}")
    for one in results:
        case = ElementTree.SubElement(suite, "testcase", classname="scenarios", name=Path(one.path).stem,
                                      time=f"{one.wall_s:.3f}", file=one.path)
        if not one.passed:
            kind = "error" if one.error else "failure"
            message = one.error or f"{one.failures[0].text}: {one.failures[0].happened}"
            ElementTree.SubElement(case, kind, message=message).text = "\n".join(one.lines())
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True)
