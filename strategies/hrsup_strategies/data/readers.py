"""Functions that read, parse and compute, and do nothing else: they may be called again. Pure; user's process.

A function counts by the module that it is defined in and its name there, looked up in the running program, never by how
it is spelled: a ``load`` of the user's own, or one that the program has put in the place of the library's, is none of
these. `MADE` have a result that nobody else holds.
"""

from __future__ import annotations

import sys
from types import BuiltinFunctionType, FunctionType, MethodType

from hrsup_strategies.reload.known import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container


_BUILTINS = """abs all any ascii bin bool bytearray bytes chr complex dict divmod enumerate filter float format
 frozenset hash hex int isinstance issubclass iter len list map max min oct ord pow range repr reversed round set slice
 sorted str sum tuple type zip callable object"""
_STANDARD: dict[str, str] = {
    "ast": "literal_eval",
    "base64": "b64decode b64encode b32decode b16decode urlsafe_b64decode urlsafe_b64encode",
    "binascii": "hexlify unhexlify crc32",
    "bz2": "open decompress BZ2File",
    "collections": "Counter OrderedDict defaultdict deque ChainMap UserDict",
    "configparser": "ConfigParser RawConfigParser ExtendedInterpolation BasicInterpolation",
    "copy": "copy deepcopy",
    "csv": "reader DictReader",
    "datetime": "date datetime time timedelta timezone fromisoformat strptime fromtimestamp",
    "dataclasses": "replace asdict astuple",
    "decimal": "Decimal",
    "email": "message_from_file message_from_string message_from_bytes",
    "fractions": "Fraction",
    "functools": "partial reduce",
    "glob": "glob iglob escape",
    "gzip": "open decompress GzipFile",
    "hashlib": "md5 sha1 sha256 sha512 blake2b file_digest",
    "html": "unescape escape",
    "importlib.resources": "files read_text read_binary open_text open_binary as_file path",
    "io": "open StringIO BytesIO TextIOWrapper FileIO BufferedReader",
    "ipaddress": "ip_address ip_network",
    "itertools": """chain islice groupby product permutations combinations zip_longest starmap accumulate takewhile
 dropwhile repeat pairwise compress filterfalse from_iterable""",
    "json": "load loads JSONDecoder",
    "lzma": "open decompress LZMAFile",
    "marshal": "load loads",
    "math": "sqrt log log2 log10 exp floor ceil isfinite isnan isclose pow prod fsum hypot sin cos tan",
    "operator": "itemgetter attrgetter methodcaller add mul sub",
    "os": "fspath listdir scandir walk fsdecode fsencode getcwd getenv stat",
    "os.path": """abspath basename dirname exists expanduser expandvars getsize getmtime isdir isfile islink join
 normpath realpath relpath split splitext samefile""",
    "pathlib": "Path PurePath PosixPath PurePosixPath cwd home",
    "pickle": "load loads",
    "plistlib": "load loads",
    "re": "compile match search findall finditer fullmatch sub split escape",
    "shlex": "split",
    "statistics": "mean median stdev fmean pstdev",
    "string": "Template",
    "struct": "unpack unpack_from calcsize iter_unpack Struct",
    "textwrap": "dedent indent",
    "tomllib": "load loads",
    "types": "SimpleNamespace MappingProxyType",
    "typing": "cast",
    "uuid": "UUID",
    "xml.etree.ElementTree": "parse fromstring XML iterparse",
    "zipfile": "ZipFile Path is_zipfile",
    "zlib": "decompress crc32 adler32",
}
_FOREIGN: dict[str, str] = {
    "yaml": "safe_load load full_load safe_load_all load_all",
    "tomli": "load loads",
    "toml": "load loads",
    "orjson": "loads",
    "ujson": "load loads",
    "simplejson": "load loads",
    "msgpack": "unpackb unpack",
    "joblib": "load",
    "numpy": """load loadtxt genfromtxt fromfile frombuffer array asarray zeros ones arange linspace memmap mean median
 concatenate stack""",
    "pandas": """read_csv read_json read_pickle read_table read_fwf DataFrame Series Index to_datetime to_numeric
 concat merge""",
}
# Class methods of the classes above.
_OF_CLASSES = frozenset(
    ("cwd", "home", "fromisoformat", "fromtimestamp", "strptime", "fromkeys", "from_iterable", "fromhex", "combine")
)
_METHODS = words(
    """absolute as_dict as_posix astype capitalize casefold center columns copy count date decode difference encode
 endswith exists expanduser find findall findtext format format_map fromkeys get getboolean getfloat getint getroot
 glob group groupdict groups head hex index infolist intersection is_absolute is_dir is_file isalnum isalpha isdecimal
 isdigit isoformat issubset issuperset items iter iterdir join joinpath keys ljust lower lstrip match max mean median
 min namelist options open parse_args partition prod read_bytes read_text relative_to removeprefix removesuffix
 replace resolve rfind rglob rindex rjust rpartition rsplit rstrip safe_substitute search sections set_index
 sort_index sort_values split splitlines startswith stat std strftime strip substitute sum tail timestamp title to_dict
 to_list to_numpy tolist transpose union upper values var with_name with_stem with_suffix zfill groupby agg dropna
 fillna reset_index rename query drop isoformat weekday total_seconds tobytes finditer fullmatch sub itertext
 most_common elements"""
)
_CHANGING = words(
    """__enter__ add append appendleft clear close discard extend insert pop popitem popleft read read_dict read_file
 read_string readinto readline readlines remove reverse seek setdefault sort update __next__ extendleft open"""
)
_READ_MODES = frozenset(("r", "rb", "rt", "br", "tr", "U", "rU"))


