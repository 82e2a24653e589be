"""The operator's calendar: which day and which month an instant belongs to.

Limits, statements and settlement count by the day of the place where the operator is, and that
place is named once, in the database (`Calendar.load`). Days are counted from the day 1 of the
proleptic Gregorian calendar, months from the year 0, so that both only grow.

A day is as long as it is: 23 hours in the night in which clocks go forward.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from counterfoil.kernel.i18n import _
from counterfoil.wallet.errors import SettingInvalid

_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days and months by one time zone.

    >>> paris = Calendar.of("Europe/Paris")
    >>> from datetime import UTC, datetime
    >>> late = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)  # half past midnight in Paris
    >>> paris.day_of(late), str(paris.next_day(late))
    (datetime.date(2026, 4, 1), '2026-04-02 00:00:00+02:00')
    """

    zone: ZoneInfo

    @classmethod
    def of(cls, name: str) -> "Calendar":
        """Make the calendar of a time zone, such as Europe/Paris.

        Raises:
            SettingInvalid: there is no such zone.

        """
        try:
            return cls(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise SettingInvalid(
                _("{name!r} is no time zone; give one such as Europe/Paris.", name=name), name=name
            ) from error

    def day_of(self, at: datetime) -> date:
        """Tell the day to which an instant belongs."""
        return at.astimezone(self.zone).date()

    def day_number(self, at: datetime) -> int:
        """Count the day to which an instant belongs."""
        return self.day_of(at).toordinal()

    def month_number(self, at: datetime) -> int:
        """Count the month to which an instant belongs."""
        day = self.day_of(at)
        return day.year * _MONTHS + day.month - 1

    def start_of(self, day: date) -> datetime:
        """Tell when a day begins."""
        return datetime.combine(day, time.min, self.zone)

    def next_day(self, at: datetime) -> datetime:
        """Tell when the day after an instant's begins."""
        return self.start_of(date.fromordinal(self.day_number(at) + 1))

    def next_month(self, at: datetime) -> datetime:
        """Tell when the month after an instant's begins."""
        year, month = divmod(self.month_number(at) + 1, _MONTHS)
        return self.start_of(date(year, month + 1, 1))
