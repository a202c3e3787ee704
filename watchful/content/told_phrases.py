"""Names and sentences of findings for the app, where some stand in the record and some were told today."""

from collections.abc import Iterable

from watchful.clinical.assessment import Assessment, FlagResult, Tier
from watchful.clinical.knowledge.compiled import Knowledge
from watchful.content.card_texts import FlagTexts
from watchful.content.load import Content
from watchful.content.phrases import Phrases, capital
from watchful.content.plan import PlanDates


class ToldPhrases(Phrases):
    """The phrases of a card, and those for what the patient said."""

    def __init__(self, assessment: Assessment, knowledge: Knowledge, content: Content, dates: PlanDates) -> None:
        super().__init__(assessment, content, dates)
        self.knowledge = knowledge
        self.told = {question.id: question for question in knowledge.questions}
        self.texts = content.review

    def flag(self, flag_id: str) -> FlagTexts:
        """The words of a finding; one that was told has the words of the row it is like, under its own name."""
        question = self.told.get(flag_id)
        if question is not None:
            like = super().flag(question.like)
            return FlagTexts(name=question.told, why=like.why, because=like.because, now=like.now)
        if flag_id in self.content.flags:
            return super().flag(flag_id)
        title = self.knowledge.row(flag_id).title
        return FlagTexts(name=title, why="", because=title)

    def decided(self) -> list[FlagResult]:
        """The flags that decided, the weightiest first."""
        return [self.assessment.flag(flag_id) for flag_id in self.assessment.deciding]

    def rests_on_answers(self) -> bool:
        """Whether what was told decided, alone or beside the record."""
        return any(flag.told for flag in self.decided())

    def strong_beside(self) -> bool:
        """Whether an emergency or hard flag is present that did not decide."""
        return any(
            flag.tier in (Tier.EMERGENCY, Tier.HARD) and flag.id not in self.assessment.deciding
            for flag in self.assessment.present()
        )

    def stated(self, flags: Iterable[FlagResult]) -> str:
        """`Osteoporosis in the record, and 1 more`; `New leg weakness (told today)`; nothing for no flag."""
        chosen = [*flags]
        if not chosen:
            return ""
        first, others = chosen[0], len(chosen) - 1
        texts = self.texts.finding
        line = texts.told if first.told else texts.suspected if first.suspected else texts.recorded
        finding = capital(line.format(name=self.flag(first.id).name))
        if not others:
            return finding
        more = self.count(others, self.cards.finding.more)
        return texts.with_more.format(finding=finding, more=more)

    def fact(self) -> str:
        """The fact behind a review that no flag decided: `lumbar imaging within 90 days is already on file`."""
        facts = self.cards.review.fact
        return facts.get(self.assessment.reason, facts["other"])
