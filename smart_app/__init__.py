"""Door 2: what a clinician or patient opens from a card."""
