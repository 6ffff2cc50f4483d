def polite(name):
    return f"Good morning, {name}"
