"""Write SVG elements: escaped text, short numbers, widths of words. What a chart looks like belongs to the charts."""

from html import escape

CHARACTER = 0.55  # width of an average character of a sans-serif, in sizes of the font


def number(value: float) -> str:
    """Write a coordinate with at most two digits after the point: enough to be read back as the number it draws."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text if text != "-0" else "0"


def element(name: str, content: str = "", **attributes: object) -> str:
    """Write one element; ``class_`` is class, ``a_b`` is a-b, None is left out. Content is SVG already."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def _attribute(value: object) -> str:
    return number(value) if isinstance(value, float) else escape(str(value), quote=True)


def words(content: str, at: tuple[float, float], class_: str, anchor: str = "start", **marks: object) -> str:
    """Write a line of text; ``marks`` say which figure it is, or that it is none."""
    return element("text", escape(content), x=at[0], y=at[1], class_=class_, text_anchor=anchor, **marks)


def width(content: str, size: float) -> float:
    """Return about how wide a line of text is."""
    return len(content) * size * CHARACTER


def polyline(points: list[tuple[float, float]], class_: str) -> str:
    """Write an open line through points."""
    path = " ".join(f"{'L' if place else 'M'}{number(x)} {number(y)}" for place, (x, y) in enumerate(points))
    return element("path", d=path, class_=class_)


def polygon(points: list[tuple[float, float]], class_: str) -> str:
    """Write a closed area."""
    path = " ".join(f"{'L' if place else 'M'}{number(x)} {number(y)}" for place, (x, y) in enumerate(points))
    return element("path", d=f"{path}Z", class_=class_)
