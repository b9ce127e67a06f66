"""Pages that show a file are told from addresses that answer with it."""

import pytest

from gcw_tiktok.workflow.designs import share_pages


@pytest.mark.parametrize(
    ("page", "direct"),
    [
        ("https://drive.google.com/file/d/1a-B_c/view?usp=sharing", "https://drive.google.com/uc?export=download&id=1a-B_c"),
        ("https://drive.google.com/file/u/0/d/1aBc/edit", "https://drive.google.com/uc?export=download&id=1aBc"),
        ("https://drive.google.com/open?id=1aBc", "https://drive.google.com/uc?export=download&id=1aBc"),
        ("https://drive.google.com/drive/folders/1aBc", ""),
        ("https://docs.google.com/document/d/1aBc/edit#x", "https://docs.google.com/document/d/1aBc/export?format=pdf"),
        ("https://docs.google.com/presentation/d/1aBc/edit", "https://docs.google.com/presentation/d/1aBc/export/pdf"),
        ("https://www.dropbox.com/s/xyz/a.pdf?dl=0", "https://www.dropbox.com/s/xyz/a.pdf?dl=1"),
        ("https://www.dropbox.com/s/xyz/a.pdf", "https://www.dropbox.com/s/xyz/a.pdf?dl=1"),
        (
            "https://www.dropbox.com/scl/fi/xyz/a.pdf?rlkey=k&dl=0",
            "https://www.dropbox.com/scl/fi/xyz/a.pdf?rlkey=k&dl=1",
        ),
        ("https://www.dropbox.com/scl/fo/xyz/folder?dl=0", ""),
        ("https://1drv.ms/b/s!Abc", ""),
        ("https://onedrive.live.com/?id=1", ""),
        ("https://onedrive.live.com/embed?resid=A%211&authkey=x", "https://onedrive.live.com/download?resid=A%211&authkey=x"),
        ("https://onedrive.live.com/redir?resid=A!1", "https://onedrive.live.com/download?resid=A!1"),
        ("https://harbor.sharepoint.com/:b:/s/art/Eabc?e=x", "https://harbor.sharepoint.com/:b:/s/art/Eabc?e=x&download=1"),
        ("https://harbor-my.sharepoint.com/:i:/g/personal/a/Eabc", "https://harbor-my.sharepoint.com/:i:/g/personal/a/Eabc?download=1"),
        ("https://harbor.sharepoint.com/:f:/s/art/Eabc?e=x", ""),
        ("https://harbor.sharepoint.com/sites/art/Forms/AllItems.aspx", ""),
        ("https://drive.google.com/file/d/1aBc/view?resourcekey=0-xY", "https://drive.google.com/uc?export=download&id=1aBc&resourcekey=0-xY"),
        ("https://drive.google.com/open?id=1a%26b", "https://drive.google.com/uc?export=download&id=1a%26b"),
        ("https://docs.google.com/document/d/e/2PACX-1v/pub", ""),
        ("https://share.icloud.com/photos/0ab", ""),
        ("https://canva.link/abc", ""),
        ("https://www.figma.com/deck/abc/poster", ""),
        ("https://embed.figma.com/design/abc/poster", ""),
        ("https://acrobat.adobe.com/link/review?uri=x", ""),
        ("https://www.icloud.com/iclouddrive/0ab#a", ""),
        ("https://www.canva.com/design/DAF/view", ""),
        ("https://www.figma.com/file/abc/poster", ""),
        ("https://www.figma.com/design/abc/poster", ""),
        ("https://we.tl/t-abc", ""),
        ("https://github.com/a/b/blob/main/x.pdf", "https://raw.githubusercontent.com/a/b/main/x.pdf"),
    ],
)  # fmt: skip
def test_a_page_is_recognized_and_its_direct_form_told(page: str, direct: str) -> None:
    found = share_pages.recognize(page)
    assert found is not None
    assert found.direct == direct
    assert not direct or share_pages.recognize(direct) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/poster.pdf",
        "https://drive.google.com/uc?export=download&id=1",
        "https://www.dropbox.com/s/xyz/a.pdf?dl=1",
        "https://www.dropbox.com/scl/fi/xyz/a.pdf?rlkey=k&raw=1",
        "https://dl.dropboxusercontent.com/s/xyz/a.pdf",
        "https://harbor.sharepoint.com/_layouts/15/download.aspx?share=x",
        "https://harbor.sharepoint.com/:b:/s/art/Eabc?download=1",
        "https://notcanva.com/design/x",
        "https://export-download.canva.com/abc/DEF/0/0/0001-1.png?X-Amz-Signature=1",
        "https://drive.usercontent.google.com/download?id=1&export=download",
        "https://onedrive.live.com/download?resid=A!1&authkey=x",
        "https://cvws.icloud-content.com/B/a.pdf?o=1",
        "https://www.figma.com/api/mcp/asset/abc",
        "https://raw.githubusercontent.com/a/b/main/x.pdf",
        "https://github.com/a/b/releases/download/v1/x.pdf",
    ],
)
def test_a_direct_address_is_left_alone(url: str) -> None:
    assert share_pages.recognize(url) is None
