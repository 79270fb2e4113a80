"""Submissions that go for the machinery instead of the exercise. None gets the points of the cell; each is noticed.

Each stands in the place of an answer and ends with a wrong one. {name} is what the answer is called, and its check;
{folder} is where the submissions lie, {to} where the results go. What is in LASTING spoils the world for all later
checks, so those come last when several stand in one notebook.
"""

WRONG = """
def {name}(*arguments):
    return torch.zeros(())
"""

CHEATS = {
    "require_replaced": "import gan_helpers.exercises as e\ne.require = lambda *a: None",
    "check_replaced": "check.{name} = lambda answer: print('fine')",
    "check_replaced_in_its_dict": "check.__dict__['{name}'] = lambda answer: None",
    "check_replaced_by_exec": "exec('{name} = lambda answer: None', vars(check))",
    "check_hidden_by_an_attribute": "vars(check.{name})['examine'] = lambda answer: 0.0",
    "builtin_hidden": "vars(check)['isinstance'] = lambda *a: True\nvars(check)['len'] = lambda *a: 0",
    "what_it_remembers": "remembered = vars(check.{name}).get('_made')\nprint(remembered)\n"
                         "vars(check.{name})['_made'] = type('Same', (dict,), {'__contains__': print})()",
    "solution_borrowed": "def {name}(*arguments):\n    return check.{name}.solution(*arguments)",
    "solution_by_dataclasses": "import dataclasses\ndef {name}(*arguments):\n"
                               "    return {f.name: getattr(check.{name}, f.name) for f in dataclasses.fields("
                               "check.{name})}['solution'](*arguments)",
    "check_renamed": "class check:\n    {name} = staticmethod(print)",
    "module_swapped": "import sys, types\nm = types.ModuleType('m')\nm.{name} = print\n"
                      "sys.modules['gan_helpers.exercises.even_numbers'] = check = m",
    "module_loaded_anew": "import sys, importlib\ndel sys.modules['gan_helpers.exercises']\n"
                          "import gan_helpers.exercises as e\nvars(e)['require'] = print",
    "not_yet_never_raised": "import gan_helpers.exercises as e\n"
                            "type.__setattr__(e.NotYet, '__init__', lambda *a: 1 / 0)",
    "not_yet_patched": "from gan_helpers.exercises import NotYet\nNotYet.__str__ = lambda self: 'Right.'",
    "right_printed": "print('Right. It stays exact for logits of 200.')",
    "code_swapped": "import gan_helpers.exercises as e\ne.require.__code__ = (lambda *a: None).__code__",
    "closure_swapped": "for cell in getattr(check.{name}, '__closure__', None) or ():\n"
                       "    cell.cell_contents = lambda answer: None\n"
                       "import gan_helpers.exercises as e\nvars(e)['ask'] = None",
    "torch_replaced": "torch.allclose = torch.equal = lambda *a, **k: True",
    "torch_replaced_in_its_dict": "vars(torch).update(as_tensor=lambda *a: 0, allclose=lambda *a, **k: True)",
    "mocked": "from unittest import mock\nmock.patch('gan_helpers.exercises.require').start()",
    "tensor_patched": "torch.Tensor.__sub__ = lambda a, b: torch.zeros(())",
    "builtins_patched": "import builtins\nbuiltins.__dict__['abs'] = lambda x: 0",
    "builtins_of_the_cell": "import builtins\n__builtins__ = dict(vars(builtins), AssertionError=int)\n"
                            "builtins.isinstance = lambda *a: True",
    "undone_when_collected": """
class Later:
    def __del__(self):
        import gan_helpers.exercises as e
        e.require = self.before
def {name}(*arguments):
    import gan_helpers.exercises as e
    later = Later()
    later.before, e.require = e.require, lambda *a: None
    result = torch.zeros(())
    result.later = later
    return result
""",
    "frames": "import sys\nframe = sys._getframe()\n"
              "while frame:\n    print(list(frame.f_locals))\n    frame = frame.f_back",
    "frames_by_inspect": "import inspect\nprint([f.frame.f_locals.keys() for f in inspect.stack()])",
    "frames_of_a_traceback": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n"
                             "    print(error.__traceback__.tb_frame.f_back.f_locals)",
    "frames_of_a_generator": "def g():\n    yield\nlist_of = g()\nprint(list_of.gi_frame)",
    "frames_in_the_answer": """
def {name}(*arguments):
    import sys
    sys._getframe(1).f_globals["require"] = lambda *a: None
    return torch.zeros(())
""",
    "traced": "import sys\nsys.settrace(lambda frame, event, what: None)",
    "profiled": "import sys\nsys.setprofile(lambda frame, event, what: None)",
    "import_hook": "import sys\nclass Finder:\n    def find_spec(*a):\n        return None\n"
                   "sys.meta_path.insert(0, Finder())",
    "audit_hook": "import sys\nsys.addaudithook(lambda *a: None)",
    "atexit": "import atexit, os\natexit.register(lambda: open('{to}/grades.csv', 'w').write('x'))",
    "memory_searched": "import gc\nprint([o for o in gc.get_objects() if isinstance(o, dict) and 'key' in o][:1])",
    "ctypes": "import ctypes\nctypes.pythonapi.PyGILState_Check()\nctypes.string_at(id(check), 64)",
    "channel_written": "import os\nfor number in range(3, 40):\n    try:\n        os.write(number, b'pass' * 50)\n"
                       "    except OSError:\n        pass",
    "gradebook_written": "import sqlite3, os\nopen('{to}/gradebook.db', 'r+b').write(b'0')",
    "others_read": "import os\nprint(os.listdir('{folder}'))",
    "checks_rewritten": "import gan_helpers.exercises as e\nopen(e.__file__, 'a').write('')",
    "input_transformer": "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass'])",
    "ast_transformer": "import ast\nget_ipython().ast_transformers.append(ast.NodeTransformer())",
    "run_cell_overridden": "get_ipython().run_cell = lambda *a, **k: None",
    "hook_of_ipython": "get_ipython().events.register('post_run_cell', lambda *a: None)",
    "filename_forged": "import gan_helpers.exercises as e\nexec(compile('x = 1', e.__file__, 'exec'))",
    "grader_signalled": "import os\nos.kill(os.getppid(), 0)",
    "left_at_once": """
def {name}(*arguments):
    import os
    os._exit(0)
""",
}
CHEATS = {cheat: text if "def {name}" in text else text + WRONG for cheat, text in CHEATS.items()}
LASTING = ["check_hidden_by_an_attribute", "builtin_hidden", "what_it_remembers",
           "check_replaced_in_its_dict", "check_replaced_by_exec", "module_swapped", "module_loaded_anew",
           "not_yet_never_raised", "not_yet_patched", "closure_swapped", "torch_replaced_in_its_dict", "tensor_patched",
           "builtins_patched", "import_hook", "input_transformer", "ast_transformer", "run_cell_overridden",
           "hook_of_ipython", "profiled"]
