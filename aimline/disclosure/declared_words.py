"""Leave declared words out of what is read: a name or a sentence with a number in it says nothing of any figure."""

from functools import lru_cache
from html import escape

_CUT = "\ue000"
"""What stands for declared words that were cut out: within a gap they are words too many."""


def without_words(content: str, texts: tuple[str, ...]) -> str:
    """Leave declared words out of a file, the longest first, however its quotes are written."""
    for form in _forms(texts):
        if form in content:
            content = _cut(content, form)
    return content


@lru_cache(maxsize=2)
def _forms(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return how declared words may be written."""
    plain = [(text, escape(text, quote=False)) for text in sorted(texts, key=lambda each: (-len(each), each))]
    forms = (
        form for text, each in plain for form in (text, each, each.replace('"', "&#34;").replace("'", "&#39;")) if form
    )
    return tuple(dict.fromkeys(forms))


def _cut(content: str, words: str) -> str:
    """Leave words out wherever they stand as a whole: no letter, digit or underscore right before or after."""
    kept, begin, at = [], 0, content.find(words)
    while at >= 0:
        end = at + len(words)
        if _is_in_word(content[at - 1 : at]) or _is_in_word(content[end : end + 1]):
            end = at + 1
        else:
            kept.append(content[begin:at])
            begin = end
        at = content.find(words, end)
    return _CUT.join((*kept, content[begin:]))


def _is_in_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


@lru_cache(maxsize=8192)
def without_words_in(text: str, texts: tuple[str, ...]) -> str:
    """Leave declared words out of one text of a page, which many pages may say."""
    return without_words(text, texts) if texts else text
