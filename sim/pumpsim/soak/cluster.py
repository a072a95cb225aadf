"""The same work over an existing Dask cluster. Its workers need this package installed; a task whose worker dies is
given to another one.
"""

ALLOWED_DEATHS = 10           # of workers under one task, before it is the task's fault
CONNECT_S = 10


class ClusterError(Exception):
    """No cluster, or none that does the work; the text is a line that says what to do."""


def played_on(address, play, arguments):
    """play(*each) for each of the arguments, as they come; ClusterError where the cluster does not answer."""
    try:
        import dask
        from distributed import Client, as_completed
    except ImportError:
        raise ClusterError("--cluster needs Dask: pip install 'bench-pump[cluster]'")
    dask.config.set({"distributed.scheduler.allowed-failures": ALLOWED_DEATHS})
    try:
        client = Client(address, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ClusterError(f"no Dask scheduler at {address}: {reason}; start one with: dask scheduler")
    with client:
        futures = client.map(play, *zip(*arguments), pure=False, retries=ALLOWED_DEATHS)
        for _, result in as_completed(futures, with_results=True):
            yield result
