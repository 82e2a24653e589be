"""The same month in NumPy: the oracle that the compiled engines are held to.

Read this one to learn what a month is. Everything happens to everyone at once, from last
month's words:

1. ties with a listed end are judged, and die in the world where they were at risk;
2. each resident sums the scores of the contacts left, in both worlds;
3. events, loans and errors bring points; the own record fades towards its start;
4. corrections set records right and releases end terms; events and errors put people on;
5. the score is weighed from the own record and the contacts' mean; low scores are listed;
6. the month is counted.

Ties are kept as places in a table of four stretches, one for each of "alive in both worlds",
"dead in the main world", "dead in the twin" and "dead in both": the dead ones hold zeros, so a
gather needs no mask. A table entry packs score and listing of both worlds into 64 bits wide
enough that the sum over 255 contacts cannot overflow a field.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from counterfoil.lab.compiled import Bytes, Longs
from counterfoil.lab.population.model import Population
from counterfoil.lab.randomness import Stream, key_of, philox_arrays
from counterfoil.lab.rules import LISTED_STATUS, OWN_MAX, STATUS_COUNT, At, Rules
from counterfoil.lab.state import State
from counterfoil.lab.tally import GRADES, Count, Flag, Past
from counterfoil.policy.words import EVENT_COUNT, Event, Layer

LISTED_BIT: Final = 23
FIELD: Final = (1 << LISTED_BIT) - 1
LISTED_FIELD: Final = 0xFF
TWIN: Final = 32
CERTAIN: Final = 1 << 32

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Contacts of everyone in one world: total score, how many, and whether one was listed."""

    total: Longs
    count: Longs
    heard: Mask


