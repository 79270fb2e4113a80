"""Run the cells of a submission in a process of their own, beside checks that its code cannot quietly change.

`python -m tools.grade_session FD` imports torch and the checks once and waits. For each socket that it is sent on FD it
forks: a *warden*, which runs nothing of the submission and cleans up after it, and under it the *session*, where the
learner's cells run. Each check runs in a fork of the session, so that a check that hangs or dies ends only itself.

A check passes if it raises nothing in a world that is still the one before the learner's first cell: builtins, torch
and gan_helpers hold the same functions, classes and modules. What a cell does to get round that (frames, gc, tracing,
other people's files, a function of a module replaced) is reported by an audit hook as it happens, and refused. Python
cannot remove such a hook. Reports are signed with a key that no attribute of any object leads to; "Right" printed, or
bytes written into the socket, count for nothing. What can still be got round is listed in book/grading.md.
"""

import builtins
import contextlib
import ctypes
import gc
import importlib
import marshal
import os
import pkgutil
import re
import resource
import signal
import socket
import sys
import sysconfig
import time
import types
import warnings
from _blake2 import blake2s
from pathlib import Path

import matplotlib.pyplot  # noqa: F401  imported here once, so that no submission waits for it
import torch
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

import gan_helpers
from gan_helpers.exercises.engine import Exercise

ROOT = str(Path(gan_helpers.__file__).parent.parent)
TRUSTED = re.compile(  # the modules that checks lean on
    r"(builtins|gan_helpers(\..*)?|torch(\.(functional|_tensor|_ops|random|special|linalg|serialization|_C|_C\._(nn|special|"
    r"linalg)|(nn|autograd|optim|distributions)(\..*)?))?|numpy(\.(random|linalg|_core\.(numeric|fromnumeric|multiarray))"
    r")?|scipy\.(stats|special)|math|cmath|random|inspect|functools|contextlib|os|posixpath|copy|textwrap|itertools|operator"
    r"|statistics|types|re|string|collections|warnings)").fullmatch
LIBRARIES = (  # the files whose code is not the learner's
    *(sysconfig.get_path(part) + os.sep for part in ("stdlib", "platstdlib", "purelib", "platlib")),
    os.path.realpath(sysconfig.get_path("stdlib")) + os.sep, f"{ROOT}/gan_helpers/", f"{ROOT}/tools/", "<frozen ",
    "<check>",
)  # fmt: skip
LOOKERS = (  # who looks for somebody else
    "/inspect.py", "/traceback.py", "/pdb.py", "/bdb.py", "/unittest/mock.py", "/asyncio/base_tasks.py",
    "/IPython/utils/frame.py", "/ctypes/__init__.py", "/linecache.py", "/logging/__init__.py", "/dataclasses.py",
)  # fmt: skip
FRAMES = ("tb_frame", "gi_frame", "cr_frame", "ag_frame")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


# --- what nbgrader's kernel does for a cell: run it, keep what it shows ---
class Outputs(list):
    """The outputs of one cell, in nbformat's shape, up to a size."""

    limit = 1_000_000

    def begin(self) -> None:
        self.clear()
        self.size, self.full = 0, False

    def add(self, output: dict, size: int) -> None:
        self.size += size
        if self.size <= self.limit:
            self.append(output)
        elif not self.full:
            self.full = True
            self.append({"output_type": "stream", "name": "stdout", "text": "\n... more output was left out ...\n"})


class Stream:
    """Stands in for sys.stdout and sys.stderr."""

    encoding, errors = "utf-8", "strict"

    def __init__(self, outputs: Outputs, name: str):
        self.outputs, self.name = outputs, name

    def write(self, text) -> int:
        text = str(text)
        last = self.outputs[-1] if self.outputs and not self.outputs.full else None
        if last and last.get("name") == self.name and self.outputs.size + len(text) <= self.outputs.limit:
            last["text"] += text
            self.outputs.size += len(text)
        elif text:
            self.outputs.add({"output_type": "stream", "name": self.name, "text": text}, len(text))
        return len(text)

    def writelines(self, lines) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False


def plain(data: dict) -> dict:
    """Only text, as nbformat keeps it; pictures come as base64."""
    import base64
    return {str(kind): base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)
            for kind, value in data.items()}


class Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, *, transient=None, update=False, **_) -> None:
        data = plain(data)
        self.shell.outputs.add({"output_type": "display_data", "data": data, "metadata": {}},
                               sum(map(len, data.values())))

    def clear_output(self, wait=False) -> None:
        self.shell.outputs.begin()


class Hook(DisplayHook):
    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict, md_dict=None) -> None:
        data = plain(format_dict)
        self.shell.outputs.add({"output_type": "execute_result", "data": data, "metadata": {},
                                "execution_count": self.shell.execution_count}, sum(map(len, data.values())))

    def finish_displayhook(self) -> None:
        pass


class Shell(InteractiveShell):
    displayhook_class, display_pub_class = Type(Hook), Type(Publisher)
    outputs = Outputs()

    def _showtraceback(self, etype, evalue, stb) -> None:
        lines = [str(line) for line in stb][-60:]
        self.outputs.add({"output_type": "error", "ename": str(etype.__name__), "evalue": str(evalue)[:2000],
                          "traceback": lines}, 0)

    def enable_gui(self, gui=None) -> None:
        pass


# --- the world before the learner's first cell ---
def world() -> tuple[list[tuple], list[tuple], list[tuple]]:
    """All that checks lean on.

    (what, get, names, ids): `get(name)` must go on giving the object with that id. (what, attributes, size): of classes
    and of the checks' own modules and objects, where one more attribute hides another. (dictionary, its keys): what
    the checks remember, which is forgotten before each of them.
    """
    kept, seen, found, sizes, memory = [], set(), [], [], []
    builtin_names = tuple(vars(builtins))

    def ours(thing) -> bool:
        return bool(TRUSTED(str(getattr(thing, "__module__", None))))

    def keep(what, mapping, deep: bool) -> None:
        names = [n for n, v in mapping.items() if deep or callable(v)
                 or isinstance(v, types.ModuleType | classmethod | staticmethod | property)]
        values = [mapping.get(n) for n in names]
        found.append(values)  # so that no id is given to anything else
        kept.append((what, mapping.get, tuple(names), tuple(map(id, values))))
        for name, value in zip(names, values, strict=True):
            walk(f"{what}.{name}", value, deep and not str(name).startswith("__"))

    def walk(what, value, deep: bool) -> None:
        if id(value) in seen or isinstance(value, types.ModuleType):
            return
        if isinstance(value, type) and ours(value):
            seen.add(id(value))
            with contextlib.suppress(Exception):
                _ = value.__annotations__  # made when it is first asked for
            keep(what, value.__dict__, value.__module__.startswith("gan_helpers"))
            sizes.append((what, value.__dict__, len(value.__dict__)))
        elif deep and isinstance(value, dict):
            seen.add(id(value))
            memory.append((value, frozenset(value)))
            keep(what, value, True)
        elif deep and type(value) in (list, tuple):
            seen.add(id(value))
            sizes.append((what, value, len(value)))
            kept.append((what, value.__getitem__, tuple(range(len(value))), tuple(map(id, value))))
            for k, part in enumerate(value):
                walk(f"{what}[{k}]", part, True)
        elif deep and isinstance(value, types.FunctionType) and value.__module__.startswith("gan_helpers"):
            seen.add(id(value))
            keep(what, value.__dict__, True)
            for cell, name in zip(value.__closure__ or (), value.__code__.co_freevars, strict=True):
                with contextlib.suppress(ValueError):
                    held = cell.cell_contents
                    found.append(held)
                    kept.append((f"{what} ({name})", lambda _, c=cell: c.cell_contents, (name,), (id(held),)))
                    walk(f"{what} ({name})", held, True)
        elif deep and (type(value).__module__ or "").startswith("gan_helpers") and hasattr(value, "__dict__"):
            seen.add(id(value))
            sizes.append((what, value.__dict__, len(value.__dict__)))
            keep(what, value.__dict__, True)

    trusted = {n: m for n, m in sys.modules.items() if TRUSTED(n) and isinstance(m, types.ModuleType)}
    kept.append(("sys.modules", sys.modules.get, tuple(trusted), tuple(map(id, trusted.values()))))
    for name, module in trusted.items():
        ours_too = name.split(".")[0] == "gan_helpers"
        if ours_too:
            vars(module).setdefault("__warningregistry__", {})
            sizes.append((name, vars(module), len(vars(module))))
        keep(name, vars(module), ours_too)
        if name != "builtins":  # a global of that name would hide the builtin
            kept.append((name, vars(module).get, builtin_names, tuple(map(id, map(vars(module).get, builtin_names)))))
    kept.append(("", lambda _: found, ("found",), (id(found),)))
    return kept, sizes, memory


