"""What the score refuses, each before anything is stored.

ScoreError
├── TableRefused      the table cannot be read, or has nothing to learn from
│   ├── ColumnRefused   one column cannot be used: text among numbers, an infinite value, a double
│   ├── TargetLeaked    a column tells the label, or nearly
│   ├── LabelTooEarly   an outcome was known before what is to predict it
│   └── OneClassOnly    the label says the same of everybody
├── FitRefused        nothing is left to fit, or it does not converge
├── ModelRefused      a model file is not what was signed, or not a model
├── ModelNotFound     no model of that name, version or role is registered
├── TooLittleKnown    there are too few payments to say anything about somebody
├── EvidenceRefused  what is shown for a score cannot be what it says, or nobody has agreed to it
├── ScoringUnarranged the operator has certified nobody for what is asked
├── NotScored         there is no score of somebody's, or none that may be read
├── ThresholdRefused  a merchant asks about a threshold that it has not contracted
├── AnswerTaken       a transaction id has been used for another question
├── AnswerOver        a transaction id has been used, too long ago to be answered again
└── ExtraMissing      a library that only an optional extra installs is needed
"""

from counterfoil.kernel.errors import CounterfoilError


class ScoreError(CounterfoilError):
    """Something the score refuses."""

    code = "score.error"


class TableRefused(ScoreError):
    """A table from which nothing can be learned."""

    code = "score.table-refused"


class ColumnRefused(TableRefused):
    """A column that cannot be used as it is."""

    code = "score.column-refused"


class TargetLeaked(TableRefused):
    """A column that tells the label: it was written after what is to be predicted."""

    code = "score.target-leaked"


class LabelTooEarly(TableRefused):
    """An outcome that was known before what is to predict it."""

    code = "score.label-too-early"


class OneClassOnly(TableRefused):
    """A label that says the same of everybody."""

    code = "score.one-class-only"


class FitRefused(ScoreError):
    """No scorecard came of it."""

    code = "score.fit-refused"


class ModelRefused(ScoreError):
    """A file that is no model, or not the one that was signed."""

    code = "score.model-refused"


class ModelNotFound(ScoreError):
    """A model that nobody has registered, or a role that none has."""

    code = "score.model-not-found"


class TooLittleKnown(ScoreError):
    """Somebody of whom too little is known to say anything."""

    code = "score.too-little-known"


class EvidenceRefused(ScoreError):
    """Something to be shown for a score that cannot be what it says."""

    code = "score.evidence-refused"


class ScoringUnarranged(ScoreError):
    """Something that the operator has certified nobody for."""

    code = "score.unarranged"


class NotScored(ScoreError):
    """A score that there is not, or that may not be made."""

    code = "score.not-scored"


class ThresholdRefused(ScoreError):
    """A threshold that a merchant has not contracted."""

    code = "score.threshold-refused"


class AnswerTaken(ScoreError):
    """A transaction id under which something else was asked."""

    code = "score.answer-taken"


class AnswerOver(ScoreError):
    """A transaction id whose answer is no longer given."""

    code = "score.answer-over"


class ExtraMissing(ScoreError):
    """A library that only an optional extra installs is needed."""

    code = "score.extra-missing"
