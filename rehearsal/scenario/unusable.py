"""The one error that a person who starts a rehearsal is to read; everything else is a fault of the rehearsal's own."""

from __future__ import annotations


class Unusable(Exception):
    """Something that was given to a rehearsal cannot be used; the text says where, what, and what would be right."""
