"""What a statement of the binary log does to tables.

sqlglot's tokenizer reads the text: it knows comments, strings and quoted names. Its parser does not
know RENAME TABLE, partitions or what MariaDB adds, so the statements' shapes stand here, token by
token. A statement about tables that fits none of them is `UnreadDdl`, never skipped.

https://dev.mysql.com/doc/refman/8.4/en/sql-data-definition-statements.html
https://mariadb.com/kb/en/data-definition/
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlglot.dialects.mysql import MySQL
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from dms_stream.rehearsal.source.database import LogPosition

# https://dev.mysql.com/doc/dev/mysql-server/latest/query__options_8h.html and system_variables.h
_ANSI_QUOTES = 4
_NO_BACKSLASH_ESCAPES = 1 << 20

_VERBS = frozenset({"ALTER", "CREATE", "DROP", "RENAME", "TRUNCATE"})
_MAY_BEGIN = re.compile(r"\s*(?:/\*|--|#|SET\s|ALTER|CREATE|DROP|RENAME|TRUNCATE)", re.IGNORECASE)
_RUN_COMMENT = re.compile(r"/\*M?!\d*|\*/")
_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*|#[^\n]*", re.DOTALL)
_WORD = re.compile(r"[\w$]+")
_BETWEEN_NAMES = frozenset({"ONLINE", "OFFLINE", "IGNORE"})
_BEFORE_A_COLUMN = frozenset({"ADD", "MODIFY", "CHANGE", "COLUMN", "IF", "NOT", "EXISTS", "("})
_BEFORE_A_KEYS_NAME = frozenset({"CONSTRAINT", "FULLTEXT", "INDEX", "KEY", "SPATIAL", "UNIQUE"})
_VERSIONING = ("SYSTEM", "VERSIONING")

ROWS_CHANGE = frozenset(
    {
        *("DROP PARTITION", "TRUNCATE PARTITION", "EXCHANGE PARTITION", "CONVERT PARTITION"),
        *("CONVERT TABLE", "DISCARD PARTITION", "IMPORT PARTITION"),
        *("DISCARD TABLESPACE", "IMPORT TABLESPACE"),
    }
)
"""Alterations that add or remove rows that the log never holds."""
_WITH_ANOTHER_TABLE = frozenset({"CONVERT PARTITION", "CONVERT TABLE", "EXCHANGE PARTITION"})
VERSIONING = "SYSTEM VERSIONING"
"""MariaDB's ADD or WITH SYSTEM VERSIONING."""
LOGGED_AS_BYTES = frozenset({"INET4", "INET6", "UUID"})
"""MariaDB's types that DMS does not map, and that look like BINARY in the log."""
PARTITIONS = "partition DDL"
"""Alterations of partitions that leave the rows as they are."""
PLACED = "ADD COLUMN … FIRST or AFTER"
"""Alterations that put a column elsewhere than at the end."""


@dataclass(frozen=True)
class TableDdl:
    """A statement that changes a table.

    Attributes:
        verb: `ALTER`, `TRUNCATE`, `DROP`, `RENAME` or `CREATE`.
        schema: The table's schema; every table of it where `table` is empty (DROP DATABASE).
        table: The table.
        position: Where reading can resume.
        new_name: Its schema and name after it was renamed.
        alterations: What an ALTER or CREATE does that matters here: of `ROWS_CHANGE`,
            `VERSIONING`, `LOGGED_AS_BYTES`, `PARTITIONS` and `PLACED`.
    """

    verb: str
    schema: str
    table: str
    position: LogPosition
    new_name: tuple[str, str] | None = None
    alterations: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnreadDdl:
    """A statement about tables that is not understood.

    Attributes:
        text: The statement.
        names: Every name and word in it.
        position: Where reading can resume.
    """

    text: str
    names: frozenset[str]
    position: LogPosition


class _Tokenizer(MySQL.Tokenizer):
    # a statement that begins with one of these would be one token
    COMMANDS: ClassVar[set[TokenType]] = set()


class _NoEscapes(_Tokenizer):
    STRING_ESCAPES = ["'", '"']


class _Ansi(_Tokenizer):
    IDENTIFIERS = ["`", '"']
    QUOTES = ["'"]


class _AnsiNoEscapes(_Ansi):
    STRING_ESCAPES = ["'"]


_TOKENIZERS = {
    (False, False): _Tokenizer,
    (False, True): _NoEscapes,
    (True, False): _Ansi,
    (True, True): _AnsiNoEscapes,
}


