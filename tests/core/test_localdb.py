"""The embedded cluster, with the real PostgreSQL: each test has a folder of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from core.localdb import Cluster, LocalDatabaseError, programs
from core.localdb.programs import NOBODY, Programs

PROJECT = Path(__file__).resolve().parents[2]
ENSURE = """
import sys
from pathlib import Path
from core.localdb import Cluster
print(Cluster(Path(sys.argv[1])).ensure(), flush=True)
sys.stdin.read()
"""


def python(base: Path, *, prefix: tuple[str, ...] = (), env: dict | None = None) -> subprocess.Popen:
    """Another process that uses the cluster until its input is closed."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(
        [*prefix, sys.executable, "-c", ENSURE, base], cwd=PROJECT, env=env, text=True, **pipes
    )


def url_of(process: subprocess.Popen) -> str:
    url = process.stdout.readline().strip()
    assert url, process.stderr.read()
    return url


def close(process: subprocess.Popen) -> None:
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "", "")


def query(url: str, sql: str):
    with psycopg.connect(url) as connection:
        return connection.execute(sql).fetchone()[0]


def fill(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE prova AS SELECT generate_series(1, 1000) AS numero")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A cluster made once and stopped: making one is what takes the time."""
    cluster = Cluster(tmp_path_factory.mktemp("made") / "var" / "postgres")
    cluster.ensure()
    cluster.leave()
    yield cluster.base
    cluster.remove()


@pytest.fixture
def new(tmp_path):
    """The folder of a cluster that is not there yet."""
    folder = tmp_path / "var" / "postgres"
    yield folder
    Cluster(folder).remove()


@pytest.fixture
def base(new, made):
    """The folder of a cluster that is there and does not run."""
    shutil.copytree(made, new)
    return new


@pytest.fixture
def cluster(base):
    cluster = Cluster(base)
    yield cluster
    cluster.leave()


def test_a_new_cluster_is_empty_private_knows_italian_and_is_found_at_once(new):
    cluster = Cluster(new)
    url = cluster.ensure()
    assert query(url, "SELECT upper('città') || ('È' ILIKE 'è')::text") == "CITTÀtrue"
    assert query(url, "SELECT count(*) FROM pg_stat_user_tables") == 0
    assert query(url, "SELECT current_user || '@' || current_database()") == "app@convenzioni"
    with psycopg.connect(url, autocommit=True) as connection:
        for extension in ("btree_gist", "pg_trgm", "unaccent"):
            connection.execute(f"CREATE EXTENSION {extension}")

    assert query(url, "SHOW listen_addresses") == ""
    folder = Path(query(url, "SHOW unix_socket_directories"))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / ".s.PGSQL.5432").stat().st_mode & 0o777 == 0o700

    times = []
    for _ in range(5):
        begun = time.perf_counter()
        assert cluster.ensure() == url
        times.append(time.perf_counter() - begun)
    assert min(times) < 0.05  # some 3 ms on an idle machine

    cluster.leave()


def test_two_simultaneous_starts_share_one_server(new):
    both = [python(new), python(new)]
    urls = [url_of(process) for process in both]
    assert urls[0] == urls[1]
    fill(urls[0])
    close(both[0])
    assert query(urls[1], "SELECT count(*) FROM prova") == 1000  # whoever started it, the other still has it
    close(both[1])
    assert Cluster(new).url() is None  # the last one out stopped it


def test_the_socket_folder_goes_with_the_server(cluster):
    folder = Path(query(cluster.ensure(), "SHOW unix_socket_directories"))
    cluster.leave()
    assert not folder.exists()


def test_it_stays_up_when_asked_until_stop(base, cluster):
    url = cluster.ensure(keep=True)
    cluster.leave()
    assert Cluster(base).url() == url
    process = python(base)
    url_of(process)
    close(process)
    assert cluster.url() == url
    assert cluster.stop()
    assert cluster.url() is None
    assert not cluster.stop()
    process = python(base)  # the wish was for the server of then
    url_of(process)
    close(process)
    assert cluster.url() is None


