"""Whether the model decides by the same features. ``kind.py`` is the monitor; the others are its parts."""
