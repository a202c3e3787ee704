"""How hard the property tests look: 100 examples, or 2,000 by hand with HYPOTHESIS_PROFILE=thorough."""

import os

from hypothesis import settings

settings.register_profile("usual", max_examples=100, deadline=None)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))
