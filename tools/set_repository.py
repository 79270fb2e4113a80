"""Give the course its address: python -m tools.set_repository OWNER/NAME

Rewrites the address of the repository and of its Pages site in every text file of the course, notebooks included. Only
whole addresses are touched (github.com/OWNER/NAME, .../github/OWNER/NAME, and the Pages URL), byte for byte in place.
The present address is repository.url in _config.yml. That file is written last, so an interrupted run can be repeated.
"""

import re
import shutil
import sys
from pathlib import Path

import yaml

from tools.tree import ROOT, files, notebooks, text

PLACEHOLDER = "your_org/forgers-and-detectives"  # nobody can register a name with an underscore
MUST_AGREE = ("README.md", "pyproject.toml", "CITATION.cff")
OWNER = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}")
NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


def checked(address: str) -> str:
    """Return `address` if GitHub could have a repository of that name; raise ValueError otherwise."""
    if address == PLACEHOLDER:
        return address
    owner, slash, name = address.partition("/")
    remedy = "Pass the two names as in github.com/OWNER/NAME: python -m tools.set_repository ada/gan-course"
    if not slash or "/" in name:
        raise ValueError(f"{address!r} is not of the form OWNER/NAME. {remedy}")
    if len(owner) > 39 or not OWNER.fullmatch(owner):
        raise ValueError(
            f"{owner!r} in {address!r} cannot be a GitHub owner: at most 39 letters, digits and single hyphens, "
            f"none of them at an end. {remedy}"
        )
    if not NAME.fullmatch(name) or name in (".", "..") or name.endswith((".git", ".wiki")):
        raise ValueError(
            f"{name!r} in {address!r} cannot be a GitHub repository: at most 100 letters, digits, '.', '-' and '_', "
            f"without .git at the end. {remedy}"
        )
    return address


def present(root: Path = ROOT) -> str:
    """Return OWNER/NAME as _config.yml has it."""
    url = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
    match = re.fullmatch(r"https://github\.com/([^/]+/[^/]+)", url)
    if not match:
        raise ValueError(f"repository.url in _config.yml is {url!r}. Write it as https://github.com/OWNER/NAME.")
    return checked(match[1])


def pages_url(address: str) -> str:
    """Return where GitHub Pages shows the repository `address`."""
    owner, name = address.split("/")
    host = f"https://{owner.lower()}.github.io"
    return host if name.lower() == f"{owner.lower()}.github.io" else f"{host}/{name}"


def rewritten(content: bytes, old: str, new: str) -> bytes:
    """Return `content` with the address `old` replaced by `new`, and nothing else changed."""
    end = rb"(?![\w-])(?!\.(?!git\b)\w)"  # not the front part of a longer name; .git may follow
    before = rb"(github\.com[/:]|githubusercontent\.com/|/github/|/gh/)"
    content = re.sub(before + re.escape(old.encode()) + end, lambda match: match[1] + new.encode(), content)
    return re.sub(re.escape(pages_url(old).encode()) + end, pages_url(new).encode(), content)


def strays(root: Path, allowed: set[str]) -> list[str]:
    """Return the places that name the course by another address than the `allowed` ones."""
    wanted = [f"https://github.com/{address}" for address in allowed]
    names = [root / name for name in MUST_AGREE] + notebooks(root)
    return [
        path.relative_to(root).as_posix()
        for path in names
        if path.exists() and not any(url in path.read_text(encoding="utf-8") for url in wanted)
    ]


def set_repository(new: str, root: Path = ROOT) -> list[str]:
    """Rewrite the address in all files under `root`; return the names of those that changed."""
    old, new = present(root), checked(new)
    if wrong := strays(root, {old, new}):
        raise ValueError(
            f"_config.yml says the course is at {old!r}, but {', '.join(wrong)} names another address or none. "
            "Put the earlier address back into repository.url of _config.yml, then run this command again."
        )
    changes = {}
    for path in files(root):
        content = text(path)
        if content is not None and (after := rewritten(content, old, new)) != content:
            changes[path] = after
    write(changes)
    return sorted(path.relative_to(root).as_posix() for path in changes)


def write(changes: dict[Path, bytes]) -> None:
    """Replace all files, _config.yml last; when one cannot be written, for want of space or rights, replace none."""
    drafts = {path: path.with_name(path.name + ".new") for path in changes}
    try:
        for path, draft in drafts.items():
            draft.write_bytes(changes[path])
            shutil.copymode(path, draft)
        for path in sorted(drafts, key=lambda path: path.name == "_config.yml"):
            drafts[path].replace(path)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def main() -> None:
    """Set the address given on the command line."""
    if len(sys.argv) != 2:
        sys.exit(f"Usage: python -m tools.set_repository OWNER/NAME\nThe address is now {present()}.")
    try:
        changed = set_repository(sys.argv[1])
    except ValueError as error:
        sys.exit(f"Nothing was changed. {error}")
    print(*changed or ["Nothing to do: this is the address already."], sep="\n")
    if changed:
        print(f"Now at https://github.com/{sys.argv[1]} and, once deployed, {pages_url(sys.argv[1])}/. Next: make book")


if __name__ == "__main__":
    main()
