"""The shape of `acts.toml`: what the app says of writing to the EHR, and the few words inside what is written."""

from typing import Annotated

from watchful.content.lines import Plain, Texts, slots

InLanguage = Annotated[str, slots("language")]
BothDates = Annotated[str, slots("follow_up", "scan", "six_weeks")]
OneDate = Annotated[str, slots("scan", "six_weeks")]


class HandoutActTexts(Texts, frozen=True):
    title: Plain
    document: InLanguage
    """What is written where the EHR takes a document."""
    message: InLanguage
    """... and where it takes a message to the patient."""
    button: Plain
    done: Plain
    instead: Plain


class AnswersActTexts(Texts, frozen=True):
    title: Plain
    says: Plain
    button: Plain
    done: Plain
    instead: Plain


class ReferralActTexts(Texts, frozen=True):
    title: Plain
    says: Annotated[str, slots("name")]
    name: Plain
    """Stands in the order where the site has no name of its own."""
    button: Plain
    done: Plain
    instead: Plain


class FollowUpActTexts(Texts, frozen=True):
    title: Plain
    task: Annotated[str, slots("plan")]
    order: Annotated[str, slots("plan")]
    plan: BothDates
    plan_one_date: OneDate
    name: Plain
    """Stands in what is written, like `description`, `date` and `six_weeks`."""
    description: Annotated[str, slots("plan")]
    date: Plain
    six_weeks: Plain
    button: Plain
    done: Plain
    instead: Plain


class RefusedTexts(Texts, frozen=True, rename="kebab"):
    """One for each class of refusal (`watchful.ehr.refusals`)."""

    sign_in: Plain
    not_permitted: Plain
    not_supported: Plain
    not_accepted: Plain
    conflict: Plain
    too_large: Plain
    busy: Plain
    not_sent: Plain


class NotPossibleTexts(Texts, frozen=True, rename="kebab"):
    profile: Plain
    scope: Plain
    base: Plain


class MessageTexts(Texts, frozen=True):
    label: Plain
    says: Plain


class PostponeMessageTexts(Texts, frozen=True):
    label: Annotated[str, slots("six_weeks")]
    says: Annotated[str, slots("order", "six_weeks")]


class OrderMessageTexts(Texts, frozen=True):
    label: Annotated[str, slots("order")]
    says: Annotated[str, slots("order")]


class MessagesTexts(Texts, frozen=True):
    """What the app may ask of the order screen that it was opened from."""

    postpone: PostponeMessageTexts
    remove: OrderMessageTexts
    referral: MessageTexts
    done: MessageTexts


class ActTexts(Texts, frozen=True, rename="kebab"):
    """`acts.toml`."""

    handout: HandoutActTexts
    answers: AnswersActTexts
    referral: ReferralActTexts
    follow_up: FollowUpActTexts
    writing: Plain
    failed: Plain
    again: Plain
    """The button after a refusal or a lost answer."""
    refused: RefusedTexts
    not_possible: NotPossibleTexts
    message: MessagesTexts
