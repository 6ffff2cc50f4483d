"""How a rehearsal is told: as JSON, on a terminal, on pages."""
