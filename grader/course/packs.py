"""Course packs: courses beside the main one, and all of them as one.

The main course keeps its ids. Everything of a pack goes by the pack's name and its own id, always and not only where
two courses collide: `mypack_e01_add`, `mypack-toy-paper`. An id is what progress, files and backups are kept under, so
it must not change when another pack comes or goes. Typed alone, `e01_add` means the pack's where no other has one.

These are ids like any other, for the joints are the ones ids have: in file names, as names of Python modules, at a
prompt. A pack's name has no joint, so the first one always ends it, and two packs can never collide.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from grader.core.errors import ContentError, StudyError, UsageError
from grader.core.keys import ExerciseId, ReadingId
from grader.core.models import Course, Exercise, Unit
from grader.course.content import CURRICULUM, EXERCISES, READING_LIST, Content, load_content
from grader.course.installed import Offer, locate_offer

#: With the longest id of an exercise this is still the name of a file everywhere.
_NAME = re.compile(r"[a-z][a-z0-9]{0,19}")
_T = TypeVar("_T")


class Pack(Struct, frozen=True):
    """A course beside the main one: added by hand, or offered by an installed package.

    `problem` says why it cannot be used, where that is known before looking into it.
    """

    name: str
    path: str
    package: str | None = None
    problem: str | None = None


class UnusablePack(Struct, frozen=True):
    """A pack that cannot be used, and all the reasons."""

    pack: Pack
    problems: tuple[str, ...]


class JoinedContent(Content, frozen=True, kw_only=True):
    """The main course and its packs as one.

    `folders` leads to the code of the packs' exercises, `short` from their own ids to those they go by here, and
    `concealed` are the folders of exercises of every course there is, also of one that is left out.
    """

    folders: Mapping[str, Path]
    short: Mapping[str, str]
    concealed: tuple[str, ...]

    def folder(self, exercise_id: str) -> Path:
        """Return the folder with an exercise's code."""
        return self.folders.get(exercise_id) or Content.folder(self, exercise_id)

    def complete(self, typed: str) -> str:
        """Return the id that a pack's exercise goes by, if its own id was typed and only one course has it."""
        return self.short.get(typed.removesuffix(".py"), typed)

    @property
    def exercise_folders(self) -> tuple[str, ...]:
        """The folders that no learner's code may read."""
        return self.concealed


