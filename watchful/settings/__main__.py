"""Print the settings page."""

import sys

from watchful.settings.document import document

sys.stdout.write(document())
