"""Fetch what others send: one module a kind of source. What the bytes mean is decided in ``aimline/arrival``."""

from aimline.sources.base import NamePattern, Offer, PutsAway, Source, name_pattern
from aimline.sources.file import BucketSource, FolderSource
from aimline.sources.places import open_source
from aimline.sources.settle import Looked, by_looks, by_marker, seen
from aimline.sources.transports import SftpSource

__all__ = [
    "BucketSource",
    "FolderSource",
    "Looked",
    "NamePattern",
    "Offer",
    "PutsAway",
    "SftpSource",
    "Source",
    "by_looks",
    "by_marker",
    "name_pattern",
    "open_source",
    "seen",
]
