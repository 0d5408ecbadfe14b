"""Callees that call no function of the user's with what they are given, by name. Pure; runs in the user's process.

Everything here computes, formats, stores or sends data, of the interpreter, of the standard library, or of a third
party in `known.KEEPS_NOTHING`, under every meaning that the name has there. What they may still run are methods of the
objects that they are given: operators and conversions, which the closure takes to be called with anything, and methods
in `known.DUCK` and hooks, which those in `PASSING_ON` call. A callee that takes a function is only here if it takes it
by a keyword of `CALLBACKS`. That the name stands for something of the program's own is for the closure to see.
"""

from __future__ import annotations

import builtins


def _words(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in text.split())


BUILTINS = _words(
    "print len str int float complex repr ascii bool bytes bytearray memoryview sum abs round divmod pow min max "
    "sorted reversed any all isinstance issubclass range enumerate zip list dict set tuple frozenset slice ord "
    "chr hex oct bin hash id open exit callable next"
)
TEXTS = _words(
    "format split rsplit splitlines partition rpartition strip lstrip rstrip join startswith endswith replace "
    "encode decode upper lower title capitalize casefold swapcase zfill ljust rjust center removeprefix "
    "removesuffix isdigit isalpha isalnum isspace isnumeric isdecimal isupper islower isidentifier count index "
    "find rfind rindex expandtabs hexdigest digest dedent shorten wrap fill escape unescape quote unquote "
    "urlencode urlparse urljoin group groups groupdict span match fullmatch findall finditer itemgetter attrgetter"
)
CONTAINERS = _words(
    "append add extend extendleft insert get items keys values pop popitem popleft appendleft copy deepcopy clear "
    "discard remove rotate reverse update setdefault union intersection difference symmetric_difference issubset "
    "issuperset isdisjoint most_common elements subtract total fromkeys move_to_end sort deque Counter "
    "OrderedDict heappush heappop heapify heapreplace heappushpop nlargest nsmallest bisect bisect_left "
    "bisect_right insort chain islice zip_longest product permutations combinations pairwise batched cycle repeat "
    "tee SimpleNamespace"
)
NUMBERS = _words(
    "sqrt floor ceil trunc exp log log2 log10 log1p expm1 sin cos tan asin acos atan atan2 sinh cosh tanh hypot "
    "dist fabs fsum fmod prod isnan isinf isfinite isclose gcd lcm comb perm factorial degrees radians copysign "
    "mean median stdev pstdev variance pvariance fmean mode quantiles quantize Decimal Fraction uniform randint "
    "random randrange choice choices gauss seed"
)
TIMES = _words(
    "time monotonic perf_counter process_time strftime strptime gmtime localtime now utcnow today isoformat "
    "fromisoformat timestamp fromtimestamp total_seconds timedelta date datetime combine astimezone weekday sleep"
)
LOGGING = _words("debug info warning error exception critical fatal log getLogger basicConfig setLevel isEnabledFor")
FILES = _words(
    "write writelines writerow writerows writeheader load loads dump dumps flush pprint print_exc format_exc "
    "read_text write_text read_bytes write_bytes exists is_file is_dir mkdir joinpath with_suffix with_name Path "
    "PurePath basename dirname splitext getsize getmtime isfile isdir abspath reader DictReader writer DictWriter "
    "fsync read readline readlines listdir iterdir unlink makedirs stat close"
)
SENDING = _words(
    "put put_nowait get_nowait send sendall sendto send_bytes publish emit respond reply send_json send_text "
    "execute executemany executescript fetchone fetchall fetchmany commit rollback post patch delete request "
    "notify render echo secho end_headers send_response send_header send_error wait connect"
)
WRAPPING = _words("update_wrapper")
AWAITS = "asyncio.run"  # spelled in full, and given a coroutine
FRAMES = _words(
    "read_csv read_json read_excel read_parquet to_csv to_json to_dict to_list tolist to_string to_numpy to_frame "
    "to_datetime to_numeric DataFrame Series groupby merge concat head tail describe dropna fillna isna notna "
    "isnull notnull astype sort_values sort_index reset_index set_index drop_duplicates duplicated value_counts "
    "nunique unique quantile std var cumsum cumprod diff shift pct_change rolling expanding resample ewm iterrows "
    "itertuples nlargest nsmallest between isin clip rank melt pivot pivot_table explode array asarray zeros ones "
    "full arange linspace dot argmax argmin argsort percentile nanmean nanmax nanmin where date_range cut qcut "
    "corr idxmax idxmin"
)
EXCEPTIONS = frozenset(
    name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException)
)
QUIET = BUILTINS | EXCEPTIONS | TEXTS | CONTAINERS | NUMBERS | TIMES | LOGGING | FILES | SENDING | WRAPPING | FRAMES
QUIET |= {AWAITS}
# The keywords by which some of them are given a function, which they call.
CALLBACKS = _words(
    "key default cls object_hook object_pairs_hook parse_float parse_int parse_constant func function callback "
    "target factory row_factory text_factory converters date_parser on_bad_lines aggfunc formatters formatter "
    "na_action predicate handlers trace_callback opener errors skiprows usecols"
)
# Those that hand what they are given to methods of the user's that the standard library calls: streams, log handlers,
# formatters and filters, encoders.
PASSING_ON = _words(
    "print write writelines writerow writerows writeheader dump dumps encode pprint print_exc debug info warning error "
    "exception critical fatal log handle iterencode load loads read decode execute executemany executescript fetchone "
    "fetchall fetchmany"
)
