"""Write a small clean site with its release beside it: one page, one table, five cells of which two are gaps."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from tests.support.sdc import data_of

CELLS = {"All": (96, 61), "w": (52, 35), "b": (24, 14), "h": (16, 10), "a": (4, 2)}
GAP = "Not shown to protect privacy"
KEYS = 'data-cell="{}" data-indicator="belonging" data-field="value"'
PAGE = f"""<!doctype html><html lang="en"><head><title>School year 2026-27</title></head><body>
<p>Data through May 21, 2027. Grades K-2.</p>
<table>
<tr><th>All</th><td {KEYS.format("All")}>64%</td></tr>
<tr><th>w</th><td {KEYS.format("w")} title="67%">67%</td></tr>
<tr><th>b</th><td {KEYS.format("b")}>58%</td></tr>
<tr><th>h</th><td {KEYS.format("h")}>{GAP}</td></tr>
<tr><th>a</th><td {KEYS.format("a")}>{GAP}</td></tr>
</table>
<svg viewBox="0 0 640 300"><g data-scale="0,100,200,0">
<path class="grid" d="M0 100H400"/>
<circle cx="10" cy="72" {KEYS.format("All")}/><circle cx="20" cy="66" {KEYS.format("w")}/>
<path d="M10 72 L20 66"/>
</g></svg>
<script type="application/json">[{{"cell_id": "b", "indicator_id": "belonging", "value_text": "58%"}},
{{"cell_id": "a", "indicator_id": "belonging", "is_suppressed": true}}]</script>
</body></html>
"""
ROWS = f"""cell_id,indicator_id,value,value_text
All,belonging,0.64,64%
h,belonging,,{GAP}
"""

A = f"<td {KEYS.format('a')}>{GAP}"
"""The cell of the small group as it stands on the page."""


def write_site(
    root: Path, files: Mapping[str, str | bytes], *, listed: bool = True, drawings: Sequence[str] = ()
) -> Path:
    """Write a site and, beside it, manifest, cells and pattern; return its folder.

    Args:
        root: Folder of the release.
        files: What the site holds, by path.
        listed: The manifest lists the first file too.
        drawings: The signs that pages always draw.
    """
    folder = root / "site"
    data = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    for path, content in data.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    artefacts = [{"path": path, "sha256": sha256(content).hexdigest()} for path, content in data.items()]
    written = {
        "manifest": {"release_id": "r1", "artefacts": artefacts if listed else artefacts[1:], "drawings": drawings},
        "instance": data_of(CELLS, {"All": "wbha"}),
        "pattern": {"primary": ["a"], "secondary": ["h"]},
    }
    for name, told in written.items():
        (root / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")
    return folder
