"""Whether the requests look like the training data. ``kind.py`` is the monitor; the others are its parts."""
