"""Rights at work: what a person asks for is done, recorded, told to others, and answered in words.

`consent` has the register of requests with their clocks, and the restrictions and objections that
the gate honours. Here is what fulfills a request: corrections with notices to whoever received the
old value, erasure with an answer item by item, explanations, and everything that was done about a
person in their own language.
"""

from counterfoil.rights.answer import answer_text
from counterfoil.rights.correction import Correction, CorrectionState
from counterfoil.rights.corrections import Corrections
from counterfoil.rights.delivery import Delivery, FolderDelivery
from counterfoil.rights.erasure import Erasure, Erasures
from counterfoil.rights.errors import (
    CaseNotFound,
    CorrectionDecided,
    CorrectionOpen,
    DeliveryFailed,
    ErasureDeferred,
    ExportNotAsked,
    ExportUnwritten,
    FieldUnknown,
    PaymentNotTheirs,
    RightsError,
)
from counterfoil.rights.explanation import (
    Explainer,
    Explanation,
    Explanations,
    explain_access,
    explain_refusal,
    explain_restriction,
)
from counterfoil.rights.keeping import KEPT, Item, Kept
from counterfoil.rights.notice import Notice, NoticeId, NoticeKind, NoticeState
from counterfoil.rights.notices import Notices, RecipientSource
from counterfoil.rights.obstacles import Obstacle, open_money
from counterfoil.rights.phrases import Told, kinds_told, register_phrase, told
from counterfoil.rights.rights import PersonRights

__all__ = [
    "KEPT",
    "CaseNotFound",
    "Correction",
    "CorrectionDecided",
    "CorrectionOpen",
    "CorrectionState",
    "Corrections",
    "Delivery",
    "DeliveryFailed",
    "Erasure",
    "ErasureDeferred",
    "Erasures",
    "Explainer",
    "Explanation",
    "Explanations",
    "ExportNotAsked",
    "ExportUnwritten",
    "FieldUnknown",
    "FolderDelivery",
    "Item",
    "Kept",
    "Notice",
    "NoticeId",
    "NoticeKind",
    "NoticeState",
    "Notices",
    "Obstacle",
    "PaymentNotTheirs",
    "PersonRights",
    "RecipientSource",
    "RightsError",
    "Told",
    "answer_text",
    "explain_access",
    "explain_refusal",
    "explain_restriction",
    "kinds_told",
    "open_money",
    "register_phrase",
    "told",
]
