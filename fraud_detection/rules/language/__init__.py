"""The rule language: a small, typed part of CEL (Common Expression Language)."""

from .errors import RuleSyntaxError
from .parser import MAX_CHARACTERS, parse
from .scope import Scope
from .tree import Kind, Node, bind, depends_on

__all__ = ["MAX_CHARACTERS", "Kind", "Node", "RuleSyntaxError", "Scope", "bind", "depends_on", "parse"]
