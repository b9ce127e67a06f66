"""The tokens of an authorization: kept among the secrets, and renewed in time by one process at a time."""

import json
import shlex
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field

import httpx
from sqlmodel import Session, select

from gcw_tiktok.errors import SetupMissing
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.leases import lease
from gcw_tiktok.store.secrets import Vault
from gcw_tiktok.store.tables import Authorization, Store, StoreStatus
from gcw_tiktok.tiktok import oauth
from gcw_tiktok.tiktok.client import Client, Tokens
from gcw_tiktok.tiktok.clock import Clock
from gcw_tiktok.tiktok.errors import AppMisconfigured, NotAuthorized, TikTokError, Unavailable
from gcw_tiktok.tiktok.oauth import blames_the_app
from gcw_tiktok.tiktok.pacing import Pacer
from gcw_tiktok.tiktok.telling import Tell, nobody
from gcw_tiktok.workflow import history, paces, stores
from gcw_tiktok.workflow.history import Act

RENEW_BEFORE = 3600
"""Seconds before its end at which an access token is renewed, so that it never ends in the middle of work."""
GCW = "gcw"
"""Who acts where nobody asked for it."""


@dataclass(frozen=True)
class App:
    """The PSP's app at TikTok and the addresses it talks to."""

    key: str
    secret: str = field(repr=False)
    service_id: str
    api_url: str
    auth_url: str
    authorize_url: str


class Reach:
    """What it takes to ask TikTok for the stores, and to remember it. Threads share one: each permission has
    one place for its tokens, each store one pacer, and the clock is corrected once for all."""

    def __init__(
        self,
        app: App,
        http: httpx.Client,
        database: Database,
        vault: Vault,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        tell: Tell = nobody,
    ) -> None:
        self.app = app
        self.http = http
        self.database = database
        self.vault = vault
        self.clock = clock
        self.sleep = sleep
        self.tell = tell
        self.tiktok_clock = Clock(clock, self._clock_is_wrong)
        self._lock = threading.Lock()
        self._tokens: dict[str, StoreTokens] = {}
        self._pacers: dict[int, Pacer] = {}

    def client(self, tokens: Tokens, cipher: str = "", pacer: Pacer | None = None) -> Client:
        """The door to TikTok with these tokens; with a cipher and the pacer of its store, for that shop."""
        return Client(
            self.http,
            self.app.api_url,
            self.app.key,
            self.app.secret,
            tokens,
            cipher,
            clock=self.tiktok_clock,
            pacer=pacer or Pacer(now=self.clock, sleep=self.sleep, tell=self.tell),
            tell=self._about(pacer.shop) if pacer else self.tell,
        )

    def tokens_of(self, open_id: str) -> "StoreTokens":
        """The tokens of an authorization."""
        with self._lock:
            return self._tokens.setdefault(open_id, StoreTokens(open_id, self))

    def pacer_of(self, session: Session, store: Store) -> Pacer:
        """What paces the requests for a store."""
        assert store.id is not None
        with self._lock:
            if store.id not in self._pacers:
                self._pacers[store.id] = paces.pacer(
                    session, self.database, store, now=self.clock, sleep=self.sleep, tell=self.tell
                )
            return self._pacers[store.id]

    def _about(self, shop: str) -> Tell:
        return lambda words, important: self.tell(f"{shop}: {words}", important)

    def _clock_is_wrong(self, behind: float) -> None:
        side = "behind" if behind > 0 else "ahead of"
        self.tell(
            f"This machine's clock is {abs(behind):.0f} s {side} TikTok's; gcw corrects for it. "
            "Let the system set its clock.",
            True,
        )
        paces.keep_clock(self.database, list(self._pacers), behind, int(self.clock()))


@dataclass(frozen=True)
class Kept:
    """Both tokens of one authorization and when each ends (Unix seconds); always stored together."""

    access: str = field(repr=False)
    access_ends: int
    refresh: str = field(repr=False)
    refresh_ends: int

    @classmethod
    def of(cls, grant: oauth.Grant) -> "Kept":
        return cls(
            access=grant.access_token,
            access_ends=grant.access_token_expire_in,
            refresh=grant.refresh_token,
            refresh_ends=grant.refresh_token_expire_in,
        )

    def good_for_long(self, now: float) -> bool:
        """Whether nothing is gained by renewing: no renewal leads beyond the end of the permission itself."""
        left = self.access_ends - now
        return left > RENEW_BEFORE or (left > 0 and self.access_ends >= self.refresh_ends)


