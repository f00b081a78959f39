"""The walk: from each world's question through everything that can happen to it, each state once."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from random import Random
from time import monotonic

from emplette.domain.approvals import ContentChanged, ContentHashNeeded, NobodyLeftToAsk, Verdict
from emplette.domain.dossiers import Dossier, request_of
from emplette.domain.errors import Refusal
from emplette.domain.reviewing import RequestDecided
from model.laws import Fault, Wrong, faults_of, faults_of_decision, must_be_heard, who_could_help
from model.moves import Move, State, asked, changed, decided, disturbed, replacements
from model.sameness import key_of
from model.worlds import World

ELSEWHERE = "v1:" + "0" * 64
"""The hash of something else than what is to be decided."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What went wrong, in which world, and what had happened until then."""

    world: str
    fault: Fault
    path: tuple[str, ...]

    def __str__(self) -> str:
        story = "; ".join(self.path) or "at once"
        return f"{self.fault.wrong}: {self.fault.text}. {self.world}: {story}"


@dataclass(slots=True)
class Tally:
    """What was walked through, and what was found."""

    worlds: int = 0
    refused: int = 0
    states: int = 0
    decisions: int = 0
    unstated: int = 0
    left_to_administrators: int = 0
    findings: list[Finding] = field(default_factory=list)

    def count(self, wrong: Wrong) -> int:
        """Count the findings of one kind."""
        return sum(finding.fault.wrong is wrong for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Path:
    """What has happened, the last first."""

    words: str
    before: "Path | None" = None

    def told(self) -> tuple[str, ...]:
        """Tell it from the beginning."""
        return (*(() if self.before is None else self.before.told()), self.words)


class Walk:
    """Walks worlds one after the other; what is the same in several is looked at once."""

    def __init__(self, most_findings: int = 20) -> None:
        self.tally = Tally()
        self._seen: set[Hashable] = set()
        self._most = most_findings

    @property
    def has_enough(self) -> bool:
        """Whether so much was found that more would tell nothing."""
        return len(self.tally.findings) >= self._most

    def through(self, worlds: Iterable[World], disturbances: int) -> None:
        """Walk through all of these, with so many disturbances in each."""
        for world in worlds:
            if self.has_enough:
                return
            for begun in self._begun(world, disturbances):
                self._every_state(world, begun)

    def by_dice(self, worlds: Iterable[World], disturbances: int, dice: Random, until: float) -> None:
        """Go through worlds once each, by dice at every fork, until a moment."""
        for world in worlds:
            if self.has_enough or monotonic() > until:
                return
            for begun in self._begun(world, disturbances):
                state, path, known = begun, None, 0
                while state.is_pending and known < _LONGEST:
                    moves = list(self._from(world, state, path))
                    if not moves:
                        break
                    words, state = dice.choice(moves)
                    path, known = Path(words, path), known + 1
                self._look(world, state, path)

    def _begun(self, world: World, disturbances: int) -> Iterator[State]:
        self.tally.worlds += 1
        try:
            yield asked(world, disturbances)
        except NobodyLeftToAsk:
            self.tally.refused += 1

    def _every_state(self, world: World, begun: State) -> None:
        seen = self._seen
        open_to: list[tuple[State, Path | None]] = [(begun, None)]
        while open_to:
            state, path = open_to.pop()
            key = key_of(world, state)
            if key in seen:
                continue
            seen.add(key)
            self._look(world, state, path)
            open_to += [(after, Path(words, path)) for words, after in self._from(world, state, path)]

    def _look(self, world: World, state: State, path: Path | None) -> None:
        self.tally.states += 1
        for fault in faults_of(state):
            self._found(world, fault, path)
        if not state.is_pending and state.disturbances:
            self._stays(world, state, path)

    def _from(self, world: World, state: State, path: Path | None) -> Iterator[Move]:
        """List what can happen next, having tried what must not."""
        if not state.is_pending:
            return
        heard: list[int] = []
        yield from (self._objections if state.outdated else self._decisions)(world, state, path, heard)
        for known, settled in replacements(world, state):
            if settled is not known:
                yield f"those who are gone are replaced{_above(known)}", settled
            elif not heard:
                self._waits_for_nobody(world, known, path)
        yield from disturbed(world, state)

    def _decisions(self, world: World, state: State, path: Path | None, heard: list[int]) -> Iterator[Move]:
        """Have everybody try to decide; who could is added to those heard."""
        shown = state.shown
        for person in sorted(state.chart.people):
            after = self._decision(state, shown, person)
            if after is not None:
                heard.append(person)
                yield f"user {person} approves", after
                # Where one denial denies, and nothing comes in between any more, it is the same whoever says it.
                if len(heard) == 1 or state.disturbances or not _one_denies(state):
                    yield f"user {person} denies", self._denial(world, state, shown, person, path)
                for fault in faults_of_decision(state, person):
                    self._found(world, fault, Path(f"user {person} decides", path))
            elif must_be_heard(state, person):
                self._found(world, Fault(Wrong.BROKEN, f"user {person} is asked, and not heard"), path)
        for person in heard[:1]:
            self._unshown(world, state, shown, person, path)

    def _objections(self, world: World, state: State, path: Path | None, heard: list[int]) -> Iterator[Move]:
        """Have everybody try to approve an amendment that is outdated, and to deny it, which is all that is left."""
        shown = state.shown
        for person in sorted(state.chart.people):
            if not _is_refused(state, shown, person, None, Refusal):
                text = f"user {person} approved an amendment of what has changed"
                self._found(world, Fault(Wrong.UNSHOWN, text), path)
            try:
                denied = decided(state, shown, person, Verdict.DENIED, None)
            except Refusal:
                if must_be_heard(state, person):
                    self._found(world, Fault(Wrong.BROKEN, f"user {person} is asked, and not heard"), path)
                continue
            heard.append(person)
            yield f"user {person} denies", denied

    def _decision(self, state: State, shown: Dossier, person: int) -> State | None:
        try:
            after = decided(state, shown, person, Verdict.APPROVED, state.request.content_hash)
        except Refusal:
            return None
        self.tally.decisions += 1
        return after

    def _denial(self, world: World, state: State, shown: Dossier, person: int, path: Path | None) -> State:
        """Have somebody deny without saying what was shown."""
        after = decided(state, shown, person, Verdict.DENIED, None)
        made = after.request.decisions[-1]
        self.tally.unstated += 1
        if made.stated or made.content_hash != state.request.content_hash:
            self._found(world, Fault(Wrong.UNSHOWN, "a decision claims to say what was shown"), path)
        return after

    def _unshown(self, world: World, state: State, shown: Dossier, person: int, path: Path | None) -> None:
        """Try a decision on something else, and one that does not say on what where the policy wants it."""
        if not _is_refused(state, shown, person, ELSEWHERE, ContentChanged):
            text = f"user {person} decided on what is not there"
            self._found(world, Fault(Wrong.UNSHOWN, text), path)
        strict = replace(shown, request=replace(request_of(shown), states_hash=True))
        if not _is_refused(state, strict, person, None, ContentHashNeeded):
            text = f"user {person} did not say what was shown, and the policy wants it"
            self._found(world, Fault(Wrong.UNSHOWN, text), path)

    def _waits_for_nobody(self, world: World, state: State, path: Path | None) -> None:
        helpers = who_could_help(state)
        if helpers:
            text = f"step {state.request.step} waits for nobody, and user {helpers[0]} could be asked"
            self._found(world, Fault(Wrong.STUCK, text), path)
        elif any(not state.is_there(person) for person in state.chart.people):
            self.tally.left_to_administrators += 1
        else:
            self._found(world, Fault(Wrong.STUCK, f"step {state.request.step} waits for nobody"), path)

    def _stays(self, world: World, state: State, path: Path | None) -> None:
        """Try what must not change any more what is decided."""
        person = max(state.chart.people)
        if not _is_refused(state, state.dossier, person, None, RequestDecided):
            self._found(world, Fault(Wrong.BROKEN, "what is decided is decided once more"), path)
        try:
            changed(world, state, person)
        except Refusal:
            return
        self._found(world, Fault(Wrong.UNSHOWN, "what is decided was changed"), path)

    def _found(self, world: World, fault: Fault, path: Path | None) -> None:
        self.tally.findings.append(Finding(world.name, fault, () if path is None else path.told()))


def _one_denies(state: State) -> bool:
    step = state.request.current_step
    return step is not None and step.one_denial


def _above(state: State) -> str:
    told = ", ".join(f"user {manager} leads user {one}" for one, manager in state.chart.managers.items())
    return f" ({told})" if told else ""


_LONGEST = 60


def _is_refused(state: State, shown: Dossier, person: int, content_hash: str | None, why: type[Refusal]) -> bool:
    try:
        decided(state, shown, person, Verdict.APPROVED, content_hash)
    except why:
        return True
    except Refusal:
        return False
    return False
