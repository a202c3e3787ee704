"""What the service says about itself: structured logs and metrics, never anything of a chart (safety rule 6)."""