class StoreTokens:
    """The tokens of one authorization. Only one thread of one process at a time renews them; the others wait
    and read."""

    def __init__(self, open_id: str, reach: Reach) -> None:
        self._open_id = open_id
        self._reach = reach
        self._kept: Kept | None = None
        self._dead: tuple[str, TikTokError] | None = None
        """An access token that cannot be renewed any more, and why."""
        self._lock = threading.Lock()

    def access(self) -> str:
        """An access token that is good for a while yet, where one can be had."""
        kept = self._kept or self._read()
        if kept.good_for_long(self._reach.tiktok_clock.now()):
            self._kept = kept
            return kept.access
        try:
            return self._renewed(kept.access).access
        except AppMisconfigured:
            return kept.access  # whether it is the app or the permission, TikTok's answer to a signed call tells
        except Unavailable:
            if kept.access_ends <= self._reach.tiktok_clock.now():
                raise
            return kept.access  # the token host may be back before it ends

    def renew(self, stale: str) -> str:
        """A newer access token than `stale`, fetched here or by whoever was faster. TikTok has refused `stale` in
        a call that the app's secret had signed, so if it refuses this too, the permission has ended."""
        try:
            return self._renewed(stale).access
        except AppMisconfigured as error:
            if error.kind != "app" or blames_the_app(error):
                raise
            ended = self.over(error)
            self._dead = (stale, ended)
            raise ended from error

    def over(self, error: TikTokError) -> TikTokError:
        """Marks every store of the authorization: its owner must authorize again."""
        with self._reach.database.session() as session:
            authorization = _authorization(session, self._open_id)
            connected = Store.status == StoreStatus.CONNECTED
            act = Act(GCW, int(self._reach.clock()))
            hint = "Run `gcw store connect` again."
            for store in session.exec(select(Store).where(Store.authorization_id == authorization.id, connected)):
                store.status = StoreStatus.REAUTHORIZE
                session.add(store)
                history.record(session, act, f"store:{store.shop_id}", "to be authorized again", str(error))
                hint = connect_hint(session, store)
        return NotAuthorized(
            f"The permission of {authorization.seller_name} has ended or was withdrawn, and only the shop's owner "
            f"can give it again. {error}",
            hint,
            tiktok_code=error.tiktok_code,
            request_id=error.request_id,
            kind=error.kind,
        )

    def _renewed(self, stale: str) -> Kept:
        reach = self._reach
        with self._lock, held(reach.database, self._open_id, int(reach.clock()), reach.sleep):
            kept = self._read()
            if kept.access == stale:
                if self._dead and self._dead[0] == stale:  # another thread has just been told
                    raise copy(self._dead[1])
                kept = self._refreshed(kept)
        self._kept = kept
        return kept

    def _read(self) -> Kept:
        stored = self._reach.vault.get(_name(self._open_id))
        if stored is None:
            raise SetupMissing(
                "The store's permission is not on this machine: its tokens are not among the secrets here.",
                "Run `gcw store connect` again, or set GCW_SECRET_KEY to the same key on every machine.",
                code="not_connected",
            )
        return Kept(**json.loads(stored))

    def _refreshed(self, kept: Kept) -> Kept:
        app = self._reach.app
        try:
            grant = oauth.refresh(
                self._reach.http, app.auth_url, app.key, app.secret, kept.refresh, tell=self._reach.tell
            )
        except NotAuthorized as error:
            ended = self.over(error)
            self._dead = (kept.access, ended)
            raise ended from error
        fresh = Kept.of(grant)
        put(self._reach.vault, self._open_id, fresh)
        with self._reach.database.session() as session:
            row = _authorization(session, self._open_id)
            row.access_expires_at, row.refresh_expires_at = fresh.access_ends, fresh.refresh_ends
            session.add(row)
        return fresh


class FreshTokens:
    """The tokens of a grant that was given a moment ago and is not stored yet."""

    def __init__(self, access: str) -> None:
        self._access = access

    def access(self) -> str:
        return self._access

    def renew(self, stale: str) -> str:
        raise NotAuthorized(
            "TikTok refuses the permission that it gave a moment ago.", "Run `gcw store connect` again."
        )

    def over(self, error: TikTokError) -> TikTokError:
        return error


@contextmanager
def held(database: Database, open_id: str, now: int, sleep: Callable[[float], None]) -> Iterator[None]:
    """For the length of the block no other process touches the tokens of this authorization."""
    with lease(database, _name(open_id), now, sleep=sleep):
        yield


def put(vault: Vault, open_id: str, kept: Kept) -> bool:
    """Keeps the tokens; whether there were none before. Called while they are `held`."""
    first = vault.get(_name(open_id)) is None
    vault.put(_name(open_id), json.dumps(vars(kept)))
    return first


def drop(vault: Vault, open_id: str) -> None:
    """Forgets the tokens. Called while they are `held`."""
    vault.drop(_name(open_id))


def connect_hint(session: Session, store: Store) -> str:
    """The command that connects a store again, ready to be pasted."""
    customer, facility = map(shlex.quote, stores.parties(session, store))
    return f"Run `gcw store connect --customer {customer} --facility {facility}`."


def _authorization(session: Session, open_id: str) -> Authorization:
    return session.exec(select(Authorization).where(Authorization.open_id == open_id)).one()


def _name(open_id: str) -> str:
    return f"tokens/{open_id}"
