"""What has arrived since the last look."""

import json
from pathlib import Path

INBOX = Path(__file__).parent / "inbox"


def arrivals(seen):
    for path in sorted(INBOX.glob("*.json")):
        if path.name not in seen:
            try:
                order = json.loads(path.read_text())
            except ValueError:
                continue  # still being written: next time
            seen.add(path.name)
            yield path.name, order
