"""Hooks of mkdocs.yml: which files of the repository are pages, and the pages of the Python API.

Pages keep the paths they have in the repository, so that a relative link works there and here.
"""

import ast
import os

from mkdocs.structure.files import File, Files

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FRONT_PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
PACKAGES = ("constructs_lib", "dms_stream")
# what pages link to that is no page
STATIC = ("LICENSE",)
API_FOLDER = "api"


def pages():
    """Paths of the Markdown files that are pages, and of what lies beside them in docs/."""
    yield from FRONT_PAGES
    for folder, _, names in os.walk(os.path.join(ROOT, "docs")):
        yield from (relative(folder, name) for name in names)
    for package in PACKAGES:
        for folder, _, names in os.walk(os.path.join(ROOT, package)):
            yield from (relative(folder, name) for name in names if name == "README.md")


def relative(folder, name):
    """A path below the repository, with slashes."""
    return os.path.relpath(os.path.join(folder, name), ROOT).replace(os.sep, "/")


def public_modules():
    """The dotted names of the packages and modules that declare public names."""
    for package in PACKAGES:
        for folder, folders, names in os.walk(os.path.join(ROOT, package)):
            folders.sort()
            for name in sorted(names):
                if name.endswith(".py") and declares_names(os.path.join(folder, name)):
                    dotted = relative(folder, name)[: -len(".py")].replace("/", ".")
                    yield dotted.removesuffix(".__init__")


def declares_names(path):
    """Whether a module has a list `__all__` that is not empty."""
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
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
        text = "# %s\n\n::: %s\n" % (module, module)
        kept.append(File.generated(config, api_page(module), content=text))
    return Files(kept)
