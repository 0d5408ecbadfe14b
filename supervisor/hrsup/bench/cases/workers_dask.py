"""Code that runs in the workers of dask.distributed: processes of their own, and threads of this one."""

from hrsup.bench.cases.workers import FACTORS, TASKS
from hrsup.bench.cases.workers_held import LOOP, ONCE
from hrsup.bench.vocabulary import Change, Files, Group, Saved, sub

QUIET = "import logging\n\nfrom dask.distributed import Client, LocalCluster\n\nfrom tasks import work\n\nlogging.getLogger('distributed').setLevel(logging.CRITICAL)\n"
CLUSTER = "cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes={processes}, dashboard_address=None)\nclient = Client(cluster)"
CLOSE = "client.close()\n    cluster.close()"
MODULES: Files = {"tasks.py": TASKS, "factors.py": FACTORS}
BODY, CONSTANT = sub("tasks.py", "value * FACTOR", "value + FACTOR"), sub("factors.py", "3", "5")

group = Group("dask", lambda kind, files: files)


def dask(name: str, use: str, *steps: Change | Saved, processes: bool = True, files: Files = MODULES, more: str = "", imports: str = QUIET) -> None:
    """The same program as a batch and as a service, with a cluster of two workers."""
    setup = CLUSTER.format(processes=processes) + (f"\n{more}" if more else "")
    lines = "".join(f"    {line}\n" for line in setup.splitlines()).rstrip("\n")
    words = {"imports": imports, "above": "", "setup": lines, "use": use}
    group.batch(name, {"main.py": ONCE.format(**words, end=f"    {CLOSE}\n"), **files}, *steps, requires=("distributed",))
    group.service(name, {"main.py": LOOP.format(**words), **files}, *steps, requires=("distributed",))


SIX = "client.gather(client.map(work, range(6)))"
dask("processes", SIX, BODY, CONSTANT)
dask("threads", SIX, BODY, CONSTANT, processes=False)
dask("submitted-one-by-one", "[client.submit(work, n).result() for n in range(4)]", BODY, CONSTANT)
dask("not-pure", "client.gather(client.map(work, range(6), pure=False))", BODY, CONSTANT)

CASES = group.cases
