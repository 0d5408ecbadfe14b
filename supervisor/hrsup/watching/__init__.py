"""Watching (supervisor process): which files may have changed, and when they are ready to be looked at.

`watcher.Watcher` turns what the kernel says into hints, `settle.Settler` says which hinted paths are stable. Neither
decides whether anything changed: that is `hrsup.snapshot`, which compares content.
"""

from __future__ import annotations

# A hint for everything: events were lost, so every known file must be looked at again.
RESCAN = "*"
