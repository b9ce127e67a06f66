"""What is kept and told of an address that designs come from. Fetching from it is another matter, and loads httpx."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Marks:
    """By what an address tells later whether its file is still the same; empty where it does not say."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> dict[str, str]:
        """The date is asked by only where there is nothing better: an older file put in place has an older date."""
        if self.etag:
            return {"If-None-Match": self.etag}
        return {"If-Modified-Since": self.last_modified} if self.last_modified else {}


NO_MARKS = Marks()


def shown(url: str) -> str:
    """An address for people: what comes after `?` often is a secret, and always is noise."""
    return url.partition("?")[0].partition("#")[0]
