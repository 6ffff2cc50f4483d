"""Whether groups are treated alike. ``kind.py`` is the monitor; the others are its parts."""