def table_ddl(
    text: str, default_schema: str, position: LogPosition, *, sql_mode: int = 0
) -> list[TableDdl | UnreadDdl]:
    """What a statement does to tables, in order; nothing where it is about something else.

    Args:
        text: The statement, as it was logged.
        default_schema: The session's.
        position: Where reading can resume.
        sql_mode: The session's, as the log holds it.
    """
    if not _MAY_BEGIN.match(text):
        return []
    tokenizer = _TOKENIZERS[bool(sql_mode & _ANSI_QUOTES), bool(sql_mode & _NO_BACKSLASH_ESCAPES)]
    try:
        shown = _with_run_comments(text, tokenizer)
        tokens = tokenizer().tokenize(shown)
    except SqlglotError:
        return [UnreadDdl(text, frozenset(_WORD.findall(text)), position)]
    statement = _Statement(shown, tokens, default_schema, position)
    try:
        return list(statement.entries())
    except ParseError:
        return [UnreadDdl(text, statement.names, position)]


def _with_run_comments(text: str, tokenizer: type[MySQL.Tokenizer]) -> str:
    """The statement with comments that the server runs, such as `/*!40000 … */`, opened."""
    while "/*!" in text or "/*M!" in text:
        end = -1
        for token in [*tokenizer().tokenize(text), None]:
            start = len(text) if token is None else token.start
            gap = text[end + 1 : start]
            run = next(
                (c for c in _COMMENT.finditer(gap) if c[0].startswith(("/*!", "/*M!"))), None
            )
            if run is not None:
                inner = _RUN_COMMENT.sub(" ", run[0])
                place = end + 1
                text = text[: place + run.start()] + inner + text[place + run.end() :]
                break
            end = start if token is None else token.end
        else:
            return text
    return text