def make_guard(shell: Shell):
    """arm(send, allowed, forbidden); changed() -> what is no longer as it was, or None; forget() what checks remember.

    All that they use stands in their closure: nothing is looked up by a name that a submission could bind anew.
    """
    id_, map_, tuple_, isinstance_, type_, len_ = id, map, tuple, isinstance, type, len
    getframe, gettrace, getprofile, realpath, fsdecode = (
        sys._getframe, sys.gettrace, sys.getprofile, os.path.realpath, os.fsdecode)
    builtin_list, builtin_names = builtins.__dict__, tuple(builtins.__dict__)
    builtin_ids = tuple(map(id, builtins.__dict__.values()))
    hooks, function, module, error, trouble = (
        sys.meta_path, types.FunctionType, types.ModuleType, PermissionError, Exception)
    transformers = shell.input_transformer_manager
    flag, allowed, forbidden, busy, getpid = None, (), (), False, os.getpid

    solutions: dict = {}

    def learner(depth: int) -> bool:
        """Whether what happens now was asked for by code that is in no library's file."""
        frame = getframe(depth)
        while frame is not None and frame.f_code.co_filename.endswith(LOOKERS):
            frame = frame.f_back
        return frame is not None and not frame.f_code.co_filename.startswith(LIBRARIES)

    def path_of(value) -> str:
        return realpath(fsdecode(value)) if isinstance_(value, (str, bytes)) else ""

    def touches(path: str, writing: bool) -> str | None:
        if path.startswith(forbidden) or (path.startswith("/proc/") and path.endswith(("/mem", "/environ", "/maps"))):
            return f"opens a file that is none of its business ({path.rsplit('/', 1)[-1]})"
        if writing and path.startswith(LIBRARIES):
            return "writes into the course's own files"
        if writing and path and not path.startswith(allowed):
            raise error(f"While grading, files can be written in the notebook's own folder only, not to {path}.")
        return None

    def judge(event: str, args: tuple) -> str | None:
        if event == "open":
            return touches(path_of(args[0]), bool((args[2] or 0) & WRITES)) if args[0].__class__ is not int else None
        if event in ("os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.truncate", "os.chown", "shutil.rmtree"):
            return touches(path_of(args[0]), True)
        if event in ("os.rename", "os.link", "os.symlink"):
            return touches(path_of(args[0]), event == "os.rename") or touches(path_of(args[1]), True)
        if event in ("os.listdir", "os.scandir"):
            return touches(path_of(args[0]) + "/", False) if args[0] is not None else None
        if event == "socket.connect" or event == "socket.getaddrinfo":
            raise error("There is no network while grading.")
        if event == "os.kill" or event == "os.killpg":
            own = event == "os.kill" and args[0] == getpid()
            return None if own or not learner(3) else "sends a signal to another process"
        if event in ("object.__getattr__", "object.__setattr__", "compile", "code.__new__") or event in WATCHED:
            if event == "object.__getattr__" and args[1] not in FRAMES:
                return None
            if event == "compile":
                file = fsdecode(args[1]) if isinstance_(args[1], (str, bytes)) else ""
                if not file.startswith(LIBRARIES):
                    return None
            if event == "object.__setattr__":
                target, name = args[0], args[1]
                if type_(target) is function:
                    if name not in ("__code__", "__defaults__", "__kwdefaults__") or not learner(3):
                        return None
                    if target.__globals__ is shell.user_ns:
                        return None
                elif not (isinstance_(target, module) or (isinstance_(target, type_) and name == "__bases__")):
                    return None
                return "rewrites a function or class that is not its own" if learner(3) else None
            return WATCHED.get(event, f"uses {event}") if learner(3) else None
        return None

    def audit(event: str, args: tuple) -> None:
        nonlocal busy
        if flag is None or busy:
            return
        busy = True
        try:
            reason = judge(event, args)
            if reason:
                flag(reason)
                raise error(f"Not while grading: this {reason}.")
        finally:
            busy = False

    class Frozen(module):
        """A module whose functions stay what they are."""

        def __setattr__(self, name, value):
            if flag is not None and learner(2) and not (isinstance_(value, module) and name not in self.__dict__):
                flag(f"replaces {self.__name__}.{name}")
                raise error(f"Not while grading: this replaces {self.__name__}.{name}.")
            module.__setattr__(self, name, value)

        def __delattr__(self, name):
            if flag is not None and learner(2):
                flag(f"removes {self.__name__}.{name}")
                raise error(f"Not while grading: this removes {self.__name__}.{name}.")
            module.__delattr__(self, name)

    class Withheld:
        """The solution of an exercise: for its check, not for the answer that is checked."""

        def __get__(self, exercise, kind):
            if exercise is None or id_(exercise) not in solutions:
                raise AttributeError("solution")
            if flag is not None and learner(2):
                flag("takes the solution out of the check")
                raise error("Not while grading: this takes the solution out of the check.")
            return solutions[id_(exercise)]

        def __set__(self, exercise, value):
            solutions[id_(exercise)] = value

    def changed() -> str | None:
        nonlocal busy
        busy = True  # reading a closure is not news
        try:
            if tuple_(map_(id_, map_(builtin_list.get, builtin_names))) != builtin_ids:
                return "replaces a builtin function"
            for what, get, names, ids in kept:
                try:
                    same = tuple_(map_(id_, map_(get, names))) == ids
                except trouble:
                    same = False  # a list that got shorter, a cell that was emptied
                if not same:
                    return f"replaces something in {what}"
            for what, attributes, size in sizes:
                if len_(attributes) != size:
                    return f"adds something to {what}"
            if gettrace() is not None or getprofile() is not None:
                return "leaves a tracing or profiling function behind"
            for hook in hooks:
                if type_(hook).__module__ == "__main__" or getattr(hook, "__module__", "") == "__main__":
                    return "leaves an import hook behind"
            own = shell.__dict__
            if "run_cell" in own or "run_code" in own or "run_ast_nodes" in own:
                return "replaces IPython's run_cell"
            if len_(transformers.line_transforms) != line_count or len_(transformers.cleanup_transforms) != clean_count:
                return "leaves an input transformer behind"
            if shell.ast_transformers:
                return "leaves an AST transformer behind"
            for name in shell.events.callbacks:
                for call in shell.events.callbacks[name]:
                    code = getattr(call, "__code__", None)
                    if code is not None and not code.co_filename.startswith(LIBRARIES):
                        return "leaves a hook in IPython behind"
            return None
        finally:
            busy = False

    def forget() -> None:
        for dictionary, names in memory:
            if len_(dictionary) != len_(names):
                for name in tuple_(dictionary):
                    if name not in names:
                        del dictionary[name]

    for exercise in [one for one in gc.get_objects() if type(one) is Exercise]:
        solutions[id(exercise)] = exercise.__dict__.pop("solution")
    Exercise.solution = Withheld()
    kept, sizes, memory = world()
    line_count, clean_count = len(transformers.line_transforms), len(transformers.cleanup_transforms)
    for part in [m for n, m in sys.modules.items() if TRUSTED(n) and type(m) is types.ModuleType]:
        with contextlib.suppress(TypeError):
            part.__class__ = Frozen
    sys.addaudithook(audit)

    def arm(report, may_write: tuple, may_not_open: tuple) -> None:
        nonlocal flag, allowed, forbidden
        flag, allowed, forbidden = report, may_write, may_not_open

    return arm, changed, forget


