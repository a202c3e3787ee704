"""The handout as strict XHTML 1.0: the one form in which some EHRs file a document that a program sends.

Well-formed by construction, with no style and no script: the EHR shows it in its own.
"""

from xml.etree.ElementTree import Element, SubElement, tostring

from watchful.content.handout import HandoutWords

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\n'
)


def handout_xhtml(words: HandoutWords) -> bytes:
    """The page's words in their order, UTF-8."""
    page = Element(
        "html",
        {
            "xmlns": "http://www.w3.org/1999/xhtml",
            "xml:lang": words.language,
            "lang": words.language,
            "dir": words.direction,
        },
    )
    SubElement(SubElement(page, "head"), "title").text = words.title
    body = SubElement(page, "body")
    _say(body, "h1", words.title)
    _say(body, "p", words.dated)
    for section in words.sections:
        _say(body, "h2", section.heading)
        for paragraph in section.paragraphs:
            _say(body, "p", paragraph)
        if section.bullets:
            bullets = SubElement(body, "ul")
            for bullet in section.bullets:
                _say(bullets, "li", bullet)
        for paragraph in section.closing:
            _say(body, "p", paragraph)
    if words.demo:
        _say(body, "p", words.demo)
    return (_HEAD + tostring(page, encoding="unicode")).encode()


def _say(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = text
