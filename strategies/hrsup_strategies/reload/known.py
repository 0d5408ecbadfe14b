"""What is known of names that are none of the user's: by it a call is judged whose code is not looked at. Pure.

Runs in the user's process.
"""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The names that a text lists."""
    return frozenset(text.split())


# Calls for their effect that leave nothing behind, but for what is looked at elsewhere: what grows, what is written.
# That a callee is `quiet` does not say so: a level that is set, or a generator that is seeded, stays.
EFFECTS = words(
    "print len str int float repr bool sum abs round isinstance issubclass range enumerate zip list dict "
    "set tuple frozenset bytes info debug warn warning error exception critical log write writelines writerow "
    "append add join format split strip get items keys values flush sleep put put_nowait send sendall "
    "dumps loads dump load open encode decode startswith endswith replace extend insert pop appendleft "
    "ord chr hash id upper lower publish emit respond reply send_json send_text send_bytes sendto fatal "
    "exit wait pprint print_exc feed execute executemany commit rollback post patch delete request notify "
    "render echo secho end_headers send_response send_header send_error start_response update_wrapper task_done "
    "heappush heappop heapreplace heappushpop insort update setdefault"
)
WRITERS = words("write writelines writerow writerows dump info debug warn warning error exception critical log")
# What puts something into a stream whose other end the program may have itself.
SENDING = WRITERS | words("send send_bytes sendall sendto sendmsg")
# Whoever spells one of these may be told of warnings.
HEARS_WARNINGS = (b"showwarning", b"_showwarnmsg", b"catch_warnings", b"captureWarnings", b"formatwarning")
DATABASE = frozenset(("execute", "executemany", "executescript"))
# Methods of a path that change what is there.
MARKING = words("touch mkdir rmdir unlink rename symlink_to hardlink_to chmod write_text write_bytes")
# Methods that the standard library calls on whatever it is given.
DUCK = words(
    "read readline readlines readinto write writelines flush close fileno isatty seek tell filter emit handle "
    "format formatTime formatMessage formatException default keys items handleError"
)
# Where one of these words is spelled, it calls methods of these names as well; of any name, where none are given here.
PROTOCOLS = (
    ((b"create_aggregate", b"create_window_function"), words("step finalize inverse value")),
    ((b"TextIOWrapper", b"BufferedR", b"BufferedW", b"GzipFile"), words("read1 readall readable writable seekable")),
    ((b"XMLParser", b"XMLPullParser", b"TreeBuilder"), words("start end data comment pi start_ns end_ns doctype")),
    ((b"meta_path", b"path_hooks"), words("find_spec create_module exec_module invalidate_caches")),
    (
        (b"create_server", b"create_connection", b"create_datagram_endpoint", b"create_unix_", b"connect_read_pipe"),
        words("connection_made connection_lost data_received datagram_received eof_received buffer_updated"),
    ),
    ((b"register_instance", b"BaseManager", b"SyncManager"), frozenset[str]()),
)
SAFE_BASES = words("ABC Protocol Generic NamedTuple TypedDict Enum IntEnum StrEnum Flag IntFlag auto Exception object")
SAFE_DECORATORS = words(
    "property staticmethod classmethod abstractmethod contextmanager asynccontextmanager wraps lru_cache "
    "cache cached_property total_ordering dataclass singledispatch overload final override "
    "runtime_checkable unique"
)
SAFE_ORIGINS = words("builtins functools contextlib abc typing dataclasses enum typing_extensions")
# What makes something of a container that stays the same however much of the same is added to it.
SETTLING = words(
    "bool set frozenset zip next min max any all fromkeys Counter islice takewhile dropwhile groupby unique nunique "
    "most_common drop_duplicates"
)
ACCESSORS = words("setter getter deleter")
AT_CLASS_CREATION = words("__init_subclass__ __set_name__ __class_getitem__ __prepare__ __mro_entries__")
# Hooks that run where nothing in the source says so.
IMPLICIT = AT_CLASS_CREATION | words(
    "__getattr__ __getattribute__ __get__ __set__ __instancecheck__ __subclasscheck__ __del__ _generate_next_value_"
)
# What a method of this name does with its object: lets it grow, sets something in it, takes something out.
ACCUMULATING = words("append appendleft add extend extendleft insert put put_nowait push heappush")
# One of these of a container or a text looks, and takes nothing in.
READING = words(
    "get items keys values count index find rfind startswith endswith split rsplit splitlines strip lstrip rstrip join "
    "format encode decode upper lower title replace most_common union intersection difference issubset issuperset "
    "isdisjoint"
)
OVERWRITING = words(
    "setdefault update set register subscribe connect on store save cache memoize remember get_or_set "
    "put_if_absent add_handler add_done_callback add_listener schedule call_later call_soon enter "
    "enterabs __setitem__ __setattr__ setattr __set__ move_to_end fill feed ensure_object"
)
# Of these, what functions of modules of the standard library are called, which keep nothing: `sqlite3.connect`,
# `textwrap.fill`, `functools.cache`, `os.remove`.
OF_MODULES = words("connect fill cache remove")
REMOVING = words(
    "pop popitem popleft remove discard clear difference_update intersection_update symmetric_difference_update"
)
# Of the interpreter and the standard library, what gives an iterator, or a stream that has a place in it; what takes
# items out of the iterators that it is given, now or later; and methods that do so of their object.
ITERATORS = words(
    "iter map filter zip enumerate reversed chain from_iterable cycle count islice takewhile dropwhile accumulate "
    "starmap repeat tee groupby batched pairwise zip_longest product permutations combinations "
    "combinations_with_replacement compress filterfalse reader DictReader open fdopen StringIO BytesIO TextIOWrapper "
    "BufferedReader makefile finditer scandir iglob iterdir rglob walk iterparse iterdecode iter_content iter_lines "
    "iterrows itertuples imap imap_unordered as_completed shlex"
)
TAKING = words(
    "list tuple set frozenset dict sum min max any all sorted next anext iter enumerate zip map filter reduce join "
    "extend extendleft update deque Counter array bytes bytearray writelines writerows executemany fromkeys islice "
    "chain from_iterable takewhile dropwhile accumulate starmap groupby batched pairwise zip_longest product "
    "permutations combinations compress filterfalse tee cycle nlargest nsmallest merge mean fmean median DataFrame "
    "Series load reader DictReader"
)
STEPPING = words("read readline readlines readinto seek send throw __next__ __anext__")
# What calls the function that it is given as ``key`` at once, with what else it is given, and does not keep it.
ORDERING = words("sorted max min sort nlargest nsmallest")
# What makes something by the class that it is given, if there is nothing yet, and keeps it.
MAKING_ONCE = words("ensure_object")
CONSTRUCTORS = words("__init__ __post_init__ __new__")
# Methods that are given something where no call is spelled: by an operator, a loop, a format, an assignment.
_BINARY = words("add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or")
OPERATORS = frozenset(
    f"__{name}__"
    for name in {prefix + name for name in _BINARY for prefix in ("", "r", "i")}
    | words("lt le gt ge eq ne contains getitem setitem delitem missing format round exit aexit set delete setattr")
    | words("delattr getattr getattribute setstate send throw instancecheck subclasscheck")
)
# Calls that the standard library's objects keep what they are given of, where the program can come to it again.
KEEPING = words(
    "add append appendleft dump emit execute executemany extend feed insert notify publish put put_nowait "
    "send send_bytes sendall sendto write writelines writerow start create_task ensure_future serve_forever"
)
# Packages of third parties whose functions, and whose objects' methods, keep nothing of their arguments that would be
# found again: they compute, format, or send it out of the process. What is stored into their objects is a matter apart.
KEEPS_NOTHING = words(
    "attr attrs certifi chardet charset_normalizer click cloudpickle colorama colorlog dateutil dotenv h11 httpcore "
    "httpx humanize idna loguru markupsafe msgpack numexpr numpy orjson pandas polars psutil pyarrow pytz requests "
    "rich scipy simplejson six structlog tabulate termcolor toml tomli tomli_w tomlkit tqdm typing_extensions "
    "tzdata tzlocal ujson urllib3 yaml hrsup"
)
# Callables of the standard library that keep a class or a function they are given, and call it only when something
# comes in: each with the modules that it is imported from.
HOLDERS: dict[str, tuple[str, ...]] = {
    "HTTPServer": ("http.server", "http"),
    "ThreadingHTTPServer": ("http.server", "http"),
    "TCPServer": ("socketserver",),
    "ThreadingTCPServer": ("socketserver",),
    "UDPServer": ("socketserver",),
    "ThreadingUDPServer": ("socketserver",),
    "make_server": ("wsgiref.simple_server", "wsgiref"),
    "WSGIServer": ("wsgiref.simple_server", "wsgiref"),
    "start_server": ("asyncio",),
    "start_unix_server": ("asyncio",),
    "partial": ("functools",),
    "signal": ("signal",),
    "register": ("atexit",),
}
# Calls for their effect that run a function or a coroutine, or have it run, and keep no result that is found again.
RUNNERS = words("run run_until_complete run_forever create_task ensure_future gather serve_forever start join")