class Reference:
    """The NumPy engine."""

    def __init__(self, population: Population, rules: Rules, state: State) -> None:
        self._rules, self.now = rules, state
        self._people = population.people
        self._offsets = population.offsets
        self._class = population.residents.class_of.astype(np.int64)
        self._group = population.residents.group_of.astype(np.int64)
        self._rows_used = np.flatnonzero(np.diff(population.offsets) > 0)
        self._starts = population.offsets[self._rows_used]
        self._layer, self._target = self._unpack(state)

    def _unpack(self, state: State) -> tuple[Bytes, Longs]:
        """Lay the (possibly packed) rows of a state out as places in the table."""
        layer = (state.ties >> np.uint32(2) & np.uint32(3)).astype(np.uint8)
        world = (state.ties & np.uint32(3)).astype(np.int64)
        used = np.repeat(state.kept.astype(np.int64), np.diff(self._offsets))
        place = np.arange(len(layer)) - np.repeat(self._offsets[:-1], np.diff(self._offsets))
        world[place >= used] = 3
        return layer, (state.ties >> np.uint32(4)).astype(np.int64) + world * self._people

    def state(self) -> State:
        """Give the state after the last month moved, its rows packed as others pack them."""
        world, other = np.divmod(self._target, self._people)
        row = np.repeat(np.arange(self._people), np.diff(self._offsets))
        keep = world < 3
        kept = np.bincount(row[keep], minlength=self._people)
        place = np.cumsum(keep) - 1 - np.repeat(np.cumsum(kept) - kept, np.diff(self._offsets))
        packed = np.zeros_like(self.now.ties)
        entry = other << 4 | self._layer.astype(np.int64) << 2 | world
        packed[(self._offsets[row] + place)[keep]] = entry[keep].astype(np.uint32)
        self.now.kept = kept.astype(np.uint8)
        self.now.ties = packed
        return self.now

    def move(self, month: int, counts: Longs) -> None:
        """Move everyone through one month and add its row to `counts`."""
        now = self.now
        if month % 4 == 0:
            self._draw_quarter(month // 4)
        main, twin = self._contacts(month)
        scored = (now.flags & Flag.ENROLLED) != 0
        counts[Count.TIES] += int(main.count.sum())
        counts[Count.TWIN_TIES] += int(twin.count.sum())
        counts[Count.ISOLATED] += int(((main.count == 0) & (now.degree > 0)).sum())
        counts[Count.UNSCORED] += int((~scored).sum())
        points, twin_points, righted = self._book(month, scored, main, twin, counts)
        own = self._moved(now.own, points)
        twin_own = self._moved(now.twin_own, twin_points)
        # A correction makes the record what it would have been, fading included.
        own[righted] = twin_own[righted]
        np.copyto(now.own, own, where=scored, casting="unsafe")
        np.copyto(now.twin_own, twin_own, where=scored, casting="unsafe")
        counts[Count.OWN_SUM] += int(own[scored].sum())
        score, listed = self._score(own, main, now.seen & np.uint32(1), now.alive, falsely=True)
        twin_was = now.seen >> np.uint32(16) & np.uint32(1)
        twin_score, twin_listed = self._score(
            twin_own, twin, twin_was, now.twin_alive, falsely=False
        )
        self._count_listed(month, scored, own, listed, twin_listed, counts)
        self._hush(month, scored, listed, main.heard, points, counts)
        fresh = score << 1 | listed | twin_score << 17 | twin_listed.astype(np.int64) << 16
        now.fresh[:] = np.where(scored, fresh, now.seen).astype(np.uint32)
        self._count_month(scored, counts)
        now.seen, now.fresh = now.fresh, now.seen

    def _word(self, who: Any, other: Any, month: int, stream: Stream) -> Longs:
        scalars = self._rules.scalars
        zero = np.zeros(len(who), dtype=np.uint64)
        words = philox_arrays(
            who.astype(np.uint64),
            zero + np.asarray(other).astype(np.uint64),
            zero + np.uint64(month),
            zero + np.uint64(stream),
            *key_of(int(scalars[At.K0]) | int(scalars[At.K1]) << 32),
        )
        return np.asarray(words[0]).astype(np.int64)

    def _draw_quarter(self, quarter: int) -> None:
        who = np.arange(self._people, dtype=np.uint64)
        zero = np.zeros(self._people, dtype=np.uint64)
        scalars = self._rules.scalars
        blocks = philox_arrays(
            who,
            zero,
            zero + np.uint64(quarter),
            zero + np.uint64(Stream.EVENT),
            *key_of(int(scalars[At.K0]) | int(scalars[At.K1]) << 32),
        )
        last = self._rules.steps[:, -1][self._class]
        for column, block in enumerate(blocks):
            word = block.astype(np.int64)
            found = np.zeros(self._people, dtype=np.uint8)
            some = np.flatnonzero(word < last)
            steps = self._rules.steps[self._class[some]]
            found[some] = (word[some][:, None] >= steps).sum(axis=1)
            self.now.events[:, column] = found

    def _contacts(self, month: int) -> tuple[Sums, Sums]:
        now = self.now
        seen = now.seen.astype(np.uint64)
        main = (seen >> np.uint64(1) & np.uint64(0x7FFF)) | (seen & np.uint64(1)) << np.uint64(
            LISTED_BIT
        )
        twin = (seen >> np.uint64(17)) | (seen >> np.uint64(16) & np.uint64(1)) << np.uint64(
            LISTED_BIT
        )
        twin <<= np.uint64(TWIN)
        table = np.concatenate([main | twin, twin, main, np.zeros_like(main)])
        gathered = np.take(table, self._target)
        sums = np.zeros(self._people, dtype=np.uint64)
        if len(gathered):
            sums[self._rows_used] = np.add.reduceat(gathered, self._starts)
        heard = self._listed_of(sums, 0)
        either = heard | self._listed_of(sums, TWIN) | (now.seen & np.uint32(0x10001) != 0)
        at_risk = np.flatnonzero(either & (now.degree > 0))
        if len(at_risk):
            self._judge(at_risk, month, table, sums)
        return (
            Sums(self._total_of(sums, 0), now.alive.astype(np.int64), heard),
            Sums(self._total_of(sums, TWIN), now.twin_alive.astype(np.int64), heard),
        )

    def _listed_of(self, sums: NDArray[np.uint64], world: int) -> Mask:
        return np.asarray((sums >> np.uint64(LISTED_BIT + world) & np.uint64(LISTED_FIELD)) != 0)

    def _total_of(self, sums: NDArray[np.uint64], world: int) -> Longs:
        return (sums >> np.uint64(world) & np.uint64(FIELD)).astype(np.int64)

    def _judge(
        self, rows: Longs, month: int, table: NDArray[np.uint64], sums: NDArray[np.uint64]
    ) -> None:
        """Judge the ties of some rows, and sum those rows again."""
        now, people = self.now, self._people
        degree = now.degree[rows].astype(np.int64)
        ends = np.cumsum(degree)
        places = np.arange(ends[-1]) + np.repeat(self._offsets[rows] - (ends - degree), degree)
        row = np.repeat(rows, degree)
        world, other = np.divmod(self._target[places], people)
        listed = now.seen[row] | now.seen[other]
        risk = ((world & 1) == 0) & ((listed & np.uint32(1)) != 0)
        twin_risk = (world < 2) & ((listed >> np.uint32(16) & np.uint32(1)) != 0)
        rates = self._rules.scalars[At.DROP : At.DROP + len(Layer)][self._layer[places]]
        some = np.flatnonzero((risk | twin_risk) & (rates > 0))
        low = np.minimum(row[some], other[some])
        high = np.maximum(row[some], other[some])
        dies = self._word(low, high, month, Stream.TIE) < rates[some]
        some = some[dies]
        world[some] |= risk[some].astype(np.int64) | twin_risk[some].astype(np.int64) << 1
        self._target[places] = world * people + other
        first = ends - degree
        sums[rows] = np.add.reduceat(np.take(table, self._target[places]), first)
        now.alive[rows] = np.add.reduceat(((world & 1) == 0).astype(np.int64), first)
        now.twin_alive[rows] = np.add.reduceat((world < 2).astype(np.int64), first)

    def _book(
        self, month: int, scored: Mask, main: Sums, twin: Sums, counts: Longs
    ) -> tuple[Longs, Longs, Longs]:
        """Book everyone's month: points in both worlds, and whose record was set right."""
        rules, now = self._rules, self.now
        k = np.where(scored, now.events[:, month & 3], 0).astype(np.int64)
        clean = rules.scalars[At.CLEAN_MONTH]
        table = rules.points.copy()
        table[Event.NOTHING] = clean
        points = table[k]
        by_event = rules.lists[k] != 0
        spared = ((now.flags & Flag.EXEMPT) != 0) & (k != 0) & ((points < 0) | by_event)
        counts[Count.EXEMPTED] += int(spared.sum())
        points[spared], by_event[spared] = 0, False
        now.flags[(rules.fault[k] != 0) & ~spared] |= np.uint8(Flag.AT_FAULT)
        twin_points = points.copy()
        hushed = (k == Event.CRITICAL_POST) & ((now.flags & Flag.SILENT) != 0)
        counts[Count.SPEECH_GIVEN_UP] += int(hushed.sum())
        points[hushed] = clean
        wrong = k == Event.RECORD_ERROR
        counts[Count.WRONG_RECORDS] += int(wrong.sum())
        held = (now.flags & Flag.WRONG) != 0
        points[wrong] = np.where(held[wrong], clean, rules.scalars[At.ERROR_POINTS])
        twin_points[wrong] = clean
        by_event[wrong] = False
        by_error = wrong & ~held
        self._lend(month, np.flatnonzero(k == Event.LOAN_REQUEST), main, twin, points, counts, 0)
        self._lend(
            month, np.flatnonzero(k == Event.LOAN_REQUEST), main, twin, twin_points, counts, 1
        )
        self._merge(month, scored, points, by_error, counts)
        return points, twin_points, self._stand(month, scored, by_event, by_error, counts)

    def _merge(
        self, month: int, scored: Mask, points: Longs, by_error: Mask, counts: Longs
    ) -> None:
        """Book a namesake's events to those whose records are confused."""
        rules, now = self._rules, self.now
        who = np.flatnonzero(scored & ((now.flags & Flag.MERGED) != 0))
        if not len(who):
            return
        other = now.events[now.namesake[who], month & 3].astype(np.int64)
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
        points: Longs,
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
        draw = self._word(who, 0, month, Stream.REPAYMENT)
        repays = draw < rules.repay[self._class[who]]
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
        scalars, now = self._rules.scalars, self.now
        if scalars[At.CONTACTS_MINIMUM] < 0:
            return np.ones(len(who), dtype=bool)
        total, count = sums.total[who], sums.count[who]
        if scalars[At.AUTHORIZED] < CERTAIN:
            degree = now.degree[who].astype(np.int64)
            ends = np.cumsum(degree)
            first = np.repeat(self._offsets[who] - (ends - degree), degree)
            places = np.arange(ends[-1]) + first
            row, index = np.repeat(who, degree), np.repeat(np.arange(len(who)), degree)
            dead, other = np.divmod(self._target[places], self._people)
            low, high = np.minimum(row, other), np.maximum(row, other)
            counted = self._word(low, high, 0, Stream.AUTHORIZED) < scalars[At.AUTHORIZED]
            counted &= (dead >> world & 1) == 0
            score = now.seen[other].astype(np.int64) >> (1 + 16 * world) & 0x7FFF
            count = np.bincount(index[counted], minlength=len(who))
            total = np.bincount(index[counted], weights=score[counted], minlength=len(who))
            total = total.astype(np.int64)
        mean = total // np.maximum(count, 1)
        return np.asarray((count == 0) | (mean >= scalars[At.CONTACTS_MINIMUM]))

    def _moved(self, own: NDArray[np.int16], points: Longs) -> Longs:
        moved = own.astype(np.int64) + points
        moved += (self.now.start - moved) * self._rules.scalars[At.FORGET] >> 10
        return np.asarray(np.clip(moved, 0, OWN_MAX))

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
            draw = self._word(wrong, 0, month, Stream.CORRECTION)
            right = wrong[draw < scalars[At.CORRECTION]]
            now.flags[right] &= np.uint8(~Flag.WRONG & 0xFF)
            now.past[right] |= np.uint8(Past.CORRECTED)
            counts[Count.CORRECTED] += len(right)
            counts[Count.CORRECTED_MONTHS] += int((month - now.false_since[right]).sum())
        held = np.flatnonzero(scored & ((now.flags & Flag.EVENT_LISTED) != 0))
        if len(held) and scalars[At.RELEASE] > 0:
            draw = self._word(held, 0, month, Stream.RELEASE)
            now.flags[held[draw < scalars[At.RELEASE]]] &= np.uint8(~Flag.EVENT_LISTED & 0xFF)
        now.flags[by_event] |= np.uint8(Flag.EVENT_LISTED)
        fresh = by_error & ((now.flags & Flag.WRONG) == 0)
        now.flags[fresh] |= np.uint8(Flag.WRONG)
        now.past[fresh] |= np.uint8(Past.WRONGED)
        now.false_since[fresh] = month
        counts[Count.FALSE_ENTRIES] += int(fresh.sum())
        return right

    def _score(
        self, own: Longs, sums: Sums, was: Any, alive: Bytes, *, falsely: bool
    ) -> tuple[Longs, Mask]:
        scalars, now = self._rules.scalars, self.now
        mean = np.where(sums.count > 0, sums.total // np.maximum(sums.count, 1), own)
        score = scalars[At.OWN_WEIGHT] * own + scalars[At.CONTACTS_WEIGHT] * mean
        score //= 10_000
        lost = (now.degree - alive).astype(np.int64)
        some = np.flatnonzero(lost)
        score[some] -= scalars[At.LOST_PENALTY] * lost[some] // now.degree[some]
        np.clip(score, scalars[At.FLOOR], scalars[At.CEILING], out=score)
        limit = np.where(was != 0, scalars[At.LIST_UNTIL], scalars[At.LIST_BELOW])
        falsely &= bool(scalars[At.ERROR_LISTS])
        mask = Flag.EVENT_LISTED | Flag.WRONG if falsely else Flag.EVENT_LISTED
        return score, ((now.flags & mask) != 0) | (score < limit)

    def _count_listed(
        self, month: int, scored: Mask, own: Longs, listed: Mask, twin_listed: Mask, counts: Longs
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
        self, month: int, scored: Mask, listed: Mask, heard: Mask, points: Longs, counts: Longs
    ) -> None:
        """Silence, this month, whoever is listed, saw a contact listed, or paid for a post."""
        now = self.now
        if not self._rules.scalars[At.SILENCE]:
            return
        punished = (now.events[:, month & 3] == Event.CRITICAL_POST) & (points < 0)
        silent = scored & (listed | heard | punished)
        quiet = scored & ~silent
        now.flags[silent] |= np.uint8(Flag.SILENT)
        now.flags[quiet] &= np.uint8(~Flag.SILENT & 0xFF)
        counts[Count.SILENT] += int(silent.sum())

    def _grades(self, score: Longs) -> Longs:
        return np.searchsorted(self._rules.grade_starts[1:], score, side="right")

    def _count_month(self, scored: Mask, counts: Longs) -> None:
        rules, now = self._rules, self.now
        who = np.flatnonzero(scored) if not scored.all() else slice(None)
        fresh, before = now.fresh[who].astype(np.int64), now.seen[who].astype(np.int64)
        group = self._group[who]
        score, twin_score = fresh >> 1 & 0x7FFF, fresh >> 17
        grade = self._grades(score)
        status = grade + LISTED_STATUS * (fresh & 1)
        flow = self._grades(before >> 1 & 0x7FFF) * GRADES + grade
        twin_status = self._grades(twin_score) + LISTED_STATUS * (fresh >> 16 & 1)
        self._histogram(counts, Count.STATUS, group * STATUS_COUNT + status)
        self._histogram(counts, Count.FLOW, flow)
        self._histogram(counts, Count.TWIN_STATUS, twin_status)
        for number in range(int(group.max(initial=0)) + 1):
            counts[Count.SCORE_SUM + number] += int(score[group == number].sum())
        counts[Count.TWIN_SCORE_SUM] += int(twin_score.sum())
        now.closed[who] += rules.closed[status]
        denied = rules.denied[status] > 0
        now.denied[who] += denied
        blameless = denied & ((now.flags[who] & Flag.AT_FAULT) == 0)
        counts[Count.DENIED] += int(denied.sum())
        counts[Count.DENIED_BLAMELESS] += int(blameless.sum())
        now.past[who] |= np.where(blameless, np.uint8(Past.DENIED_BLAMELESS), np.uint8(0))

    def _histogram(self, counts: Longs, place: int, values: Longs) -> None:
        found = np.bincount(values)
        counts[place : place + len(found)] += found


assert EVENT_COUNT <= 1 << 8
