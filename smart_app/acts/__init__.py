"""Acting from the app: what may be written to the EHR, shown before it is made, made once, told as it ended."""

from smart_app.acts.act import Act, Kind, State
from smart_app.acts.messages import Message, messages
from smart_app.acts.performing import offers, perform
from smart_app.acts.visit import visit_of

__all__ = ["Act", "Kind", "Message", "State", "messages", "offers", "perform", "visit_of"]
