"""The language that a patient is spoken to in, and the links to the others that the site offers."""

from urllib.parse import urlencode

from smart_app.judged import Judged
from smart_app.pages import Link
from watchful.content.languages import folder_of, patient_language
from watchful.content.load import Content, offered_languages
from watchful.parts import Parts


def spoken(judged: Judged, parts: Parts, asked: str | None) -> Content:
    """In the language asked for where the site offers it, else the patient's own, else English."""
    offered = offered_languages(parts.site.languages_needing_review)
    return parts.content(folder_of(asked, offered) or patient_language(judged.assessment.language, offered))


def language_links(page: str, here: Content, parts: Parts, **query: object) -> list[Link]:
    """Every language of the site, the one in use among them."""
    offered = offered_languages(parts.site.languages_needing_review)
    return [
        Link(
            other.name,
            f"{page}?{urlencode({'lang': other.language, **query})}",
            other.language == here.language,
            other.language,
            other.direction,
        )
        for other in map(parts.content, offered)
    ]
