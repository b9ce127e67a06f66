"""Reads the design editor's form: designs that it holds sealed, files and links that it brings, and where they lie."""

from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import FileStorage

from gcw_tiktok.errors import BadInput, GcwError
from gcw_tiktok.web.portal import hand, uploads, visiting
from gcw_tiktok.web.portal.design_part import Part
from gcw_tiktok.web.portal.errors import sentence
from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import placing
from gcw_tiktok.workflow.designs.placing import Placement
from gcw_tiktok.workflow.storefronts import designing
from gcw_tiktok.workflow.storefronts.designing import Draft, Task
from gcw_tiktok.workflow.storefronts.sight import NotThere

SIGNS = "a design in a form"


@dataclass(frozen=True)
class Entry:
    """What the form says of one print area. Its fields are named by the area's number."""

    task: Task
    number: int

    @property
    def area(self) -> PrintArea:
        return self.task.product.areas[self.number]

    @property
    def file(self) -> FileStorage | None:
        """What is uploaded."""
        return uploads.given(f"{self.number}.file")

    @property
    def is_new(self) -> bool:
        """Whether it brings something that the page has not shown yet."""
        return bool(self.file or self._typed("link"))

    def part(self, draft: Draft | None) -> Part:
        """The area with this design, as the page shows it."""
        if draft is None:
            return Part(self.task.product, self.number, self.area)
        sealed = seal().dumps([self.task.store.customer_id, draft.stored.sha256, draft.source])
        return Part(self.task.product, self.number, self.area, draft, sealed)

    def brought(self) -> Part:
        """The area with the file or link that is brought, else as it was. What cannot be taken leaves the rest."""
        part = self.held()
        if part.error or not self.is_new:
            return part
        try:
            draft = self._bring()
        except GcwError as error:
            part.error, part.link = sentence(error), self._typed("link")
            part.ask_changed = error.code == "design_changed"
            return part
        mode = self._typed("mode")
        chosen = mode in ("fit", "fill") and part.draft is None  # else it is how the former design lay
        placement = Placement(cast(placing.Mode, mode)) if chosen else designing.begun(self.area, draft.stored)
        return self.part(Draft(draft.stored, draft.source, placement))

    def held(self) -> Part:
        """The area with the design that the form holds already, where the form's numbers lay it."""
        sealed = self._typed("design")
        if not sealed or request.form.get("remove") == str(self.number):
            return self.part(None)
        sha256, source = opened(self.task.store.customer_id, sealed)
        draft = None
        try:
            if self._typed("area") != self.area.name:
                raise BadInput("The product has other print areas than a moment ago.", "Upload the design again.")
            with hand.portal().database.view() as view:
                stored = designing.kept(view, hand.portal(), sha256)
            now = self.task.current.get(self.area.name)
            before = now.placement if now and now.stored.sha256 == sha256 else None
            draft = Draft(stored, source, before)
            return self.part(Draft(stored, source, designing.settled(self._wanted(), before)))
        except GcwError as error:
            part = self.part(draft)
            part.error = sentence(error)
            return part

    def _bring(self) -> Draft:
        portal = hand.portal()
        act = portal.act(visiting.person())
        if file := self.file:
            draft = designing.upload(portal, act, self.task.store.customer_id, file.stream, file.filename or "")
        else:
            draft = designing.fetch(portal, act, self._typed("link"), accept_changed=bool(self._typed("changed")))
        with suppress(GcwError):  # it is drawn while somebody waits anyway, and remembered; else the page says so
            designing.picture(draft.stored)
        return draft

    def _wanted(self) -> Placement | None:
        """The placement that the form's numbers make; None where the file itself says how it lies."""
        mode, usual = self._typed("mode"), placing.usual(self.area)
        try:
            scale = round(float(self._typed("scale") or 100) / 100, 6)
            x_mm, y_mm = (round(float(self._typed(name) or 0), 4) for name in ("x", "y"))
            rotate = int(self._typed("rotate") or 0)
        except (ValueError, OverflowError) as error:
            raise BadInput("Position and size are numbers.", "Write them like 12.5.") from error
        if mode in ("fit", "fill"):
            return Placement(cast(placing.Mode, mode), scale, x_mm, y_mm, rotate)
        moved = Placement(usual.mode, scale, x_mm, y_mm, rotate)
        return None if moved == usual else moved

    def _typed(self, name: str) -> str:
        return request.form.get(f"{self.number}.{name}", "").strip()


def entries(task: Task) -> list[Entry]:
    """All print areas of the form, in the product's order."""
    return [Entry(task, number) for number in range(len(task.product.areas))]


def entry(task: Task) -> Entry:
    """The one that a script asks for."""
    wanted = number(request.form.get("number", ""))
    if wanted >= len(task.product.areas):
        raise NotThere
    return Entry(task, wanted)


def number(text: str) -> int:
    """Of a thing that a browser names; what is no number is not there."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 15:
        raise NotThere
    return int(text)


def seal() -> URLSafeSerializer:
    """Binds designs in forms to the customer that brought them."""
    return URLSafeSerializer(str(current_app.secret_key), salt=SIGNS)


def opened(customer_id: int, sealed: str) -> tuple[str, str]:
    """The hash and source of a design that was brought in for this customer."""
    try:
        owner, sha256, source = seal().loads(sealed)
    except (BadSignature, ValueError, TypeError):
        raise NotThere from None
    if owner != customer_id:
        raise NotThere
    return sha256, source