WATCHED = {event: words for words, events in {  # what a learner's code has no business with
    "looks at the frames of its callers": ("sys._getframe", "sys._current_frames", "object.__getattr__"),
    "traces the checks": ("sys.settrace", "sys.setprofile", "sys.monitoring.register_callback"),
    "adds an audit hook": ("sys.addaudithook",),
    "searches the memory of the grader": ("gc.get_objects", "gc.get_referrers", "gc.get_referents"),
    "makes code by hand": ("code.__new__",),
    "gives its code the name of another file": ("compile",),
    "reaches into memory with ctypes": tuple(f"ctypes.{what}" for what in (
        "dlopen", "dlsym", "string_at", "wstring_at", "cdata", "cdata/buffer", "call_function", "PyObj_FromPtr")),
}.items() for event in events}


# --- what the system gives: no network, no files of the grader, limits ---
def isolate(hidden: list[str]) -> list[str]:
    """Leave the network and the grader's folders; says which of the two worked (Linux that allows namespaces)."""
    done = []
    if not sys.platform.startswith("linux"):
        return done
    libc = ctypes.CDLL(None, use_errno=True)
    user, net, mounts, ipc = 0x10000000, 0x40000000, 0x00020000, 0x08000000
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(user | net | mounts | ipc) == 0:
        with contextlib.suppress(OSError):
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
            Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    elif libc.unshare(net | mounts | ipc) != 0:
        return done
    done.append("network")
    private = libc.mount(None, b"/", None, 0x4000 | 0x40000, None) == 0
    if private and all(libc.mount(b"none", path.encode(), b"tmpfs", 1, None) == 0 for path in hidden):
        done.append("files")
    header, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc.prctl(28, 0x2F, 0, 0, 0)  # PR_SET_SECUREBITS: root gets nothing back on exec
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    libc.capset(header, nothing)  # or the mounts could be taken away again
    return done


