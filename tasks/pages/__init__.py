"""Public pages: fetched with care, reduced to what their readers see, held against the notice."""

from tasks.pages.fetch import HttpPageReader
from tasks.pages.look import PageLook, look_at
from tasks.pages.port import FetchedPage, Link, PageLimits, PageReader, PageUnreadable, Refusal
from tasks.pages.sandbox import Readers

__all__ = [
    "FetchedPage",
    "HttpPageReader",
    "Link",
    "PageLimits",
    "PageLook",
    "PageReader",
    "PageUnreadable",
    "Readers",
    "Refusal",
    "look_at",
]
