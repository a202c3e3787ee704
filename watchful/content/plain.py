"""The handout as plain text: for a message, a label printer, a screen reader of any age."""

from watchful.content.handout import HandoutWords


def handout_text(words: HandoutWords) -> str:
    """The page's words in their order, with a blank line before each question."""
    lines = [words.title, words.dated]
    for section in words.sections:
        lines += ["", section.heading]
        lines += section.paragraphs
        lines += [f"- {bullet}" for bullet in section.bullets]
        lines += section.closing
    if words.demo:
        lines += ["", words.demo]
    return "\n".join(lines) + "\n"
