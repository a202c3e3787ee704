"""Makes the fonts of the printed handout: only what our texts need. Run by hand after a translation changed.

    npm pack @expo-google-fonts/noto-sans @expo-google-fonts/noto-sans-sc @expo-google-fonts/noto-naskh-arabic
    (unpack each into its own folder)
    python -m venv /tmp/fonts && /tmp/fonts/bin/pip install fonttools
    /tmp/fonts/bin/python tests/content/build_fonts.py SANS_FOLDER SANS_SC_FOLDER NASKH_FOLDER

fonttools is no dependency of the project: this is the only use of it. `test_handout_pdf.py` fails when a text
has a character that the fonts have not.
"""

import shutil
import sys
from pathlib import Path

from fontTools import subset  # type: ignore[import-not-found]

CONTENT = Path(__file__).parents[2] / "watchful" / "content"
LATIN = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),  # Latin-1 and Latin Extended-A
    0x1A0,
    0x1A1,
    0x1AF,
    0x1B0,
    *range(0x300, 0x304),
    0x309,
    0x31B,
    0x323,
    *range(0x1EA0, 0x1EFA),  # Vietnamese
    *range(0x2010, 0x2027),
    0x202F,
    0x2032,
    0x2033,
    0x20AC,
    0x2122,
    0x2212,
]
HAN_ALWAYS = "年月日星期一二三四五六七八九十上下午电话诊所医院医生：，。；、（）？！／－《》“”‘’"


def han() -> str:
    """Every character of the Chinese texts, and those of dates and of a contact line."""
    texts = "".join(path.read_text(encoding="utf-8") for path in (CONTENT / "zh-Hans").glob("*.toml"))
    return "".join(sorted({each for each in texts + HAN_ALWAYS if ord(each) > 0x2E7F}))


def shrink(source: Path, target: Path, **what: object) -> None:
    options = subset.Options()
    options.hinting = False
    options.layout_features = ["*"]
    options.name_IDs = ["*"]
    options.notdef_outline = True
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(**what)
    subsetter.subset(font)
    subset.save_font(font, str(target), options)


def main(sans: Path, chinese: Path, naskh: Path) -> None:
    fonts = CONTENT / "fonts"
    for weight in ("400Regular", "700Bold"):
        shrink(sans / weight / f"NotoSans_{weight}.ttf", fonts / f"NotoSans-{weight[3:]}.ttf", unicodes=LATIN)
        shrink(
            chinese / weight / f"NotoSansSC_{weight}.ttf",
            fonts / f"NotoSansSC-{weight[3:]}.subset.ttf",
            text=han(),
        )
        shutil.copyfile(
            naskh / weight / f"NotoNaskhArabic_{weight}.ttf", fonts / f"NotoNaskhArabic-{weight[3:]}.ttf"
        )
    for folder, name in ((sans, "NotoSans"), (chinese, "NotoSansSC"), (naskh, "NotoNaskhArabic")):
        shutil.copyfile(folder / "LICENSE_FONT", fonts / f"{name}-OFL.txt")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
