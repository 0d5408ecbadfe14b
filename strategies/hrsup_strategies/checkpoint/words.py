"""Names that stand for something that is different at every start. Runs in the program's process; plain data."""

from __future__ import annotations

CLOCK = frozenset(
    [
        "asctime",
        "clock_gettime",
        "ctime",
        "getrusage",
        "gmtime",
        "localtime",
        "monotonic",
        "monotonic_ns",
        "now",
        "perf_counter",
        "perf_counter_ns",
        "process_time",
        "process_time_ns",
        "strftime",
        "thread_time",
        "time_ns",
        "times",
        "today",
        "utcnow",
    ]
)
IDENTITY = frozenset(
    [
        "entropy",
        "getpid",
        "getppid",
        "getrandom",
        "token_bytes",
        "token_hex",
        "token_urlsafe",
        "urandom",
        "uuid1",
        "uuid4",
    ]
)
# Of files and the machine, asked without opening anything, so that nobody observes it.
STATE = frozenset(
    [
        "access",
        "disk_usage",
        "exists",
        "find_spec",
        "fstat",
        "getatime",
        "getctime",
        "getloadavg",
        "getmtime",
        "getsize",
        "is_dir",
        "is_file",
        "is_symlink",
        "isdir",
        "isfile",
        "islink",
        "lexists",
        "lstat",
        "sleep",
        "stat",
    ]
)
INPUT = frozenset(["getpass", "input", "stdin"])
# Drawing from a global generator.
RANDOM = frozenset(
    [
        "betavariate",
        "binomial",
        "choice",
        "choices",
        "exponential",
        "expovariate",
        "gauss",
        "getrandbits",
        "integers",
        "normal",
        "normalvariate",
        "permutation",
        "poisson",
        "rand",
        "randint",
        "randn",
        "random",
        "random_sample",
        "randrange",
        "sample",
        "shuffle",
        "standard_normal",
        "uniform",
    ]
)
# Generators of the program's own, which seed themselves when made without arguments.
FRESH_WITHOUT_SEED = frozenset(
    ["Generator", "MT19937", "PCG64", "Random", "RandomState", "SeedSequence", "SystemRandom", "default_rng"]
)
SEED_WORDS = (b"seed", b"setstate", b"set_state", b"random_state")
