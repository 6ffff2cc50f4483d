"""Whether the answers are as good as they were. ``kind.py`` is the monitor; the others are its parts."""
