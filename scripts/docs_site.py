"""Hooks of mkdocs.yml: which files of the repository are pages, and the pages of the Python API.

Pages keep the paths they have in the repository, so that a relative link works there and here.
"""

import ast
import os

from mkdocs.structure.files import File, Files

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FRONT_PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
PACKAGES = ("constructs_lib", "dms_stream")
# where each README is a page
FOLDERS = (*PACKAGES, "examples")
# what pages link to that is no page
STATIC = ("LICENSE",)
API_FOLDER = "api"
# how the packages load their names, and nothing to call
OUTSIDE = ("constructs_lib.lazy",)
# what people look for is on the pages they read; the API comes behind them in a search
API_PAGE = """---
search:
  boost: 0.5
---

# {module}

::: {module}
"""
# each name has its own page, below the package's
PACKAGE_PAGE = (
    API_PAGE
    + """    options:
      members: false
"""
)


def pages():
    """Paths of the Markdown files that are pages, and of what lies beside them in docs/."""
    yield from FRONT_PAGES
    for folder, _, names in os.walk(os.path.join(ROOT, "docs")):
        yield from (relative(folder, name) for name in names)
    for top in FOLDERS:
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            yield from (relative(folder, name) for name in names if name == "README.md")


def relative(folder, name):
    """A path below the repository, with slashes."""
    return os.path.relpath(os.path.join(folder, name), ROOT).replace(os.sep, "/")


def public_modules():
    """The dotted names of the modules with public names: those of `__all__`, and where they are."""
    found = set()
    for package in PACKAGES:
        for folder, _, names in os.walk(os.path.join(ROOT, package)):
            for name in names:
                path = os.path.join(folder, name)
                if name.endswith(".py") and declares_names(tree_of(path)):
                    dotted = relative(folder, name)[: -len(".py")].replace("/", ".")
                    found.add(dotted.removesuffix(".__init__"))
        # what the package itself exports from modules that are no packages, such as its errors
        exports = ast.walk(tree_of(os.path.join(ROOT, package, "__init__.py")))
        found |= {
            each.module
            for each in exports
            if isinstance(each, ast.ImportFrom)
            and (each.module or "").startswith(package + ".")
            and each.module.count(".") == 1
            and each.module not in OUTSIDE
        }
    return sorted(found)


def tree_of(path):
    """A module's syntax tree."""
    with open(path, encoding="utf-8") as file:
        return ast.parse(file.read())


def declares_names(tree):
    """Whether a module has a list `__all__` that is not empty."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, (ast.List, ast.Tuple)):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            if "__all__" in names and statement.value.elts:
                return True
    return False


def on_config(config):
    """Put the pages of the Python API into the navigation, where it says `Python API: []`."""
    entry = next(each for each in config.nav if "Python API" in each)
    entry["Python API"] = [
        {package: [{short(name): api_page(name)} for name in public_modules() if of(package, name)]}
        for package in PACKAGES
    ]
    config.watch = [*config.watch, *(os.path.join(ROOT, package) for package in PACKAGES)]
    return config


def of(package, module):
    """Whether a module is a package's, or the package itself."""
    return module.split(".")[0] == package


def short(module):
    """A module's name in the navigation, below its package's."""
    return module.partition(".")[2] or "overview"


def api_page(module):
    """The path of a module's page."""
    return "%s/%s.md" % (API_FOLDER, module)


def on_files(files, config):
    """Replace what mkdocs found in docs/ by the repository's pages, under their own paths."""
    # the theme's own files stay
    kept = [file for file in files if file.src_dir != config.docs_dir]
    for path in [*pages(), *STATIC]:
        kept.append(File.generated(config, path, abs_src_path=os.path.join(ROOT, path)))
    for module in public_modules():
        page = PACKAGE_PAGE if module in PACKAGES else API_PAGE
        kept.append(File.generated(config, api_page(module), content=page.format(module=module)))
    return Files(kept)
