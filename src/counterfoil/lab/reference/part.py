"""A month of some residents: one method a step."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from counterfoil.lab.compiled import Ints, Longs
from counterfoil.lab.population.model import GROUPS_MAX, Population
from counterfoil.lab.randomness import Stream
from counterfoil.lab.reference.chance import draw, draw_quarter
from counterfoil.lab.reference.ties import Mask, Sums, Ties
from counterfoil.lab.rules import LISTED_STATUS, OWN_MAX, STATUS_COUNT, At, Rules
from counterfoil.lab.state import State, part_of
from counterfoil.lab.tally import GRADES, Count, Flag, Past
from counterfoil.policy.words import EVENT_COUNT, Event

CERTAIN: Final = 1 << 32


class Part:
    """Some neighboring residents, moved through a month by NumPy on arrays that a cache holds.

    `now` has their rows of the state; `everyone` the whole one, of which others' events and last
    month's words are read.
    """

    def __init__(
        self, residents: slice, rules: Rules, population: Population, everyone: State, ties: Ties
    ) -> None:
        self._rules, self._everyone, self._ties = rules, everyone, ties
        self._residents, self._first = residents, residents.start
        # Plain numbers take on the width of the array they meet.
        self._at = rules.scalars.tolist()
        self._class = population.residents.class_of[residents]
        self._group = population.residents.group_of[residents]
        self.now = part_of(everyone, residents)

    def draw_quarter(self, quarter: int) -> None:
        """Draw these residents' events of four months."""
        draw_quarter(self._rules, self._first, self._class, quarter, self.now.events)

    def move(self, month: int) -> Longs:
        """Move these residents through one month and give their part of its row of counts."""
        now, counts = self.now, np.zeros(Count.SIZE, dtype=np.int64)
        main, twin = self._ties.sums(month, self._residents, self._everyone, now)
        scored = (now.flags & Flag.ENROLLED) != 0
        counts[Count.TIES] += int(main.count.sum(dtype=np.int64))
        counts[Count.TWIN_TIES] += int(twin.count.sum(dtype=np.int64))
        counts[Count.ISOLATED] += np.count_nonzero((main.count == 0) & (now.degree > 0))
        counts[Count.UNSCORED] += len(scored) - np.count_nonzero(scored)
        points, twin_points, righted = self._book(month, scored, main, twin, counts)
        own = self._moved(now.own, points)
        twin_own = self._moved(now.twin_own, twin_points)
        # A correction makes the record what it would have been, fading included.
        own[righted] = twin_own[righted]
        np.copyto(now.own, own, where=scored, casting="unsafe")
        np.copyto(now.twin_own, twin_own, where=scored, casting="unsafe")
        counts[Count.OWN_SUM] += int(own.sum(where=scored, dtype=np.int64))
        was = now.seen.view(np.int32)
        score, listed = self._score(own, main, was & 1, falsely=True)
        twin_score, twin_listed = self._score(twin_own, twin, was >> 16 & 1, falsely=False)
        self._count_listed(month, scored, own, listed, twin_listed, counts)
        if self._at[At.SILENCE]:
            silent = self._hush(month, Flag.SILENT, scored, listed | main.heard, points)
            self._hush(month, Flag.TWIN_SILENT, scored, twin_listed | twin.heard, twin_points)
            counts[Count.SILENT] += np.count_nonzero(silent)
        fresh = (twin_score << 1 | twin_listed) << 16 | score << 1 | listed
        np.copyto(now.fresh, now.seen)
        np.copyto(now.fresh.view(np.int32), fresh, where=scored)
        self._count_month(scored, counts)
        return counts

    def _book(
        self, month: int, scored: Mask, main: Sums, twin: Sums, counts: Longs
    ) -> tuple[Ints, Ints, Longs]:
        """Book everyone's month: points in both worlds, and whose record was set right.

        Most months hold no event, so those that do are looked at alone.
        """
        rules, now, clean = self._rules, self.now, self._at[At.CLEAN_MONTH]
        who = np.flatnonzero(scored & (now.events[:, month & 3] != 0))
        k, flags = now.events[who, month & 3], now.flags[who]
        gain = rules.points[k]
        lists = rules.lists[k] != 0
        spared = ((flags & Flag.EXEMPT) != 0) & ((gain < 0) | lists)
        counts[Count.EXEMPTED] += np.count_nonzero(spared)
        gain[spared], lists[spared] = 0, False
        now.flags[who[(rules.fault[k] != 0) & ~spared]] |= np.uint8(Flag.AT_FAULT)
        twin_gain = gain.copy()
        hushed = (k == Event.CRITICAL_POST) & ((flags & Flag.SILENT) != 0)
        counts[Count.SPEECH_GIVEN_UP] += np.count_nonzero(hushed)
        gain[hushed] = clean
        twin_gain[(k == Event.CRITICAL_POST) & ((flags & Flag.TWIN_SILENT) != 0)] = clean
        wrong = k == Event.RECORD_ERROR
        counts[Count.WRONG_RECORDS] += np.count_nonzero(wrong)
        fresh = wrong & ((flags & Flag.WRONG) == 0)
        gain[wrong], twin_gain[wrong], lists[wrong] = clean, clean, False
        gain[fresh] = self._at[At.ERROR_POINTS]
        points = np.full(len(scored), clean, dtype=np.int32)
        twin_points = points.copy()
        points[who], twin_points[who] = gain, twin_gain
        by_event, by_error = np.zeros(len(scored), dtype=bool), np.zeros(len(scored), dtype=bool)
        by_event[who], by_error[who] = lists, fresh
        asking = who[k == Event.LOAN_REQUEST]
        self._lend(month, asking, main, twin, points, counts, 0)
        self._lend(month, asking, main, twin, twin_points, counts, 1)
        self._merge(month, scored, points, by_error, counts)
        return points, twin_points, self._stand(month, scored, by_event, by_error, counts)

    def _merge(self, month: int, scored: Mask, points: Ints, by_error: Mask, counts: Longs) -> None:
        """Book a namesake's events to those whose records are confused."""
        rules, now = self._rules, self.now
        who = np.flatnonzero(scored & ((now.flags & Flag.MERGED) != 0))
        if not len(who):
            return
        other = self._everyone.events[now.namesake[who], month & 3].astype(np.int64)
        counted = (rules.points[other] != 0) | (rules.lists[other] != 0)
        counted &= (other != 0) & (other != Event.RECORD_ERROR) & (other != Event.LOAN_REQUEST)
        who, other = who[counted], other[counted]
        counts[Count.WRONG_RECORDS] += len(who)
        points[who] += rules.points[other]
        by_error[who] |= rules.lists[other] != 0

    def _lend(
        self,
        month: int,
        who: Longs,
        main: Sums,
        twin: Sums,
        points: Ints,
        counts: Longs,
        world: int,
    ) -> None:
        """Decide the month's requests for loans in one world and book what follows."""
        rules, now, scalars = self._rules, self.now, self._rules.scalars
        if not len(who):
            return
        half = now.seen[who].astype(np.int64) >> (16 * world) & 0xFFFF
        score = half >> 1
        status = self._grades(score) + LISTED_STATUS * (half & 1)
        alone = (rules.loan_denied[status] == 0) & (score >= scalars[At.OWN_MINIMUM])
        granted = alone & self._friends_pass(who, world, twin if world else main)
        drawn = draw(scalars, who + self._first, 0, month, Stream.REPAYMENT)
        repays = drawn < rules.repay[self._class[who]]
        gain = np.where(repays, scalars[At.REPAID_POINTS], scalars[At.DEFAULT_POINTS])
        gain = np.where(granted, gain, 0)
        points[who] += gain
        if world == 0:
            counts[Count.LOANS_ASKED] += len(who)
            counts[Count.LOANS_GRANTED] += int(granted.sum())
            counts[Count.LOANS_REPAID] += int((granted & repays).sum())
            counts[Count.REFUSED_RELIABLE] += int((~granted & repays).sum())
            counts[Count.REFUSED_FOR_FRIENDS] += int((~granted & alone).sum())
            now.flags[who[gain < 0]] |= np.uint8(Flag.AT_FAULT)

    def _friends_pass(self, who: Longs, world: int, sums: Sums) -> Mask:
        scalars = self._rules.scalars
        if scalars[At.CONTACTS_MINIMUM] < 0:
            return np.ones(len(who), dtype=bool)
        total, count = sums.total[who].astype(np.int64), sums.count[who].astype(np.int64)
        if scalars[At.AUTHORIZED] < CERTAIN:
            total, count = self._ties.authorized(who + self._first, world, self._everyone)
        mean = total // np.maximum(count, 1)
        return np.asarray((count == 0) | (mean >= scalars[At.CONTACTS_MINIMUM]))

    def _moved(self, own: NDArray[np.int16], points: Ints) -> Ints:
        moved = own + points
        if self._at[At.FORGET]:
            moved += (self.now.start - moved) * self._at[At.FORGET] >> 10
        return np.clip(moved, 0, OWN_MAX, out=moved)

    def _stand(
        self, month: int, scored: Mask, by_event: Mask, by_error: Mask, counts: Longs
    ) -> Longs:
        """Take people off the list who are corrected or released, then put new ones on.

        Gives whose record was set right.
        """
        right = np.zeros(0, dtype=np.int64)
        now, scalars = self.now, self._rules.scalars
        wrong = np.flatnonzero(scored & ((now.flags & Flag.WRONG) != 0))
        if len(wrong) and scalars[At.CORRECTION] > 0:
            drawn = draw(scalars, wrong + self._first, 0, month, Stream.CORRECTION)
            right = wrong[drawn < scalars[At.CORRECTION]]
            now.flags[right] &= np.uint8(~Flag.WRONG & 0xFF)
            now.past[right] |= np.uint8(Past.CORRECTED)
            counts[Count.CORRECTED] += len(right)
            counts[Count.CORRECTED_MONTHS] += int((month - now.false_since[right]).sum())
        held = np.flatnonzero(scored & ((now.flags & Flag.EVENT_LISTED) != 0))
        if len(held) and scalars[At.RELEASE] > 0:
            drawn = draw(scalars, held + self._first, 0, month, Stream.RELEASE)
            now.flags[held[drawn < scalars[At.RELEASE]]] &= np.uint8(~Flag.EVENT_LISTED & 0xFF)
        now.flags[by_event] |= np.uint8(Flag.EVENT_LISTED)
        fresh = by_error & ((now.flags & Flag.WRONG) == 0)
        now.flags[fresh] |= np.uint8(Flag.WRONG)
        now.past[fresh] |= np.uint8(Past.WRONGED)
        now.false_since[fresh] = month
        counts[Count.FALSE_ENTRIES] += int(fresh.sum())
        return right

    def _score(self, own: Ints, sums: Sums, was: Ints, *, falsely: bool) -> tuple[Ints, Mask]:
        number, now = self._at, self.now
        # A quotient of numbers this small never rounds up to a whole one, and floats are quicker.
        mean = np.divide(sums.total, np.maximum(sums.count, 1), dtype=np.float32).astype(np.int32)
        np.copyto(mean, own, where=sums.count == 0)
        mean *= number[At.CONTACTS_WEIGHT]
        score = number[At.OWN_WEIGHT] * own
        score += mean
        score //= 10_000
        some = np.flatnonzero(now.degree != sums.count)
        degree = now.degree[some].astype(np.int32)
        score[some] -= number[At.LOST_PENALTY] * (degree - sums.count[some]) // degree
        np.clip(score, number[At.FLOOR], number[At.CEILING], out=score)
        below, until = number[At.LIST_BELOW], number[At.LIST_UNTIL]
        falsely &= bool(number[At.ERROR_LISTS])
        mask = Flag.EVENT_LISTED | Flag.WRONG if falsely else Flag.EVENT_LISTED
        return score, ((now.flags & mask) != 0) | (score < below + was * (until - below))

    def _count_listed(
        self, month: int, scored: Mask, own: Ints, listed: Mask, twin_listed: Mask, counts: Longs
    ) -> None:
        now = self.now
        was = (now.seen & np.uint32(1)) != 0
        left = np.flatnonzero(scored & was & ~listed)
        counts[Count.LEFT] += len(left)
        counts[Count.LEFT_MONTHS] += int((month - now.since[left]).sum())
        on = np.flatnonzero(scored & listed)
        falsely = (now.flags[on] & Flag.WRONG) != 0
        event = ~falsely & ((now.flags[on] & Flag.EVENT_LISTED) != 0)
        low = ~falsely & ~event & (own[on] < self._rules.scalars[At.LIST_BELOW])
        counts[Count.LISTED_FALSELY] += int(falsely.sum())
        counts[Count.LISTED_FOR_EVENT] += int(event.sum())
        counts[Count.LISTED_FOR_OWN_SCORE] += int(low.sum())
        counts[Count.LISTED_FOR_CONTACTS] += int((~falsely & ~event & ~low).sum())
        entered = on[~was[on]]
        counts[Count.ENTERED] += len(entered)
        now.since[entered] = month
        counts[Count.FIRST_LISTED] += int(((now.past[on] & Past.LISTED) == 0).sum())
        now.past[on] |= np.uint8(Past.LISTED)
        blameless = on[(now.flags[on] & Flag.AT_FAULT) == 0]
        now.past[blameless] |= np.uint8(Past.LISTED_BLAMELESS)
        twins = np.flatnonzero(scored & twin_listed)
        first = twins[(now.past[twins] & Past.TWIN_LISTED) == 0]
        counts[Count.TWIN_FIRST_LISTED] += len(first)
        now.past[first] |= np.uint8(Past.TWIN_LISTED)

    def _hush(
        self, month: int, flag: Flag, scored: Mask, listed_around: Mask, points: Ints
    ) -> Mask:
        """Silence, in one world, whoever is listed, saw a contact listed, or paid for a post."""
        now = self.now
        punished = (now.events[:, month & 3] == Event.CRITICAL_POST) & (points < 0)
        silent: Mask = scored & (listed_around | punished)
        now.flags[scored] &= np.uint8(~flag & 0xFF)
        now.flags[silent] |= np.uint8(flag)
        return silent

    def _grades(self, score: Ints) -> Ints:
        grade = np.zeros(len(score), dtype=np.int32)
        for start in self._rules.grade_starts[1:].tolist():
            grade += score >= start
        return grade

    def _count_month(self, scored: Mask, counts: Longs) -> None:
        rules, now = self._rules, self.now
        fresh, before = now.fresh.view(np.int32), now.seen.view(np.int32)
        score, twin_score = fresh >> 1 & 0x7FFF, fresh >> 17 & 0x7FFF
        status = self._grades(score) + LISTED_STATUS * (fresh & 1)
        twin_status = self._grades(twin_score) + LISTED_STATUS * (fresh >> 16 & 1)
        # One count of who is alike in all of it stands for three, and for the scores' sums.
        alike = (self._group * GRADES + self._grades(before >> 1 & 0x7FFF)) * STATUS_COUNT + status
        alike = alike * STATUS_COUNT + twin_status
        if not scored.all():
            alike, score, twin_score = alike[scored], score[scored], twin_score[scored]
        shape = (GROUPS_MAX, GRADES, STATUS_COUNT, STATUS_COUNT)
        found = np.bincount(alike, minlength=math.prod(shape)).reshape(shape)
        counts[Count.STATUS : Count.TWIN_STATUS] += found.sum(axis=(1, 3)).ravel()
        counts[Count.TWIN_STATUS : Count.FLOW] += found.sum(axis=(0, 1, 2))
        flow = found.sum(axis=(0, 3)).reshape(GRADES, -1, LISTED_STATUS).sum(axis=1)
        counts[Count.FLOW : Count.SCORE_SUM] += flow[:, :GRADES].ravel()
        # Sums of floats that stay whole numbers: exact.
        scores = np.bincount(self._group[scored], weights=score).astype(np.int64)
        counts[Count.SCORE_SUM : Count.SCORE_SUM + len(scores)] += scores
        counts[Count.TWIN_SCORE_SUM] += int(twin_score.sum(dtype=np.int64))
        self._deny(np.flatnonzero(scored & (rules.closed > 0).take(status)), status, counts)

    def _deny(self, who: Longs, status: Ints, counts: Longs) -> None:
        """Note what is closed and denied to those to whom anything is."""
        rules, now = self._rules, self.now
        now.closed[who] += rules.closed[status[who]]
        who = who[rules.denied[status[who]] > 0]
        now.denied[who] += np.uint16(1)
        blameless = who[(now.flags[who] & Flag.AT_FAULT) == 0]
        now.past[blameless] |= np.uint8(Past.DENIED_BLAMELESS)
        counts[Count.DENIED] += len(who)
        counts[Count.DENIED_BLAMELESS] += len(blameless)


assert EVENT_COUNT <= 1 << 8
