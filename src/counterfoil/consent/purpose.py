"""Why data may be used: a closed list, each purpose with its data, its bases and its law.

A purpose is not a free text that a caller makes up. Adding one is a change of this file, of its
notices in three languages, and of the impact assessment that the operator must store before it can
be started.

Scoring, sharing, marketing and research take consent and nothing else: not even a contract can
stand in for it, so nobody can be made to agree to them in order to pay (PIPL 16).
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from counterfoil.consent.category import SENSITIVE, Category
from counterfoil.kernel.i18n import Message, lazy


class BasisKind(IntEnum):
    """What makes a read lawful. The numbers are stored."""

    CONSENT = 1
    CONTRACT = 2
    LEGAL_DUTY = 3
    AUTHORITY_ORDER = 4

    @property
    def code(self) -> str:
        """The stable name, such as `legal-duty`."""
        return self.name.lower().replace("_", "-")


class Purpose(StrEnum):
    """Why data may be used."""

    RUN_WALLET = "run-wallet"
    SCORE = "score"
    SCORE_INCOME = "score-income"
    SCORE_JOB = "score-job"
    SCORE_CONTACT = "score-contact"
    SCORE_GUARANTOR = "score-guarantor"
    VOUCH = "vouch"
    SHARE_ANSWER = "share-answer"
    SHARE_SCORE = "share-score"
    SHARE_REASONS = "share-reasons"
    MARKETING = "marketing"
    RESEARCH = "research"
    COMPLY_WITH_LAW = "comply-with-law"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What belongs to a purpose."""

    words: Message
    categories: Category
    bases: frozenset[BasisKind]
    version: int
    """Of the notice; a new version needs new grants."""
    retention_days: int
    """How long data is kept for this purpose after its basis ended."""
    grant_days_max: int
    """The longest period of a grant; 0 where there are no grants."""
    legal_lines: tuple[str, ...]
    vocabulary_term: str
    """The purpose in the W3C Data Privacy Vocabulary."""
    is_automated: bool = False
    names_recipient: bool = False
    """Whether each grant names who receives the data (PIPL 23)."""
    may_name_recipient: bool = False
    """Whether a grant can name somebody else who receives the data."""

    @property
    def needs_assessment(self) -> bool:
        """Whether PIPL 55 wants an impact assessment: sensitive, automated or shared."""
        return bool(self.categories & SENSITIVE) or self.is_automated or self.names_recipient


_CONSENT: Final = frozenset({BasisKind.CONSENT})

DEFINITIONS: Final[dict[Purpose, Definition]] = {
    Purpose.RUN_WALLET: Definition(
        words=lazy("running the wallet"),
        categories=Category.CONTACT | Category.NAME | Category.IDENTITY_DOCUMENT
        | Category.BANK_CARD | Category.PAYMENTS,
        bases=frozenset({BasisKind.CONTRACT}),
        version=1,
        retention_days=0,
        grant_days_max=0,
        legal_lines=("PIPL 13(2)", "GDPR 6(1)(b)", "GB-6: necessary information, online payment"),
        vocabulary_term="dpv:PaymentManagement",
    ),
    Purpose.SCORE: Definition(
        words=lazy("scoring for credit"),
        categories=Category.PAYMENTS,
        bases=_CONSENT,
        version=1,
        retention_days=761,  # 25 months: Reg B 1002.12(b)
        grant_days_max=366,
        legal_lines=("PIPL 13(1)", "PIPL 24", "PIPL 29", "GDPR 6(1)(a)", "征信业管理条例 13, 18"),
        vocabulary_term="dpv:CreditChecking",
        is_automated=True,
    ),
    **{
        purpose: Definition(
            words=words,
            categories=categories,
            bases=_CONSENT,
            version=1,
            retention_days=0,
            grant_days_max=366,
            legal_lines=("PIPL 13(1)", "PIPL 29", "GDPR 6(1)(a)", "征信业管理条例 13, 14, 18"),
            vocabulary_term="dpv:CreditChecking",
        )
        for purpose, categories, words in (
            (Purpose.SCORE_INCOME, Category.EVIDENCE, lazy("counting your verified income")),
            (Purpose.SCORE_JOB, Category.EVIDENCE, lazy("counting how long you have had your job")),
            (Purpose.SCORE_CONTACT, Category.CONTACT,
             lazy("counting since when you are reached in the same way")),
            (Purpose.SCORE_GUARANTOR, Category.EVIDENCE, lazy("counting who vouches for you")),
            (Purpose.VOUCH, Category.SCORE, lazy("vouching for somebody with your score")),
        )
    },
    Purpose.SHARE_ANSWER: Definition(
        words=lazy("giving one merchant a yes or no"),
        categories=Category.SCORE,
        bases=_CONSENT,
        version=1,
        retention_days=0,
        grant_days_max=31,
        legal_lines=("PIPL 13(1)", "PIPL 23", "PIPL 29", "GDPR 6(1)(a)"),
        vocabulary_term="dpv:ServiceProvision",
        is_automated=True,
        names_recipient=True,
        may_name_recipient=True,
    ),
    Purpose.SHARE_SCORE: Definition(
        words=lazy("telling one recipient your score"),
        categories=Category.SCORE,
        bases=_CONSENT,
        version=1,
        retention_days=0,
        grant_days_max=31,
        legal_lines=("PIPL 13(1)", "PIPL 23", "PIPL 29", "GDPR 6(1)(a)", "征信业管理条例 18, 20"),
        vocabulary_term="dpv:CreditChecking",
        is_automated=True,
        names_recipient=True,
        may_name_recipient=True,
    ),
    Purpose.SHARE_REASONS: Definition(
        words=lazy("telling one recipient your score and its reasons"),
        categories=Category.SCORE,
        bases=_CONSENT,
        version=1,
        retention_days=0,
        grant_days_max=31,
        legal_lines=("PIPL 13(1)", "PIPL 23", "PIPL 29", "GDPR 6(1)(a)", "征信业管理条例 18, 20"),
        vocabulary_term="dpv:CreditChecking",
        is_automated=True,
        names_recipient=True,
        may_name_recipient=True,
    ),
    Purpose.MARKETING: Definition(
        words=lazy("marketing"),
        categories=Category.CONTACT | Category.NAME,
        bases=_CONSENT,
        version=1,
        retention_days=0,
        grant_days_max=366,
        legal_lines=("PIPL 13(1)", "PIPL 24", "GDPR 6(1)(a)"),
        vocabulary_term="dpv:Marketing",
    ),
    Purpose.RESEARCH: Definition(
        words=lazy("research"),
        categories=Category.PAYMENTS,
        bases=_CONSENT,
        version=1,
        retention_days=0,
        grant_days_max=366,
        legal_lines=("PIPL 13(1)", "PIPL 29", "GDPR 6(1)(a)"),
        vocabulary_term="dpv:ResearchAndDevelopment",
        may_name_recipient=True,
    ),
    Purpose.COMPLY_WITH_LAW: Definition(
        words=lazy("complying with the law"),
        categories=Category.CONTACT | Category.NAME | Category.BIRTH_DATE
        | Category.IDENTITY_DOCUMENT | Category.BANK_CARD | Category.PAYMENTS | Category.SCORE,
        bases=frozenset({BasisKind.LEGAL_DUTY, BasisKind.AUTHORITY_ORDER}),
        version=1,
        retention_days=1096,  # three years: PIPL 56
        grant_days_max=0,
        legal_lines=("PIPL 13(3)", "GDPR 6(1)(c)"),
        vocabulary_term="dpv:LegalCompliance",
    ),
}  # fmt: skip