_PASSES_ON = words("max min iter reversed filter map zip enumerate cast reduce copy")
_OPENERS = frozenset(("open", "FileIO", "ZipFile", "GzipFile", "BZ2File", "LZMAFile", "memmap"))


class Readers:
    """The known functions and classes of the modules that are loaded. `users` are the files of the program's own."""

    def __init__(self, users: Container[str]) -> None:
        self._users = users
        self._names: dict[int, str] = {}
        for table in ({"builtins": _BUILTINS}, _STANDARD, _FOREIGN):
            for module, names in table.items():
                space = self._space(module, table is _FOREIGN)
                self._names.update({id(space[name]): name for name in names.split() if name in space})

    def name(self, function: object) -> str | None:
        """The name of a known function; None if it is none."""
        if id(function) in self._names:
            return self._names[id(function)] if self._is_the_librarys(function) else None
        # A class method is bound anew each time it is looked up.
        owner = getattr(function, "__self__", None)
        if isinstance(function, (MethodType, BuiltinFunctionType)) and isinstance(owner, type):
            return function.__name__ if function.__name__ in _OF_CLASSES and id(owner) in self._names else None
        return None

    def _space(self, name: str, foreign: bool) -> dict[str, object]:
        module = sys.modules.get(name)
        if module is None:
            return {}
        file = getattr(sys.modules.get(name.partition(".")[0]), "__file__", None)
        if (file is not None and file in self._users) or (foreign and not isinstance(file, str)):
            return {}
        return vars(module)

    def _is_the_librarys(self, function: object) -> bool:
        """Not a function that the program has put in the place of the library's."""
        while isinstance(function, MethodType):
            function = function.__func__
        code = getattr(function, "__code__", None)
        if isinstance(function, FunctionType):
            return code is not None and code.co_filename not in self._users
        module = sys.modules.get(getattr(function, "__module__", None) or "builtins")
        file = getattr(module, "__file__", None)
        return file is None or file not in self._users


def opens(name: str) -> bool:
    """Is it the name of a known function that opens a file to read or to write it, by its mode?"""
    return name in _OPENERS


def is_read_mode(mode: object) -> bool:
    """Is it a mode that only reads?"""
    return mode in _READ_MODES


def makes(name: str) -> bool:
    """Is the result of this known function made for the caller, to the last part of it?"""
    return name not in _PASSES_ON


def is_quiet_method(name: str) -> bool:
    """Does a method of this name, of an object of the library's, only compute or read?"""
    return name in _METHODS


def is_changing_method(name: str) -> bool:
    """Does a method of this name, of an object of the library's, change that object and nothing else?"""
    return name in _CHANGING
