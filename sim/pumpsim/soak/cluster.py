"""The same work over an existing Dask cluster. Its workers need this package installed; a task whose worker dies is
given to another one, until the scheduler takes it for the cause (its allowed-failures, 3).
"""

from itertools import islice

CONNECT_S = 10
AHEAD = 4                     # tasks under way and waiting, for each thread of the workers
AHEAD_LEAST = 64              # and so many while there are few workers, or more would not be asked for


class ClusterError(Exception):
    """No cluster, or none that does the work; the text is a line that says what to do."""


def played_on(address, play, arguments):
    """play(*each) for each of the arguments, as they come; ClusterError where the cluster does not answer. Workers may
    come and go; the scheduler never holds more than a window of the work."""
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise ClusterError("--cluster needs Dask: pip install 'bench-pump[cluster]'")
    try:
        client = Client(address, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ClusterError(f"no Dask scheduler at {address}: {reason}; start one with: dask scheduler")
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_S)
        except TimeoutError:
            raise ClusterError(f"the scheduler at {address} has no workers; start some with: dask worker {address}")
        arguments, futures = iter(arguments), as_completed()
        while True:
            room = max(AHEAD_LEAST, AHEAD * sum(client.nthreads().values())) - futures.count()
            for each in islice(arguments, max(0, room)):
                futures.add(client.submit(play, *each, pure=False))
            if futures.is_empty():
                return
            future = next(futures)
            if future.status == "error":
                raise ClusterError(f"a worker fails with {future.exception()!r}; it needs this version of bench-pump")
            yield future.result()
