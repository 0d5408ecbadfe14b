"""Values: which calls of the standard library do nothing but build one, and whether two are the same. Pure; runs in the
user's process."""

from __future__ import annotations

import ast
from types import BuiltinMethodType, CellType, FunctionType, MethodType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PURE_CALLS = frozenset(
    (
        "int",
        "float",
        "complex",
        "str",
        "bytes",
        "bool",
        "tuple",
        "list",
        "dict",
        "set",
        "frozenset",
        "len",
        "min",
        "max",
        "sum",
        "sorted",
        "range",
        "round",
        "abs",
        "divmod",
        "pow",
        "zip",
        "enumerate",
        "reversed",
        "any",
        "all",
        "ord",
        "chr",
        "hex",
        "oct",
        "bin",
        "repr",
    )
)
PURE_METHODS = frozenset(
    (
        "upper",
        "lower",
        "title",
        "capitalize",
        "strip",
        "lstrip",
        "rstrip",
        "split",
        "rsplit",
        "splitlines",
        "join",
        "format",
        "replace",
        "startswith",
        "endswith",
        "items",
        "keys",
        "values",
        "copy",
        "get",
        "union",
        "intersection",
        "difference",
        "encode",
        "decode",
        "zfill",
        "ljust",
        "rjust",
        "center",
        "removeprefix",
        "removesuffix",
        "casefold",
        "isdigit",
        "count",
        "index",
    )
)
PURE_IMPORTED = frozenset(
    tuple(name.rsplit(".", 1))
    for name in (
        "re.compile", "datetime.timedelta", "datetime.date", "datetime.datetime", "datetime.time", "datetime.timezone",
        "decimal.Decimal", "fractions.Fraction", "pathlib.Path", "pathlib.PurePath", "math.sqrt", "math.log",
        "math.exp", "math.ceil", "math.floor", "math.prod", "math.pow", "math.log2", "math.log10", "math.hypot",
        "math.radians", "math.sin", "math.cos", "operator.itemgetter", "operator.attrgetter",
        "collections.deque", "collections.namedtuple",
        "collections.Counter", "collections.OrderedDict", "collections.defaultdict", "functools.partial",
        "functools.reduce", "types.SimpleNamespace", "types.MappingProxyType", "string.Template", "uuid.UUID",
        "itertools.chain", "itertools.product", "itertools.accumulate", "itertools.repeat", "copy.copy",
        "copy.deepcopy", "textwrap.dedent", "statistics.mean", "statistics.median", "os.path.join", "json.dumps",
        "json.loads", "operator.add", "operator.mul", "logging.getLogger", "threading.Lock", "threading.RLock",
        "threading.Event", "contextvars.ContextVar", "typing.TypeVar", "typing.NewType", "queue.Queue",
        "queue.SimpleQueue", "itertools.count",
    )
)  # fmt: skip
# The same of functions and methods that read files.
READING_IMPORTED = frozenset(
    tuple(name.rsplit(".", 1))
    for name in (
        "csv.reader", "csv.DictReader", "json.load", "tomllib.load", "tomllib.loads", "os.listdir", "os.path.exists",
        "os.path.isfile", "os.path.isdir", "os.path.dirname", "os.path.abspath", "os.path.basename", "glob.glob",
    )
)  # fmt: skip
READING_FILES = frozenset(("read", "readline", "readlines"))  # of a file that was opened by the one who reads
READING_METHODS = frozenset(
    (
        "read_text", "read_bytes", "iterdir", "glob", "rglob", "exists", "is_file", "is_dir", "with_name",
        "with_suffix", "joinpath", "resolve", "absolute", "relative_to", "as_posix",
    )
)  # fmt: skip
# Who spells one of these may set what statements read although no name in them says so, or have his own code called.
AMBIENT = tuple(
    word.encode()
    for word in (
        *("chdir", "getcontext", "setcontext", "localcontext", "set_option", "set_printoptions", "seterr", "tzset"),
        *("register_dialect", "field_size_limit", "setlocale", "register_error", "set_int_max_str_digits", "argv ="),
        *("add_constructor", "add_multi_constructor", "add_path_resolver", "add_implicit_resolver", "YAMLObject"),
        *("yaml_constructors", "argv.append", "argv.insert", "argv.pop", "argv.extend", "argv.remove", "argv.clear"),
        *("argv[0] =", "argv[1] =", "argv[:] =", "argv[1:] =", "dispatch_table", "copyreg", "mock.patch"),
    )
)
NODES = (
    ast.Constant, ast.Name, ast.Attribute, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.BinOp, ast.UnaryOp, ast.BoolOp,
    ast.Compare, ast.IfExp, ast.JoinedStr, ast.FormattedValue, ast.Subscript, ast.Slice, ast.Starred, ast.ListComp,
    ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension, ast.Call, ast.keyword, ast.expr_context,
    ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip
_COMPARABLE = frozenset(
    (
        "re.Pattern",
        "datetime.timedelta",
        "datetime.date",
        "datetime.datetime",
        "datetime.time",
        "datetime.timezone",
        "uuid.UUID",
        "decimal.Decimal",
        "fractions.Fraction",
        "pathlib.PosixPath",
        "pathlib.PurePosixPath",
        "pathlib._local.PosixPath",
        "pathlib._local.PurePosixPath",
    )
)
_MAPPINGS = frozenset(("collections.OrderedDict", "collections.Counter", "collections.defaultdict"))
_HEAP_TYPE, _IMMUTABLE_TYPE = 1 << 9, 1 << 8
_VARIABLES = frozenset(("typing.TypeVar", "typing.ParamSpec"))
_OF_VARIABLES = ("__name__", "__module__", "__bound__", "__constraints__", "__covariant__", "__contravariant__")
_LOCKS = frozenset(("_thread.lock", "_thread.RLock"))
_EMPTY = object()
_ATOMS = (type(None), bool, int, str, bytes, type(...))


def same(left: Any, right: Any, depth: int = 0) -> bool:  # noqa: C901 - one case for each kind of value
    """Are two values indistinguishable: plain data, functions of the same code that captured the same, instances of the
    user's own classes with the same fields? What is not known is only the same as itself."""
    if left is right:
        return True
    kind = type(left)
    if kind is not type(right) or depth > 50:
        return False
    deeper = depth + 1
    if kind in (float, complex):
        return repr(left) == repr(right)
    if kind in _ATOMS or kind in (range, bytearray):
        return bool(left == right)
    if kind in (list, tuple) or _name(kind) == "collections.deque":
        ends = getattr(left, "maxlen", None) == getattr(right, "maxlen", None)
        return ends and len(left) == len(right) and all(same(a, b, deeper) for a, b in zip(left, right, strict=True))
    if kind is dict or _name(kind) in _MAPPINGS:
        made = same(getattr(left, "default_factory", None), getattr(right, "default_factory", None), deeper)
        return made and same(list(left.items()), list(right.items()), deeper)
    if kind in (set, frozenset):
        return bool(left == right) and {type(item) for item in left} == {type(item) for item in right}
    if _name(kind) in _COMPARABLE:
        return bool(left == right)
    if kind is FunctionType:
        return _same_function(left, right, deeper)
    if kind in (staticmethod, classmethod):
        return same(left.__func__, right.__func__, deeper)
    if kind is property:
        return all(same(getattr(left, part), getattr(right, part), deeper) for part in ("fget", "fset", "fdel"))
    if kind is MethodType:
        return left.__func__ is right.__func__ and same(left.__self__, right.__self__, deeper)
    if kind is BuiltinMethodType:
        return left.__name__ == right.__name__ and same(left.__self__, right.__self__, deeper)
    if _name(kind) == "functools.partial":
        parts = ("func", "args", "keywords")
        return all(same(getattr(left, part), getattr(right, part), deeper) for part in parts)
    if _name(kind) == "functools._lru_cache_wrapper":  # what it has kept is emptied with every change that reaches it
        return same(left.__dict__, right.__dict__, deeper)
    if _name(kind) in ("operator.itemgetter", "operator.attrgetter"):
        return same(left.__reduce__(), right.__reduce__(), deeper)
    return _same_instance(left, right, deeper)


def _same_function(left: FunctionType, right: FunctionType, depth: int) -> bool:
    if left.__code__ != right.__code__ or left.__globals__ is not right.__globals__:
        return False
    if not same(left.__defaults__, right.__defaults__, depth) or not same(left.__dict__, right.__dict__, depth):
        return False
    if not same(left.__kwdefaults__, right.__kwdefaults__, depth):
        return False
    pairs = zip(left.__closure__ or (), right.__closure__ or (), strict=True)
    return all(same(_content(one), _content(two), depth) for one, two in pairs)


def _content(cell: CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return _EMPTY


def _same_instance(left: Any, right: Any, depth: int) -> bool:
    """Instances of classes that are Python all the way up, or of a named tuple or the like: nothing is hidden in C."""
    kind = type(left)
    if kind is type:
        return _is_same_tuple(left, right, depth)
    if _name(kind) in _LOCKS:
        return True
    if _name(kind) == "_queue.SimpleQueue":
        return bool(left.empty() and right.empty())
    if _name(kind) in _VARIABLES:
        return all(same(getattr(left, part, None), getattr(right, part, None), depth) for part in _OF_VARIABLES)
    bases = [base for base in kind.__mro__ if not _is_of_python(base) and base is not object]
    if any(base not in (tuple, list, dict, str, int, float) for base in bases) or len(bases) > 1:
        return False
    if any(not same(_bare(base, left), _bare(base, right), depth) for base in bases):
        return False
    missing = object()
    for name in _slots(kind):
        one, two = getattr(left, name, missing), getattr(right, name, missing)
        if (one is missing) != (two is missing) or (one is not missing and not same(one, two, depth)):
            return False
    return same(getattr(left, "__dict__", None), getattr(right, "__dict__", None), depth)


def _is_of_python(kind: type) -> bool:
    return kind.__flags__ & (_HEAP_TYPE | _IMMUTABLE_TYPE) == _HEAP_TYPE


def _is_same_tuple(left: type, right: type, depth: int) -> bool:
    """Classes that are the same although they were made twice: named tuples."""
    if left.__bases__ != (tuple,) or right.__bases__ != (tuple,) or set(vars(left)) != set(vars(right)):
        return False
    parts = ("__name__", "__module__", "_fields", "_field_defaults")
    return all(same(getattr(left, part, left), getattr(right, part, right), depth) for part in parts)


def _bare(base: type, value: Any) -> object:
    """What a value is as an instance of a builtin type, whatever its class makes of that."""
    if base is tuple or base is list:
        return base(base.__iter__(value))
    return dict(dict.items(value)) if base is dict else repr(base.__new__(base, value))


def _slots(kind: type) -> list[str]:
    """The names of all slots of a class, as attributes."""
    return [
        name
        for base in kind.__mro__
        for name, item in vars(base).items()
        if type(item).__name__ == "member_descriptor" and base is not object
    ]


def is_plain(value: Any, depth: int = 0) -> bool:
    """Is this data of builtin types, all the way down?"""
    if type(value) in _ATOMS or type(value) in (float, complex, range):
        return True
    if depth > 20:
        return False
    if type(value) in (list, tuple, set, frozenset):
        return all(is_plain(item, depth + 1) for item in value)
    return type(value) is dict and all(is_plain(item, depth + 1) for pair in value.items() for item in pair)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
