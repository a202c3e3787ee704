"""The line of a setting, whatever TOML allows in between."""

import tomllib

import pytest

from watchful.settings.problems import line_of, lines_of

TEXT = '''\
# [[site]] in a comment
a = 1
"b c" = """
[[site]]
x = 1
a ""quoted"""""
d.e = 'single # not a comment'   # [x]
list = [
  "[[site]]", # ]
  { k = "}" },
]

[ top ] # comment
f = 1
[[site]]
id = "one"
  [[ site.issuer ]]
  iss = "x"
  [[site.issuer]]
  iss = """
""\\"""" # tail
  jwks = {a = 1, b = 2}
[[site]]
id = "two"
[site.smart]
client_id = "x"
[[site.issuer]]
iss = "y"'''


@pytest.mark.parametrize(
    ("at", "line"),
    [
        (("a",), 2),
        (("b c",), 3),
        (("d", "e"), 7),
        (("list",), 8),
        (("list", 1, "k"), 8),
        (("top",), 13),
        (("top", "f"), 14),
        (("site", 0), 15),
        (("site", 0, "id"), 16),
        (("site", 0, "issuer", 0, "iss"), 18),
        (("site", 0, "issuer", 1), 19),
        (("site", 0, "issuer", 1, "iss"), 20),
        (("site", 0, "issuer", 1, "jwks"), 22),
        (("site", 0, "issuer", 1, "jwks", "b"), 22),
        (("site", 0, "issuer", 1, "missing"), 19),
        (("site", 1, "id"), 24),
        (("site", 1, "smart", "client_id"), 26),
        (("site", 1, "issuer", 0, "iss"), 28),
        (("nothing",), 1),
    ],
)
def test_line(at: tuple[str | int, ...], line: int) -> None:
    assert line_of(at, lines_of(TEXT)) == line


def test_the_sample_is_toml() -> None:
    assert len(tomllib.loads(TEXT)["site"]) == 2


def test_windows_line_breaks() -> None:
    assert lines_of("a = 1\r\n[[site]]\r\nid = 1\r\n")[("site", 0, "id")] == 3
