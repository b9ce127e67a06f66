"""What keeps the pages safe: tokens in forms, and headers that say what browsers may do."""

from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect

from gcw_tiktok.web.portal import hand


def set_up(app: Flask) -> None:
    """No form is taken without its token, and no answer goes out without the headers."""
    CSRFProtect(app)
    app.after_request(_with_headers)


def _with_headers(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = _policy()
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if hand.portal().public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static" and not response.cache_control.private:  # which only pictures ask for
        headers["Cache-Control"] = "no-store"
    return response


def _policy() -> str:
    """Everything from here; pictures of listings from TikTok's hosts as well, which no list of ours could name."""
    app = hand.portal().reach.app
    consent, api = _origin(app.authorize_url), _origin(app.api_url)
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' data: blob: https: {api}",
        "connect-src": "'self'",
        "form-action": f"'self' {consent}",  # browsers ask this of where a form leads on to
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
