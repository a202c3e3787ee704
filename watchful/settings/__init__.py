"""Settings: one `watchful.toml`, validated at start; secrets by environment."""

from watchful.settings.document import document
from watchful.settings.load import demo_settings, load
from watchful.settings.model import Issuer, LocalCode, Settings, Site
from watchful.settings.problems import SettingsError

__all__ = ["Issuer", "LocalCode", "Settings", "SettingsError", "Site", "demo_settings", "document", "load"]
