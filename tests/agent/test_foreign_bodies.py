"""What is kept of the bodies of user modules that have run."""

from __future__ import annotations

import sys

from hrsup_agent.observe.foreign import ForeignModules


def test_the_body_of_a_module_that_has_run_holds_no_function() -> None:
    """A reload counts the references of old code: nothing of ours may have one."""
    body = compile("def f():\n    return 1\n", "/project/work.py", "exec")
    function = body.co_consts[0]
    before = sys.getrefcount(function)
    modules = ForeignModules()
    modules.ended(body)
    del body
    assert sys.getrefcount(function) == before - 1