def die_with_parent() -> None:
    """When the grader is killed, what it started ends as well (Linux)."""
    with contextlib.suppress(Exception):
        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL), 0, 0, 0)  # PR_SET_PDEATHSIG


def limit(memory: int, file_size: int = 200_000_000) -> None:
    """No process of the submission gets more than `memory` bytes beyond what the imports take."""
    with contextlib.suppress(OSError, ValueError):
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + memory,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_size,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# --- one submission ---
def run_session(job: dict, connection: int, shell: Shell, arm, changed, forget) -> None:
    """Run the cells of a job and report each. Never returns."""
    write, dumps, digest, key, counter, stream = os.write, marshal.dumps, blake2s, job["key"], 0, 0
    fork, waitpid, kill, killpg, leave, setpgid = os.fork, os.waitpid, os.kill, os.killpg, os._exit, os.setpgid
    execute, compile_, dict_, clock, nap, nohang = exec, compile, dict, time.monotonic, time.sleep, os.WNOHANG
    real_builtins, run_cell = builtins.__dict__, shell.run_cell
    signal_, ignored, default = signal.signal, signal.SIG_IGN, signal.default_int_handler
    interrupt, killed, trouble, length = signal.SIGINT, signal.SIGKILL, BaseException, len
    out, err, system = Stream(shell.outputs, "stdout"), Stream(shell.outputs, "stderr"), sys
    outputs, show, repeat, skip = shell.outputs, shell.showtraceback, job["done"], job["skip"]
    seconds, user, suppress = job["seconds"], shell.user_ns, contextlib.suppress

    def send(kind: str, *what) -> None:
        nonlocal counter
        counter += 1
        text = dumps((stream, counter, kind, what))
        frame = length(text).to_bytes(4, "big") + digest(text, key=key).digest() + text
        while frame:
            frame = frame[write(connection, frame):]

    os.chdir(job["folder"])
    os.environ.update(HOME=job["folder"], TMPDIR=job["folder"], MPLCONFIGDIR=job["folder"])
    import tempfile
    tempfile.tempdir = job["folder"]
    sys.dont_write_bytecode = True
    sys.path[:] = [job["folder"], *[path for path in sys.path if path not in ("", os.getcwd())]]
    quiet = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(quiet, number)
    trusted = {}
    exec(job["imports"], trusted)  # from the release, not from the submission
    trusted = {name: trusted[name] for name in job["names"] if name in trusted}
    closed = isolate(job["hidden"])
    die_with_parent()
    limit(job["memory"])
    outputs.limit = job["output"]
    torch.manual_seed(0)
    send("ready", closed)
    arm(lambda reason: send("flag", reason), (job["folder"] + "/", "/dev/null", "/dev/tty", "/dev/shm/"),
        tuple(os.path.realpath(path) + "/" for path in job["hidden"]))

    def check(number: int, source: str) -> None:
        nonlocal stream
        before = changed()
        if before:
            return send("held", before)
        other = [name for name, value in trusted.items() if name in user and user[name] is not value]
        if other:
            send("look", f"{other[0]} has another meaning than in the assignment; the assignment's was used")
        deadline = clock() + seconds
        child = fork()
        if child == 0:
            setpgid(0, 0)
            stream = number + 1
            names = dict_(user)
            names.update(trusted)
            names["__builtins__"] = real_builtins
            try:
                forget()
                execute(compile_(source, "<check>", "exec"), names)
                after = changed()
                verdict = ("held", after) if after else ("pass",)
            except trouble as error:
                verdict = ("fail",)
                with suppress(trouble):
                    show((type(error), error, error.__traceback__))
            try:
                shown = dumps([{k: v for k, v in one.items()} for one in outputs])
            except trouble:
                shown = dumps([])
            send("shown", shown)
            send(*verdict)
            leave(0)
        rest = 0.002
        while True:
            pid, status = waitpid(child, nohang)
            if pid:
                break
            if clock() > deadline:
                try:
                    killpg(child, killed)
                except trouble:
                    kill(child, killed)
                waitpid(child, 0)
                return send("slow")
            nap(rest)
            rest = min(rest * 1.5, 0.05)
        send("over", status)

    min = builtins.min
    for number, (is_check, source) in enumerate(job["cells"]):
        if number in skip:
            continue
        if is_check and number in repeat:
            continue
        send("start", number)
        outputs.begin()
        system.stdout, system.stderr = out, err
        signal_(interrupt, default)
        if is_check:
            signal_(interrupt, ignored)
            check(number, source)
            signal_(interrupt, default)
            continue
        try:
            run_cell(source, store_history=True, silent=False)
        except trouble as error:  # IPython lets some out
            outputs.add({"output_type": "error", "ename": type(error).__name__, "evalue": "", "traceback": []}, 0)
        try:
            signal_(interrupt, ignored)
            system.stdout.flush()
            shown = dumps([{k: v for k, v in one.items()} for one in outputs])
        except trouble:
            shown = dumps([])
        send("ran", shown)
    send("end")
    leave(0)


