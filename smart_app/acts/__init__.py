"""Acting from the app: what may be written to the EHR, shown before it is made, made once, told as it ended."""

from smart_app.acts.act import Act, Kind, State

__all__ = ["Act", "Kind", "State"]