@pytest.mark.parametrize("idle", [True, False], ids=["idle", "with a client"])
def test_a_killed_server_is_restarted_with_its_data(cluster, idle):
    url = cluster.ensure()
    fill(url)
    client = None if idle else psycopg.connect(url)
    os.kill(int((cluster.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    again = cluster.ensure()
    assert query(again, "SELECT count(*) FROM prova") == 1000
    assert again == url  # who was connected finds it where it was
    if client:
        client.close()


def test_a_killed_server_leaves_no_socket_folder_behind(cluster):
    folder = Path(query(cluster.ensure(), "SHOW unix_socket_directories"))
    os.kill(int((cluster.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    cluster.leave()
    assert not folder.exists()


def test_a_killed_user_does_not_keep_the_server_up(base):
    killed, last = python(base), python(base)
    url_of(killed)
    url_of(last)
    killed.kill()
    killed.communicate()
    close(last)
    assert Cluster(base).url() is None


def test_a_server_whose_socket_was_cleaned_away_is_restarted(cluster):
    url = cluster.ensure()
    fill(url)
    shutil.rmtree(query(url, "SHOW unix_socket_directories"))
    assert query(cluster.ensure(), "SELECT count(*) FROM prova") == 1000


def test_a_half_made_cluster_is_made_again(new):
    (new / "new").mkdir(parents=True)
    (new / "new" / "PG_VERSION").write_text("18")
    process = python(new)
    assert query(url_of(process), "SELECT 1") == 1
    close(process)


def test_a_copied_folder_has_a_server_of_its_own(base, cluster, tmp_path):
    url = cluster.ensure()
    fill(url)
    copy = Cluster(tmp_path / "copy" / "var" / "postgres")
    try:
        query(url, "SELECT count(*) FROM pg_backup_start('copy', fast => true)")
        shutil.copytree(base, copy.base)
        other = copy.ensure()
        assert other != url
        assert query(other, "SELECT count(*) FROM prova") == 1000
    finally:
        copy.leave()
    assert query(url, "SELECT count(*) FROM prova") == 1000


@pytest.mark.parametrize("lang", [None, "C", "it_IT.UTF-8"])
def test_any_language_of_the_user_gives_the_same_database(new, lang):
    env = {name: value for name, value in os.environ.items() if not name.startswith(("LANG", "LC_"))}
    process = python(new, env=env if lang is None else env | {"LANG": lang, "LC_ALL": lang})
    assert query(url_of(process), "SELECT upper('città') || ('È' ILIKE 'è')::text") == "CITTÀtrue"
    close(process)


def test_a_long_path_with_spaces_and_accents(tmp_path):
    name = "cartella più lunga dell'ordinario, perché il socket non ci sta "
    root = tmp_path
    while len(str(root)) < 190:
        root = root / name[: max(3, 189 - len(str(root)))].strip()
    cluster = Cluster(root / "var" / "postgres")
    try:
        assert query(cluster.ensure(), "SHOW data_directory") == str(cluster.data)
    finally:
        cluster.leave()


def test_an_ordinary_user(new):
    # For root, a user namespace makes one: not root, no capability.
    process = python(new, prefix=("unshare", "-U") if os.geteuid() == 0 else ())
    assert query(url_of(process), "SELECT 1") == 1
    close(process)


if os.geteuid() == 0:

    def test_root_where_namespaces_are_forbidden_uses_an_ordinary_user(monkeypatch):
        can_use = Programs.can_use
        monkeypatch.setattr(Programs, "can_use", lambda self, base: not self.prefix and can_use(self, base))
        root = Path(tempfile.mkdtemp(dir="/tmp"))
        root.chmod(0o755)
        cluster = Cluster(root / "var" / "postgres")
        nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        readable = subprocess.run([*nobody, "test", "-r", programs.__file__], check=False).returncode == 0
        try:
            if readable:
                assert query(cluster.ensure(), "SELECT 1") == 1
                assert cluster.data.stat().st_uid == NOBODY
            else:  # the project is in a closed folder, such as root's home
                with pytest.raises(LocalDatabaseError, match="non può girare come root"):
                    cluster.ensure()
        finally:
            cluster.leave()
            shutil.rmtree(root)


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path):
    (tmp_path / "var").write_text("un file al posto della cartella")
    with pytest.raises(LocalDatabaseError, match="imposta DATABASE_URL"):
        Cluster(tmp_path / "var" / "postgres").ensure()


def test_data_of_another_version_are_not_touched(new):
    (new / "data").mkdir(parents=True)
    (new / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(LocalDatabaseError, match="sono di PostgreSQL 9"):
        Cluster(new).ensure()
    assert (new / "data" / "PG_VERSION").read_text() == "9\n"


def test_run_gives_the_command_its_database_and_its_exit_status():
    command = [sys.executable, "-c", "import os, sys; print(os.environ['DATABASE_URL']); sys.exit(7)"]
    env = os.environ | {"DATABASE_URL": "postgresql://altrove/convenzioni"}
    done = subprocess.run(
        [sys.executable, "-m", "core.localdb", "run", *command],
        cwd=PROJECT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (7, "postgresql://altrove/convenzioni\n")
