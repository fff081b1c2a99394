"""Read a JSON file of disclosure whole and in one way only: what could be read in two ways is refused.

What the file means is judged by whoever asks for it.
"""

import json
from pathlib import Path
from typing import Any

from aimline.errors import DisclosureInputError

_NEW_LINE = b"\n"
_MOST_DIGITS = 40


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
        data = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_object, parse_int=_whole)
        json.dumps(data, ensure_ascii=False).encode("utf-8")  # half a character, as \ud800, cannot be printed again
    except json.JSONDecodeError as error:
        place = f"Line {error.lineno}, column {error.colno}: {error.msg}."
        raise DisclosureInputError(f"{path} is not {what}: it is not JSON.", remedy=place) from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(_NEW_LINE) + 1
        reason, remedy = "it is not UTF-8 text", f"Save it as UTF-8; the first byte that is none is in line {line}."
    except UnicodeEncodeError:
        reason, remedy = "it holds half a character, which no text can hold", "Write the whole character."
    except RecursionError:
        reason, remedy = "it is nested too deeply", "Write fewer levels."
    except ValueError as error:
        reason, remedy = str(error), "Correct it."
    else:
        return data
    raise DisclosureInputError(f"{path} is not {what}: {reason}.", remedy=remedy)


def _whole(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(digits):,} digits stands in it, and no count has more than {_MOST_DIGITS}")
    return int(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Take an object whose keys are all different: of two values nobody can say which one is meant."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'key "{twice}" stands twice in one object')
    return made
