"""Settings: one `watchful.toml`, validated at start; secrets by environment."""

from watchful.settings.document import document
from watchful.settings.load import demo_settings, load
from watchful.settings.model import Issuer, LocalCode, OrderItem, ReasonCode, Settings, Site
from watchful.settings.problems import SettingsError
from watchful.settings.profiles import Profile, profile
from watchful.settings.smart import Act, SmartClient

__all__ = [
    "Act",
    "Issuer",
    "LocalCode",
    "OrderItem",
    "Profile",
    "ReasonCode",
    "Settings",
    "SettingsError",
    "Site",
    "SmartClient",
    "demo_settings",
    "document",
    "load",
    "profile",
]