class _Statement:
    def __init__(
        self, text: str, tokens: Sequence[Token], default_schema: str, position: LogPosition
    ) -> None:
        self._text, self._tokens = text, tokens
        self._schema, self._position = default_schema, position
        self._at = 0

    @property
    def names(self) -> frozenset[str]:
        """Every name and word."""
        return frozenset(token.text for token in self._tokens)

    def entries(self) -> Iterator[TableDdl | UnreadDdl]:
        """What it does to tables."""
        if self._takes("SET") and self._takes("STATEMENT"):
            # MariaDB's SET STATEMENT variable = value, … FOR statement
            while not self._takes("FOR"):
                self._next()
        verb = self._word()
        if verb not in _VERBS:
            return
        self._at += 1
        match verb:
            case "ALTER":
                while self._word() in _BETWEEN_NAMES:
                    self._at += 1
                if self._takes("TABLE"):
                    self._takes_all("IF", "EXISTS")
                    yield from self._alter()
            case "CREATE":
                yield from self._create()
            case "DROP":
                yield from self._drop()
            case "RENAME":
                if self._takes("TABLE") or self._takes("TABLES"):
                    self._takes_all("IF", "EXISTS")
                    yield from self._renames()
            case "TRUNCATE":
                self._takes("TABLE")
                yield self._ddl("TRUNCATE", self._name())

    # The shapes

    def _alter(self) -> Iterator[TableDdl]:
        name = self._name()
        self._skip_wait()
        renamed = None
        alterations: list[str] = []
        others: list[TableDdl] = []
        for action in self._actions():
            words = [self._word_of(token) for token in action[:3]]
            words += [""] * (3 - len(words))
            if words[0] == "RENAME" and words[1] not in ("COLUMN", "INDEX", "KEY", "CONSTRAINT"):
                self._at = self._tokens.index(action[0]) + 1
                if self._word() in ("TO", "AS", "="):
                    self._at += 1
                renamed = self._name()
            head = " ".join(words[:2])
            last = [self._word_of(token) for token in action[-2:]]
            alterations += self._unreadable(action)
            if head in ROWS_CHANGE:
                alterations.append(head)
                if head in _WITH_ANOTHER_TABLE:
                    self._at = self._tokens.index(action[0])
                    while self._word() != "TABLE":
                        self._next()
                    self._at += 1
                    others.append(self._ddl("ALTER", self._name(), alterations=(head,)))
            # PARTITION BY stands behind the last action, without a comma
            elif (
                "PARTITION" in words[:2]
                or head == "REMOVE PARTITIONING"
                or any(self._word_of(token).startswith("PARTITION BY") for token in action)
            ):
                alterations.append(PARTITIONS)
            elif words[0] in ("ADD", "MODIFY", "CHANGE") and (
                last[-1] == "FIRST" or last[0] == "AFTER"
            ):
                alterations.append(PLACED)
        yield self._ddl("ALTER", name, alterations=tuple(alterations))
        yield from others
        if renamed is not None:
            yield self._ddl("RENAME", name, new_name=renamed)

    def _unreadable(self, action: Sequence[Token]) -> Iterator[str]:
        """What makes rows that the log holds in a form of MariaDB's own, in an action or table."""
        words = [self._word_of(token) for token in action]
        if any(
            words[place - 1 : place + 2] in (["ADD", *_VERSIONING], ["WITH", *_VERSIONING])
            for place in range(1, len(words))
        ):
            yield VERSIONING
        begin = 0
        while words[begin : begin + 1] and words[begin] in _BEFORE_A_COLUMN:
            begin += 1
        names = 2 if "CHANGE" in words[:begin] else 1
        # several columns may stand in parentheses
        for column in self._parted(action[begin:]) if begin else ():
            types = [self._word_of(token) for token in column[names : names + 1]]
            if column and self._word_of(column[0]) not in _BEFORE_A_KEYS_NAME:
                yield from LOGGED_AS_BYTES.intersection(types)

    def _actions(self) -> Iterator[list[Token]]:
        return self._parted(self._tokens[self._at :])

    def _parted(self, tokens: Sequence[Token]) -> Iterator[list[Token]]:
        """Tokens between commas that stand in no parentheses."""
        depth = 0
        action: list[Token] = []
        for token in tokens:
            if token.token_type == TokenType.COMMA and not depth:
                yield action
                action = []
                continue
            depth += (token.token_type == TokenType.L_PAREN) - (
                token.token_type == TokenType.R_PAREN
            )
            action.append(token)
        if action:
            yield action

    def _create(self) -> Iterator[TableDdl]:
        replaces = self._takes_all("OR", "REPLACE")
        if self._takes("DATABASE") or self._takes("SCHEMA"):
            if replaces:
                self._takes_all("IF", "NOT", "EXISTS")
                yield TableDdl("DROP", self._part(), "", self._position)
            return
        if not self._takes("TABLE"):
            return
        self._takes_all("IF", "NOT", "EXISTS")
        name = self._name()
        if replaces:
            yield self._ddl("DROP", name)
        found = list(self._unreadable(self._tokens[self._at :]))
        yield self._ddl("CREATE", name, alterations=tuple(found))

    def _drop(self) -> Iterator[TableDdl]:
        if self._takes("DATABASE") or self._takes("SCHEMA"):
            self._takes_all("IF", "EXISTS")
            yield TableDdl("DROP", self._part(), "", self._position)
        elif self._takes("TABLE") or self._takes("TABLES"):
            self._takes_all("IF", "EXISTS")
            yield self._ddl("DROP", self._name())
            while self._takes_comma():
                yield self._ddl("DROP", self._name())

    def _renames(self) -> Iterator[TableDdl]:
        while True:
            name = self._name()
            self._skip_wait()
            if not self._takes("TO"):
                raise ParseError("it has none of the known shapes")
            yield self._ddl("RENAME", name, new_name=self._name())
            if not self._takes_comma():
                return

    # The tokens

    def _ddl(
        self,
        verb: str,
        name: tuple[str, str],
        *,
        new_name: tuple[str, str] | None = None,
        alterations: tuple[str, ...] = (),
    ) -> TableDdl:
        return TableDdl(verb, *name, self._position, new_name, alterations)

    def _next(self) -> Token:
        if self._at >= len(self._tokens):
            raise ParseError("it has none of the known shapes")
        self._at += 1
        return self._tokens[self._at - 1]

    def _word_of(self, token: Token) -> str:
        """A token in upper case; nothing where it is quoted."""
        is_quoted = token.token_type in (TokenType.IDENTIFIER, TokenType.STRING)
        return "" if is_quoted else token.text.upper()

    def _word(self) -> str:
        return self._word_of(self._tokens[self._at]) if self._at < len(self._tokens) else ""

    def _takes(self, word: str) -> bool:
        found = self._word() == word
        self._at += found
        return found

    def _takes_all(self, *words: str) -> bool:
        found = [self._word_of(token) for token in self._tokens[self._at :][: len(words)]]
        if found != list(words):
            return False
        self._at += len(words)
        return True

    def _takes_comma(self) -> bool:
        return self._takes(",")

    def _skip_wait(self) -> None:
        if self._takes("WAIT"):
            self._next()
        else:
            self._takes("NOWAIT")

    def _name(self) -> tuple[str, str]:
        first = self._part()
        return (first, self._part()) if self._takes(".") else (self._schema, first)

    def _part(self) -> str:
        token = self._next()
        if token.token_type == TokenType.IDENTIFIER:
            return token.text
        # a plain name may be several tokens, such as 1a
        start, end = token.start, token.end
        while self._at < len(self._tokens) and self._tokens[self._at].start == end + 1:
            if not _WORD.fullmatch(self._source(self._tokens[self._at])):
                break
            end = self._next().end
        name = self._text[start : end + 1]
        if not _WORD.fullmatch(name):
            raise ParseError("it has none of the known shapes")
        return name

    def _source(self, token: Token) -> str:
        return self._text[token.start : token.end + 1]