def check_name(name: str) -> str:
    """Return a name if a pack can have it.

    Raises:
        UsageError: If not.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"`{name}` cannot be the name of a course: up to 20 small letters and digits, the first a letter",
            hint="study course add PATH --name NAME",
        )
    return name


def list_packs(added: Iterable[tuple[str, str]], offers: Iterable[Offer]) -> tuple[Pack, ...]:
    """Return the packs in the order of their courses: those added, as (name, folder), then those of packages."""
    packs: dict[str, Pack] = {}
    for name, path in added:
        problem = None if os.path.isabs(path) else f"`{path}` is not an absolute path"
        packs.setdefault(name, Pack(name, path, problem=_refuse_name(name) or problem))
    doubles = []
    for offer in offers:
        path, problem = "", _refuse_name(offer.name)
        try:
            path = str(locate_offer(offer))
        except UsageError as error:
            problem = problem or error.message
        if offer.name in packs:
            doubles.append(Pack(offer.name, path, offer.package, f"you have added another course as `{offer.name}`"))
        else:
            packs[offer.name] = Pack(offer.name, path, offer.package, problem)
    return (*packs.values(), *doubles)


def _refuse_name(name: str) -> str | None:
    try:
        check_name(name)
    except UsageError as error:
        return error.message
    return None


def join_courses(
    main: Content, packs: Sequence[Pack], cache_dir: Path | None = None
) -> tuple[Content, tuple[UnusablePack, ...]]:
    """Put packs behind the main course; one that cannot be used is left out, and the others are not affected."""
    if not packs:
        return main, ()
    joined: list[Content] = [main]
    folders: dict[str, Path] = {}
    owners: dict[str, list[str]] = {}
    left_out: list[UnusablePack] = []
    seen = {main.root: "the main course"}
    for pack in packs:
        try:
            if pack.path in seen and pack.problem is None:
                raise UsageError(f"{pack.path} is {seen[pack.path]} already")
            content = load_pack(pack, main, cache_dir)
        except StudyError as error:
            left_out.append(UnusablePack(pack, tuple(getattr(error, "problems", None) or [error.message])))
            continue
        seen[pack.path] = f"the course `{pack.name}`"
        joined.append(content)
        for name in content.exercises:
            own = name.partition("_")[2]
            folders[name] = Path(pack.path, EXERCISES, own)
            owners.setdefault(own, []).append(name)
    concealed = [*main.exercise_folders, *(str(Path(pack.path, EXERCISES).resolve()) for pack in packs if pack.path)]
    content = JoinedContent(
        root=main.root,
        readings=_Chain([content.readings for content in joined]),
        courses=tuple(course for content in joined for course in content.courses),
        exercises=_Chain([content.exercises for content in joined]),
        left_out=main.left_out,
        folders=folders,
        short={own: names[0] for own, names in owners.items() if len(names) == 1 and own not in main.exercises},
        concealed=tuple(dict.fromkeys(concealed)),
    )
    return content, tuple(left_out)


class _Chain(Mapping[str, _T]):
    """Several mappings without a key in common, as one; each value is still made by its own mapping."""

    def __init__(self, parts: Sequence[Mapping[str, _T]]) -> None:
        self._owners = {key: part for part in parts for key in part}

    def __getitem__(self, key: str) -> _T:
        return self._owners[key][key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._owners)

    def __len__(self) -> int:
        return len(self._owners)

    def __contains__(self, key: object) -> bool:
        return key in self._owners


def load_pack(pack: Pack, main: Content, cache_dir: Path | None = None) -> Content:
    """Load and check one pack; everything in it goes by the pack's name.

    All of its exercises are taken from the index at once, so that one whose file is gone is found here, where the pack
    can be left out, and not in the middle of a command.

    Raises:
        ContentError: With every problem of its files.
        UsageError: If there is no course in its folder, or its ids do not fit in beside those of `main`.
    """
    if pack.problem is not None:
        raise UsageError(pack.problem)
    root = Path(pack.path)
    try:
        if not root.is_dir():
            moved = "" if pack.package else f"; if it was moved: study course add PATH --name {pack.name}"
            raise UsageError(f"{root} is gone{moved}")
        if not (root / READING_LIST).exists():
            raise UsageError(
                f"{root} holds no {READING_LIST}",
                hint="name the folder that holds it   (study course new PATH writes a small course)",
            )
        if links := sorted(_find_links(root)):
            texts = [f"{root / link}: a symbolic link; put the file or folder itself there" for link in links]
            raise ContentError(texts, hint="correct these, then run it again")
        content = _rename(load_content(root, cache_dir), pack.name)
    except ContentError as error:
        problems = [text if text.startswith(f"{root}/") else f"{root}/{text}" for text in error.problems]
        raise ContentError(problems, hint=error.hint) from None
    except OSError as error:
        raise UsageError(f"{error.filename or root} cannot be read: {error.strerror}") from None
    _check_ids(content, main, pack.name)
    return content


def _find_links(root: Path) -> Iterator[str]:
    """Yield the symbolic links among a course's files.

    What they lead to may change, or lie where a learner's code can read it.
    """
    tops = [name for name in (READING_LIST, CURRICULUM, EXERCISES) if os.path.lexists(root / name)]
    links = {name for name in tops if (root / name).is_symlink()}
    yield from links
    waiting = [name for name in tops if name not in links and (root / name).is_dir()]
    while waiting:
        inner = waiting.pop()
        with os.scandir(f"{root}/{inner}") as entries:  # no Path for each of what may be thousands
            for entry in entries:
                if entry.is_symlink():
                    yield f"{inner}/{entry.name}"
                elif entry.is_dir():
                    waiting.append(f"{inner}/{entry.name}")


def _rename(content: Content, pack: str) -> Content:
    """Put a pack's name before all ids and the links between them; every exercise is taken for that."""

    def rename_exercise(exercise: Exercise) -> Exercise:
        return replace(
            exercise,
            id=f"{pack}_{exercise.id}",
            readings=tuple(replace(ref, id=f"{pack}-{ref.id}") for ref in exercise.readings),
            prerequisites=tuple(f"{pack}_{name}" for name in exercise.prerequisites),
        )

    def rename_unit(unit: Unit) -> Unit:
        return replace(
            unit,
            id=f"{pack}-{unit.id}",
            readings=tuple(f"{pack}-{name}" for name in unit.readings),
            exercises=tuple(f"{pack}_{name}" for name in unit.exercises),
        )

    def rename_course(course: Course) -> Course:
        return replace(course, id=f"{pack}-{course.id}", units=tuple(map(rename_unit, course.units)))

    return Content(
        root=content.root,
        readings={
            f"{pack}-{name}": replace(reading, id=f"{pack}-{name}") for name, reading in content.readings.items()
        },
        courses=tuple(map(rename_course, content.courses)),
        exercises={f"{pack}_{name}": rename_exercise(exercise) for name, exercise in content.exercises.items()},
    )


def _check_ids(content: Content, main: Content, pack: str) -> None:
    hint = "add it by another name: study course add PATH --name NAME"
    kinds: list[tuple[str, Any, Iterable[str], Iterable[str]]] = [
        ("exercise", ExerciseId, content.exercises, main.exercises),
        ("reading", ReadingId, content.readings, main.readings),
        ("unit", ReadingId, [unit.id for unit in content.units], [unit.id for unit in main.units]),
        ("course", ReadingId, [course.id for course in content.courses], [course.id for course in main.courses]),
    ]
    for kind, model, ids, taken in kinds:
        for name in ids:
            if name in taken:
                raise UsageError(f"as `{pack}` it would have a second {kind} `{name}`", hint=hint)
            try:
                msgspec.convert(name, model)
            except msgspec.ValidationError:  # only its length can be wrong: both parts were checked
                raise UsageError(
                    f"as `{pack}` it would have the {kind} `{name}`, which is too long", hint=hint
                ) from None
