"""An app made with the PyPI package `tiktok-shop-api`, its client the sync or the async one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from inspect import isawaitable
from typing import Any

import httpx
import pytest

from contract.october_models import PACKAGE, unknown_members
from gcw_tiktok.sandbox.world import World

Json = dict[str, Any]


def model(name: str, /, **members: Any) -> Any:
    """One of the package's request models."""
    return getattr(import_module(f"{PACKAGE}.models"), name).from_dict(members)


async def either(made: Any) -> Any:
    """What a sync client gave, or an async one will."""
    return await made if isawaitable(made) else made


class App:
    """An app; `control` is what people do who are no app."""

    def __init__(self, world: World, base: str, client: Callable[..., Any], auth: Callable[..., Any]) -> None:
        self.world, self.base = world, base
        self.keys = (world.app.key, world.app.secret)
        self.make = client
        self.auth = auth(*self.keys, world.app.service_id, base_url=base)
        self.http = httpx.Client(base_url=base)
        self.clients: list[Any] = []
        self.shop: Any = None

    def control(self, path: str, **wish: Any) -> Json:
        answer: Json = self.http.post(f"/_sandbox{path}", json=wish).raise_for_status().json()
        return answer

    async def say(self, made: Any) -> Any:
        """The data of an answer, as the package read it: nothing in it is without a place."""
        answer = await either(made)
        assert unknown_members(answer) == []
        assert (answer.code, answer.message) == (0, "Success")
        return answer.data

    async def connect(self) -> None:
        """Tokens, the shops they are for, and a client for one."""
        code = self.control("/authorizations", seller="paper-harbor")["code"]
        first = await either(self.auth.exchange_code(code))
        tokens = await either(self.auth.refresh(first.refresh_token))
        assert tokens.access_token != first.access_token
        assert "seller.order.info" in tokens.granted_scopes
        app = self.make(*self.keys, tokens.access_token, base_url=self.base)
        (shop,) = (await self.say(app.authorization.get_authorized_shops())).shops
        self.shop = app.with_shop(shop_cipher=shop.cipher)
        self.clients = [app, self.shop]

    async def close(self) -> None:
        for client in self.clients:
            await either(client.aclose() if hasattr(client, "aclose") else client.close())
        self.http.close()


@contextmanager
def refused(code: int) -> Iterator[None]:
    """The package raises its own error with TikTok Shop's code and a request id."""
    error = import_module("tiktok_shop_api.errors").TikTokShopError
    with pytest.raises(error) as told:
        yield
    assert told.value.code == code
    assert told.value.request_id
