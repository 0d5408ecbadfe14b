"""The research bench: how often, and how fast, is each strategy right? Runs in processes of its own, around hrsup.

    cases/      before-trees and edits, by family of hazards, written in the words of ``vocabulary``
      |
    series      case x strategy, in parallel, resumable
      |
    trial       start, ``saving`` an edit, wait, judge
      |    \
    driver   oracle     what the supervised program prints and what is said of it; what a cold start prints
      |    /
    verdict     right, held, failed, stale, mixed, partial, crashed, timeout: from the history alone
      |
    decision -> report (terminal), page (HTML), JSON

``random_programs`` and ``random_edits`` make their own cases and shrink those that fail; ``replay`` makes them of the
user's git history. ``standin`` is what hrsup is measured against in the same harness: a plain restart, and
``importlib.reload`` of the changed module alone. ``compare`` measures other tools, on the examples.

A service in the corpus prints ticks: a counter, a tab, and a state computed from the code under test. The counter is
its own; the state must be what a cold start prints. What a service computed once, before its loop, is its state too: no
case depends on it unless it is a file's content.
"""