def warden(connection: int, shell: Shell, arm, changed, forget) -> None:
    """Fork the session, wait for it, end what it left running, say how much memory it took. Never returns."""
    os.setsid()
    die_with_parent()
    with contextlib.suppress(Exception):
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: what it starts comes back to us
    size = int.from_bytes(receive(connection, 4), "big")
    job = marshal.loads(receive(connection, size))
    session = os.fork()
    if session == 0:
        try:
            run_session(job, connection, shell, arm, changed, forget)
        finally:
            os._exit(70)
    counter = 0

    def send(kind: str, *what) -> None:
        nonlocal counter
        counter += 1
        text = marshal.dumps((-1, counter, kind, what))
        frame = len(text).to_bytes(4, "big") + blake2s(text, key=job["key"]).digest() + text
        with contextlib.suppress(OSError):
            while frame:
                frame = frame[os.write(connection, frame):]

    send("pid", session)
    _, status, usage = os.wait4(session, 0)
    while children := Path(f"/proc/self/task/{os.getpid()}/children").read_text().split() if os.path.exists(
            "/proc/self/task") else []:
        for child in children:
            with contextlib.suppress(OSError):
                os.kill(int(child), signal.SIGKILL)
                os.waitpid(int(child), 0)
    send("gone", status, usage.ru_maxrss, usage.ru_utime + usage.ru_stime)
    os._exit(0)


def receive(connection: int, size: int) -> bytes:
    got = b""
    while len(got) < size:
        part = os.read(connection, size - len(got))
        if not part:
            os._exit(1)
        got += part
    return got


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    for part in pkgutil.walk_packages(gan_helpers.__path__, "gan_helpers."):
        importlib.import_module(part.name)
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    shell = Shell.instance(config=Config({"HistoryManager": {"enabled": False}, "Completer": {"use_jedi": False}}))
    shell.colors = "nocolor"
    shell.run_cell("import matplotlib.pyplot as plt; plt.close(plt.figure()); del plt")
    shell.outputs.begin()
    shell.user_ns["__name__"] = "__main__"
    layer = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    for optimizer in (torch.optim.Adam(layer.parameters()), torch.optim.SGD(layer.parameters())):
        layer(torch.randn(3, 2)).sum().backward()  # what torch imports on the way is imported once
        optimizer.step()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is only looked at
        guard = make_guard(shell)
    for module in ("__main__", "tools.grade_session"):
        sys.modules.pop(module, None)
    sys.modules["__main__"] = shell.user_module
    gc.collect()
    gc.freeze()  # pages that the collector does not touch stay shared
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    control.send(b"r")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            return
        if os.fork() == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            warden(descriptors[0], shell, *guard)
        os.close(descriptors[0])


if __name__ == "__main__":
    main()
