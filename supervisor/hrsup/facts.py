"""What the agent has said of the running generation, as `Facts`.

Runs in the supervisor. One `FactBook` per session; it forgets, when the program goes back to a layer, all that was
observed after the layer was taken, since the continuation will say it again.
"""

from __future__ import annotations

from hrsup.opens import Opened, Opens
from hrsup_strategies.base import Facts, LayerFact, ModuleFact, ReadFact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

Message = dict[str, "Any"]

_USES = frozenset({"read", "listing", "missing", "look", "link"})


class FactBook:
    """Turns messages into facts."""

    def __init__(self) -> None:
        self.facts = Facts()
        self.opens = Opens()
        self.last_exception: Message | None = None
        self.imported = 0  # bodies of user modules that the main process has executed since it began or continued
        self.databases: set[str] = set()  # that the program may write; remembered from run to run
        self.former: set[str] = set()  # what the runs before this one used or looked for
        self._foreign: dict[str, bool] = {}
        self.imported_as: dict[str, str] = {}  # what `sys.argv[0]` was when a third-party module was imported
        self.on_skew: Callable[[int, str], None] = lambda pid, path: None

    def note(self, message: Message, pid: int, role: str) -> None:
        """Take in one message of the process `pid`. An unknown type is ignored, so that agents may be newer."""
        handler = getattr(self, f"_on_{message.get('type')}", None)
        if handler is not None:
            handler(message, pid, role)
        if role == "worker" and message.get("type") in _USES:
            site = "" if message.get("module") is not None else message.get("site", "")
            self.facts.by_workers.setdefault(message["path"], {}).setdefault(site, []).append(pid)

    def skew(self) -> list[tuple[int, str]]:
        """The workers (pid) that have loaded another version of a module (path) than the coordinator, or, where the
        coordinator has not loaded it, than the first worker."""
        return sorted(
            (pid, path)
            for pid, versions in self.facts.worker_modules.items()
            for path, version in versions.items()
            if path in self.facts.modules and self.facts.modules[path].hash != version
        )

    def brought_in(self, versions: dict[str, str]) -> None:
        """The program now has these versions (by path) of its modules, in place."""
        for path, version in versions.items():
            if path in self.facts.modules:
                self.facts.modules[path].hash = version

    def start(self) -> None:
        """A new process runs the program from its beginning: nothing is known of it yet; its history is kept."""
        old = self.facts
        self._remember()
        self.opens.begin()
        self.facts = Facts()
        self.facts.mode, self.facts.agent, self.facts.main = old.mode, old.agent, old.main
        self.facts.argv, self.facts.is_module = old.argv, old.is_module
        self.facts.drain_s = old.drain_s
        self._foreign, self.imported_as = {}, {}
        self.last_exception = None
        self.imported = 0

    def rewind(self, layer: LayerFact) -> None:
        """The program goes back to a layer: forget what was observed after it was taken."""
        facts, depth = self.facts, layer.depth
        self._remember()
        self.opens.begin(layer.opened if isinstance(layer.opened, Opened) else None)
        for name in layer.preloaded:
            seconds, _ = facts.foreign_costs.get(name, (0.0, None))
            facts.foreign_costs[name] = (seconds, None)
        facts.modules = {path: fact for path, fact in facts.modules.items() if _before(fact.layer, depth)}
        facts.reads = {path: fact for path, fact in facts.reads.items() if _before(fact.layer, depth)}
        facts.listings = {path: layer for path, layer in facts.listings.items() if _before(layer, depth)}
        facts.missing = {path: layer for path, layer in facts.missing.items() if _before(layer, depth)}
        facts.left = {path: layer for path, layer in facts.left.items() if _before(layer, depth)}
        facts.looked = {path: layer for path, layer in facts.looked.items() if _before(layer, depth)}
        facts.measured = {path: layer for path, layer in facts.measured.items() if _before(layer, depth)}
        facts.natives = {path: layer for path, layer in facts.natives.items() if _before(layer, depth)}
        facts.layers = [layer for layer in facts.layers if layer.depth <= depth]
        facts.pools, facts.threads, facts.worker_modules = {}, [], {}
        facts.forked, facts.by_workers = [], {}
        self.last_exception = None
        self.imported = 0

    def _remember(self) -> None:
        facts = self.facts
        for used in (facts.modules, facts.reads, facts.listings, facts.missing, facts.left, facts.looked):
            self.former |= used.keys()

    def drop_layers(self) -> None:
        """All layers are gone."""
        self.facts.layers = []

    def drop_process(self, pid: int) -> None:
        """A process has ended: it is no layer and no worker any more."""
        self.facts.layers = [layer for layer in self.facts.layers if layer.id != pid]
        self.facts.worker_modules.pop(pid, None)
        for workers in self.facts.pools.values():
            if pid in workers:
                workers.remove(pid)
        self.facts.forked = [other for other in self.facts.forked if other != pid]

    def _on_main(self, message: Message, pid: int, role: str) -> None:
        if role == "worker":  # what it runs is its pool's, not the program
            return
        self.facts.main, self.facts.argv = message["path"], list(message["argv"])
        self.facts.is_module = message["kind"] == "module"
        self.facts.running = True

    def _on_module(self, message: Message, pid: int, role: str) -> None:
        if role == "worker":
            fact = self.facts.modules.setdefault(message["path"], _module(message))
            self.facts.worker_modules.setdefault(pid, {})[message["path"]] = message["hash"]
            if fact.hash != message["hash"]:
                self.on_skew(pid, message["path"])
        else:
            known = self.facts.modules.get(message["path"])
            fact = self.facts.modules[message["path"]] = _module(message)
            if known is not None:  # brought up to date in place: nothing is imported, so no `imported` will follow
                fact.seconds = known.seconds
                fact.layer = known.layer  # what was forked away since the first version was loaded holds that version

    def _on_unloaded(self, message: Message, pid: int, role: str) -> None:
        """The file is gone, or its import was taken back; the layers may have loaded it nevertheless."""
        fact = self.facts.modules.pop(message["path"], None)
        if fact is not None:
            self.facts.left.setdefault(message["path"], fact.layer)

    def _on_imported(self, message: Message, pid: int, role: str) -> None:
        self.imported += role == "main"
        for fact in self.facts.modules.values():
            if fact.name == message["name"]:
                fact.seconds = message["self_seconds"]

    def _on_foreign(self, message: Message, pid: int, role: str) -> None:
        if role == "worker" or message["name"] in self._foreign:
            return
        self._foreign[message["name"]] = message["pristine"]
        self.facts.has_cluster |= message["name"] == "distributed"
        if message["pristine"]:
            self.facts.foreign.append(message["name"])
            self.imported_as[message["name"]] = next(iter(message["argv"]), "")

    def _on_foreign_imported(self, message: Message, pid: int, role: str) -> None:
        if role != "worker":
            self.facts.foreign_costs[message["name"]] = (message["seconds"], message.get("depth"))

    def _on_native(self, message: Message, pid: int, role: str) -> None:
        self.facts.natives.setdefault(message["path"], message.get("depth"))

    def _on_read(self, message: Message, pid: int, role: str) -> None:
        fact = self.facts.reads.setdefault(message["path"], ReadFact(message["path"], message.get("depth")))
        fact.sites[message["site"]] = fact.sites.get(message["site"], 0) + 1
        module = message.get("module")
        if module is None:
            fact.in_run = True
        elif module not in fact.modules:
            fact.modules.append(module)

    def _on_listing(self, message: Message, pid: int, role: str) -> None:
        self.facts.listings.setdefault(message["path"], message.get("depth"))

    def _on_missing(self, message: Message, pid: int, role: str) -> None:
        self.facts.missing.setdefault(message["path"], message.get("depth"))

    def _on_look(self, message: Message, pid: int, role: str) -> None:
        self.facts.looked.setdefault(message["path"], message.get("depth"))
        if message["level"] > 1:
            self.facts.measured.setdefault(message["path"], message.get("depth"))

    def _on_link(self, message: Message, pid: int, role: str) -> None:
        self.facts.looked.setdefault(message["path"], message.get("depth"))

    def _on_write(self, message: Message, pid: int, role: str) -> None:
        self.facts.writes.add(message["path"])

    def _on_database(self, message: Message, pid: int, role: str) -> None:
        self.databases.add(message["path"])

    def _on_opaque(self, message: Message, pid: int, role: str) -> None:
        depth = message.get("depth") or 0
        self.facts.opaque_from = min(self.facts.opaque_from, depth) if self.facts.opaque else depth
        self.facts.opaque_itself |= role == "main" and not message.get("child")
        if message["reason"] not in self.facts.opaque:
            self.facts.opaque.append(message["reason"])
        if message.get("child") and message["reason"] not in self.facts.children:
            self.facts.children.append(message["reason"])

    def _on_unwatched(self, message: Message, pid: int, role: str) -> None:
        self.opens.give_up()

    def _on_thread(self, message: Message, pid: int, role: str) -> None:
        if role != "worker":
            self.facts.threads.append(message["name"])

    def _on_hello(self, message: Message, pid: int, role: str) -> None:
        self.facts.agent = True
        if role == "worker":
            self.facts.pools.setdefault(message["ppid"], []).append(pid)
            if message.get("forked"):
                self.facts.forked.append(pid)

    def _on_layer(self, message: Message, pid: int, role: str) -> None:
        mark = message.get("mark")
        opened = self.opens.before(mark) if mark is not None else None
        layer = LayerFact(
            message["id"],
            pid,
            message["depth"],
            message["point"],
            message["usable"],
            message.get("reason"),
            message.get("preloaded") or [],
            opened,
        )
        self.facts.layers = [other for other in self.facts.layers if other.id != layer.id] + [layer]
        self.facts.layers.sort(key=lambda layer: (layer.depth, len(layer.preloaded)))

    def _on_exception(self, message: Message, pid: int, role: str) -> None:
        if role == "main":
            self.last_exception = message


def _before(layer: int | None, depth: int) -> bool:
    """Was something observed at `layer` before the layer at `depth` was taken?"""
    return layer is None or layer < depth


def _module(message: Message) -> ModuleFact:
    return ModuleFact(
        message["name"], message["path"], message["hash"], message.get("importer"), message.get("depth"), None
    )
