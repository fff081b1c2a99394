"""The engine: how a district's year is planned, collected, measured, judged and recorded. No pages, no flows."""

__version__ = "0.1.0"
