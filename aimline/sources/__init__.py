"""Fetch what others send: one module a kind of source. What the bytes mean is decided in ``aimline/arrival``."""

from aimline.sources.base import NamePattern, Offer, Source, name_pattern
from aimline.sources.file import BucketSource, FolderSource
from aimline.sources.places import open_source

__all__ = ["BucketSource", "FolderSource", "NamePattern", "Offer", "Source", "name_pattern", "open_source"]
