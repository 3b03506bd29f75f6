"""Lays out the corpus of tests/corpus.toml: files that nobody here made, and their words by another program.

``corpus.py <corpus.toml> <folder>`` fetches each source once by the registry's own client, checks its hash, and writes
``<folder>/files/<number>.<format>`` with ``<number>.words`` beside it, and ``<folder>/list.tsv``: number, format, where
the file comes from, how it is refused, what is found of its words at least, why, and why the other reader gave up: empty
where there is nothing to say. What is there is not fetched again, nor laid out again while list and readers are the same.
"""

import fnmatch
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile

import readers

manifest = pathlib.Path(sys.argv[1])
folder = pathlib.Path(sys.argv[2]).resolve()
corpus = tomllib.loads(manifest.read_text())
fetched = folder / "fetched"
asked = set()


def run(command, **more):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, stdin=subprocess.DEVNULL, **more)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def pip(source, into):
    # The environment brings what packages are built with, so that nothing unpinned is fetched to look at one.
    wanted = into / "wanted.txt"
    wanted.write_text(f"{source['name']}=={source['version']} --hash=sha256:{source['sha256']}\n")
    run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary",
         ":all:", "--no-build-isolation", "--require-hashes", "--requirement", wanted, "--dest", into])


def apt(source, into):
    # The machine's own sources, asked for source packages; its lists stay as they are.
    parts, lists = fetched / "apt-parts", fetched / "apt-lists"
    options = {"Dir::Etc::SourceList": fetched / "none", "Dir::Etc::SourceParts": parts, "Dir::State::Lists": lists,
               "Dir::Cache::pkgcache": "", "Dir::Cache::srcpkgcache": "", "APT::Sandbox::User": "root"}
    apt_get = ["apt-get", *(word for name, value in options.items() for word in ("--option", f"{name}={value}"))]
    if "apt" not in asked:
        asked.add("apt")
        parts.mkdir(exist_ok=True)
        (lists / "partial").mkdir(parents=True, exist_ok=True)
        for path in [*pathlib.Path("/etc/apt").glob("*.list"), *pathlib.Path("/etc/apt/sources.list.d").glob("*")]:
            text = re.sub(r"(?m)^Types:.*$", "Types: deb-src", path.read_text())
            (parts / path.name).write_text(re.sub(r"(?m)^deb ", "deb-src ", text))
        run([*apt_get, "update"])
    run([*apt_get, "source", "--download-only", "--tar-only", source["name"]], cwd=into)


def cargo(source, into):
    (into / "src").mkdir()
    (into / "src/lib.rs").touch()
    (into / "Cargo.toml").write_text(
        f'[package]\nname = "corpus"\nversion = "0.0.0"\n[dependencies]\n{source["name"]} = "={source["version"]}"\n'
        "[workspace]\n")
    run(["cargo", "fetch", "--quiet"], cwd=into)
    home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))
    for path in home.glob(f"registry/cache/*/{source['name']}-{source['version']}.crate"):
        shutil.copy(path, into)


def archive(source):
    """The source's archive, found by its hash among what its client fetched."""
    kept = fetched / f"{source['client']}-{source['name']}-{source['version']}"
    if not kept.exists():
        into = fetched / "part"
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        {"pip": pip, "apt": apt, "cargo": cargo}[source["client"]](source, into)
        whole = [path for path in into.rglob("*") if path.is_file() and digest(path) == source["sha256"]]
        if not whole:
            sys.exit(f"{source['name']} {source['version']}: what was fetched has another hash than tests/corpus.toml")
        whole[0].rename(kept)
        shutil.rmtree(into)
    return kept


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def members(path):
    """Name, without the archive's own folder, and content of each file."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as opened:
            for member in opened.infolist():
                if not member.is_dir():
                    yield member.filename.partition("/")[2], opened.read(member)
        return
    with tarfile.open(path) as opened:
        for member in opened:
            if member.isfile():
                yield member.name.removeprefix("./").partition("/")[2], opened.extractfile(member).read()


def chosen(source):
    found, seen = [], set()
    for name, content in members(archive(source)):
        wanted = any(fnmatch.fnmatchcase(name, pattern) for pattern in source["files"])
        if wanted and name not in source.get("without", []) and content and hashlib.sha256(content).digest() not in seen:
            seen.add(hashlib.sha256(content).digest())
            found.append((name, content))
    return sorted(found)


def main():
    fetched.mkdir(parents=True, exist_ok=True)
    # The environment is named by the versions of the readers.
    judges = [manifest, pathlib.Path(__file__), pathlib.Path(readers.__file__)]
    state = "\n".join([sys.prefix, *map(digest, judges)])
    laid = folder / "laid"
    if laid.exists() and laid.read_text() == state:
        return
    laid.unlink(missing_ok=True)
    files = folder / "files"
    shutil.rmtree(files, ignore_errors=True)
    files.mkdir()
    expected = {(entry["source"], entry["file"]): entry for entry in corpus.get("expected", [])}
    lines, seen, whole = [], set(), True
    for source in corpus["source"]:
        try:
            files_of_it = chosen(source)
        except SystemExit as why:
            # What a release of Debian has depends on the release. The others are the same everywhere.
            if source["client"] != "apt":
                raise
            print(f"left out: {source['name']}: {why}", file=sys.stderr)
            expected = {key: entry for key, entry in expected.items() if key[0] != source["name"]}
            whole = False
            continue
        for name, content in files_of_it:
            if (same := hashlib.sha256(content).digest()) in seen:
                continue
            seen.add(same)
            kind = source.get("format") or name.rpartition(".")[2]
            number = f"{len(lines):04}"
            path = files / f"{number}.{kind}"
            path.write_bytes(content)
            words, why = readers.words(kind, path)
            (files / f"{number}.words").write_text(words, encoding="utf-8", errors="replace")
            told = expected.pop((source["name"], name), {})
            fields = [number, kind, f"{source['name']}/{name}", told.get("refused", ""), told.get("recall", ""),
                      told.get("why", ""), why]
            lines.append("\t".join(str(field).replace("\t", " ").replace("\n", " ") for field in fields))
    if expected:
        sys.exit(f"tests/corpus.toml expects something of files that are not there: {sorted(expected)}")
    (folder / "list.tsv").write_text("".join(line + "\n" for line in lines))
    if whole:
        laid.write_text(state)


main()
