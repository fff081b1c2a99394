"""Say what ``audiences.yml`` holds: who reads, in which language, which pages, by which channel, what is hidden."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from schemas._base import Fact, Flag, Id, Int, Label, Language, Text, mistake
from schemas.policy import Disclosure, Readership, refuse_wrong_includes

Moment = Literal["nightly", "review", "window_closed", "mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class LanguageFacts(Fact):
    """How a language writes numbers and dates, and its direction."""

    locale: Text
    dir: Literal["ltr", "rtl"] = "ltr"


class Site(Fact):
    """What every page says of the site."""

    title: Label
    contact: Text


class FolderChannel(Fact):
    """Pages copied into a folder below the state root."""

    id: Id
    kind: Literal["folder"]
    path: Text


class BucketChannel(Fact):
    """Pages put into an S3 bucket: ``s3://bucket/prefix`` or ``env:NAME`` that holds one; unset means not used."""

    id: Id
    kind: Literal["object_store"]
    url: Text
    public: Flag = False


class MailChannel(Fact):
    """Messages to the recipients of a file in the state root."""

    id: Id
    kind: Literal["email"]
    when: tuple[Moment, ...] = ()
    recipients: Text

    @model_validator(mode="after")
    def _recipients_stay_out_of_the_tree(self) -> "MailChannel":
        if not self.recipients.startswith("state:recipients/"):
            raise mistake(
                f"recipients of channel '{self.id}' must live under the state root.",
                "Write state:recipients/<audience>.csv.",
            )
        return self


class ChatChannel(Fact):
    """Messages to a chat or a webhook: an address kept in the environment, or a notification block of Prefect."""

    id: Id
    kind: Literal["chat"]
    url_env: Text | None = None
    block: Text | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "ChatChannel":
        if (self.url_env is None) == (self.block is None):
            raise mistake(f"channel '{self.id}' needs one of url_env and block.", "Write url_env: AIMLINE_CHAT_URL.")
        return self


Channel = Annotated[FolderChannel | BucketChannel | MailChannel | ChatChannel, Field(discriminator="kind")]
AlertKind = Literal["concern", "improvement", "change", "district"]
MOST_PUSHES = 10


class Escalation(Fact):
    """To which audience a concern goes that nobody took on, and after how many school days."""

    after_days: Int = Field(default=10, ge=1)
    to: Id


class Alerts(Fact):
    """Of which alerts the readers of an audience are told: by which channels, whose, how often, and when they rest."""

    channels: tuple[Id, ...] = Field(min_length=1)
    scope: Literal["own", "cluster", "district"] = "own"
    push_per_week: Int = Field(default=2, ge=0)
    because: Text | None = None
    kinds: tuple[AlertKind, ...] = ("concern", "district")
    tier: Literal["alert"] = "alert"
    digest: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "none"] = "none"
    digest_empty: Flag = False
    escalate: Escalation | None = None
    quiet: tuple[Literal["holidays", "weekends"], ...] = ()


class Audience(Readership):
    """A kind of reader."""

    label: Label
    scope: Literal["district", "school"]
    languages: tuple[Language, ...] = ("en",)
    pages: tuple[Text, ...] = ()
    channels: tuple[Channel, ...] = ()
    alerts: Alerts | None = None

    @model_validator(mode="after")
    def _an_edition_is_protected(self) -> "Audience":
        if self.protected and not self.pages:
            raise mistake(f"audience '{self.audience_id}' has no pages.", "Name its pages, or write protected: false.")
        if not self.protected and (self.pages or self.channels or self.alerts):
            raise mistake(
                f"audience '{self.audience_id}' is not protected, so it has no pages, channels or alerts.",
                "Take them out: what is unprotected leaves the building on no page.",
            )
        if self.knows and self.scope != "school":
            raise mistake(f"audience '{self.audience_id}' has no unit of its own to know.", "Remove knows.")
        return self

    @model_validator(mode="after")
    def _nobody_is_flooded(self) -> "Audience":
        if self.alerts is None:
            return self
        if self.audience_id == "public":
            raise mistake("audience 'public' may not receive pushed alerts.", "Remove its alerts.")
        if self.alerts.push_per_week > MOST_PUSHES and not self.alerts.because:
            raise mistake(
                f"push_per_week {self.alerts.push_per_week} for '{self.audience_id}' exceeds {MOST_PUSHES}; "
                "add because:",
                "Say in a sentence why its readers want so many messages, or lower it.",
            )
        return self


class AudiencesFile(Fact):
    """All audiences of a district."""

    version: Literal[1] = 1
    languages: dict[Language, LanguageFacts]
    site: Site
    disclosure: Disclosure = Disclosure()
    audiences: tuple[Audience, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _included_readers_are_named(self) -> "AudiencesFile":
        refuse_wrong_includes(self.audiences)
        return self
