"""Door 1: what an EHR calls. Discovery, the hooks, cards, feedback and trust in the caller."""
