"""Many scenarios: over all cores, in the order in which they were given, and as JUnit XML."""

import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

from pumpsim.scenarios.result import run


def run_all(paths, seed=None, pictures=None, jobs=None, on_done=lambda result: None):
    """The results, in order; on_done(result) as they come. pictures: a folder; jobs: processes, one a core by default.
    """
    play = partial(run, seed=seed)
    drawn = picture_paths(paths, pictures) if pictures else [None] * len(paths)
    results = []
    jobs = min(jobs or os.cpu_count() or 1, len(paths) or 1)
    if jobs == 1:
        for path, picture in zip(paths, drawn):
            results.append(play(path, picture))
            on_done(results[-1])
        return results
    with ProcessPoolExecutor(jobs) as pool:
        for result in pool.map(play, paths, drawn):
            results.append(result)
            on_done(result)
    return results


def picture_paths(paths, folder):
    """Where each scenario's picture goes: NAME.png in `folder`; where two have one name, in folders like their own."""
    paths = [Path(path) for path in paths]
    if len({path.stem for path in paths}) < len(set(paths)):
        whole = [path.resolve() for path in paths]
        common = os.path.commonpath([path.parent for path in whole])
        return [(Path(folder) / path.relative_to(common)).with_suffix(".png") for path in whole]
    return [Path(folder) / f"{path.stem}.png" for path in paths]


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
