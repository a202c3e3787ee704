"""Settings: one `watchful.toml`, validated at start; secrets by environment."""

from watchful.settings.model import Issuer, LocalCode, Settings, Site

__all__ = ["Issuer", "LocalCode", "Settings", "Site"]
