"""Read a JSON file of disclosure whole and in one way only: what could be read in two ways is refused.

What the file means is judged by whoever asks for it.
"""

import json
from pathlib import Path
from typing import Any

from aimline.errors import DisclosureInputError


def read_json(path: str | Path, what: str) -> Any:
    """Read a file of UTF-8 text, with a byte-order mark or without.

    Args:
        path: The file.
        what: What it should be, for the message.

    Raises:
        DisclosureInputError: It cannot be read, is no JSON, names a key twice, or holds text that no file can hold.
    """
    try:
        raw = Path(path).read_bytes()
    except OSError:
        raise DisclosureInputError(f"{path} cannot be read.", remedy="Give the path of a JSON file.") from None
    try:
        data = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_object)
        json.dumps(data, ensure_ascii=False).encode("utf-8")  # half a character, as \ud800, cannot be printed again
    except json.JSONDecodeError as error:
        place = f"Line {error.lineno}, column {error.colno}: {error.msg}."
        raise DisclosureInputError(f"{path} is not {what}: it is not JSON.", remedy=place) from None
    except UnicodeDecodeError:
        reason = "it is not UTF-8 text"
    except UnicodeEncodeError:
        reason = "it holds half a character, which no text can hold"
    except RecursionError:
        reason = "it is nested too deeply"
    except ValueError as error:
        reason = str(error)
    else:
        return data
    raise DisclosureInputError(f"{path} is not {what}: {reason}.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Take an object whose keys are all different: of two values nobody can say which one is meant."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'key "{twice}" stands twice in one object')
    return made
