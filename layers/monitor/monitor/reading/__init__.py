"""Read what was captured, what the model answered and what was true: as tables, predictions and labels."""
