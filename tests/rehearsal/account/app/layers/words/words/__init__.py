def polite(name: str) -> str:
    return f"Good morning, {name}"
