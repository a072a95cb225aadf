"""The same soak over a Dask cluster of two processes on loopback, one of which is killed on the way."""

import os
import signal

import pytest
from click.testing import CliRunner

from pumpsim.__main__ import cli
from pumpsim.soak import cluster as of_cluster
from pumpsim.soak import work
from pumpsim.soak.cluster import played_on
from pumpsim.soak.story import STORIES_A_YEAR
from pumpsim.soak.work import Watcher, soak

distributed = pytest.importorskip("distributed")
YEARS = 4 / STORIES_A_YEAR


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0",
                                  local_directory=str(tmp_path_factory.mktemp("dask"))) as made:
        yield made


def test_a_cluster_is_given_no_more_work_than_it_can_do_soon(cluster, monkeypatch):
    monkeypatch.setattr(of_cluster, "AHEAD_LEAST", 3)   # with two threads 8 are enough: four for each
    taken = []
    pairs = ((number, 7) for number in range(30) if not taken.append(number))
    results = []
    for result in played_on(cluster.scheduler_address, divmod, pairs):
        results.append(result)
        assert len(taken) <= 8 + len(results)
    assert sorted(results) == [divmod(number, 7) for number in range(30)]


def test_a_cluster_that_loses_a_worker_finds_what_one_process_finds(cluster, monkeypatch, tmp_path):
    """Slow by need: two interpreters start, and a third in place of the one that dies."""
    monkeypatch.setattr(work, "CHUNK", 1)
    killed = []

    class Killer(Watcher):
        def played(self, stories):
            if not killed:
                with distributed.Client(cluster) as client:
                    killed.append(next(iter(client.run(os.getpid).values())))
                os.kill(killed[0], signal.SIGTERM)

    over = soak(2, YEARS, cluster=cluster.scheduler_address, out=tmp_path, watcher=Killer())
    alone = soak(2, YEARS, jobs=1, out=tmp_path)
    assert killed
    assert (over.journals, over.failed, over.stories) == (alone.journals, alone.failed, 4)


def test_a_cluster_without_workers_is_said_in_a_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("pumpsim.soak.cluster.CONNECT_S", 1)
    with distributed.LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0") as made:
        said = CliRunner().invoke(cli, ["soak", "--cluster", made.scheduler_address, "--out", str(tmp_path)],
                                  standalone_mode=False)
    assert said.return_value == 3
    assert "has no workers; start some with: dask worker tcp://127.0.0.1:" in said.output + capsys.readouterr().err


def test_no_cluster_is_said_in_a_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("pumpsim.soak.cluster.CONNECT_S", 0.2)
    said = CliRunner().invoke(cli, ["soak", "--cluster", "tcp://127.0.0.1:1", "--out", str(tmp_path)],
                              standalone_mode=False)
    assert said.return_value == 3
    line, = capsys.readouterr().err.splitlines() or said.output.splitlines()
    assert line.startswith("pumpsim: no Dask scheduler at tcp://127.0.0.1:1") and "dask scheduler" in line
