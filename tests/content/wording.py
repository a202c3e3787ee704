"""What no text may say, by language: one table for cards, one for what patients hear and read."""

import re
from collections.abc import Mapping

CARD_FORBIDDEN: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(
        r"radiat|\bcost|insur|legal|lawsuit|liab|nothing wrong|just a strain|wear and tear|degenerat|unnecessary|"
        r"harm|guideline says|\bcall\b|<|\{|\}|\|",
        re.IGNORECASE,
    ),
    "es": re.compile(
        r"radiaci|\bcost[oa]|seguro médico|asegurador|\blegal|demanda|nada malo|no tiene nada|solo un tirón|"
        r"desgaste|degenera|innecesari|perjudic|dañin|la guía dice|\bllame\b|<|\{|\}|\|",
        re.IGNORECASE,
    ),
}
BARE_RED_FLAG: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(r"no (?:strong )?red flags?(?! found in the record)", re.IGNORECASE),
    "es": re.compile(
        r"(?:ningun[ao]|sin|no hay) (?:señal|bandera)(?:es)? (?:de alarma|rojas?)"
        r"(?!(?: fuerte)? hallada en el expediente)",
        re.IGNORECASE,
    ),
}
FOUND_IN_RECORD = {"en": "found in the record", "es": "hallada en el expediente"}

PATIENT_FORBIDDEN: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(
        r"radiat|\bcost|insur|nothing wrong|just a strain|wear and tear|degenerat|unnecessary|harm|guideline|"
        r"red flag|\bcall\b|\bMRI\b|\bCT\b|\bER\b|\bPT\b|bed rest|opioid|posture|overweight|will be fine|diagnos|"
        r"false alarm|\bmg\b|[{}]",
        re.IGNORECASE,
    ),
    "es": re.compile(
        r"radiaci|\bcost[oa]|seguro médico|asegurador|nada malo|no tiene nada|solo un tirón|desgaste|degenera|"
        r"innecesari|perjudic|dañin|la guía|señal(es)? de alarma|bandera roja|\bllame\b|\bRM\b|\bTC\b|"
        r"reposo en cama|opioid|postura|sobrepeso|va a estar bien|diagn[oó]stic|falsa alarma|\bmg\b|[{}]",
        re.IGNORECASE,
    ),
    "zh-Hans": re.compile(
        r"辐射|费用|花费|保险|没有?什么问题|只是扭伤|磨损|退化|退变|不必要|有害|指南|危险信号|打电话|磁共振|卧床|阿片|"
        r"姿势|超重|肯定会好|诊断|毫克|mg|[{}]"
    ),
    "vi": re.compile(
        r"bức xạ|phóng xạ|chi phí|tốn kém|bảo hiểm|không có gì|chỉ là căng cơ|hao mòn|thoái hóa|không cần thiết|"
        r"có hại|hướng dẫn nói|báo động đỏ|\bgọi\b|\bMRI\b|\bCT\b|nằm nghỉ trên giường|opioid|tư thế|thừa cân|"
        r"sẽ khỏi|chẩn đoán|\bmg\b|[{}]",
        re.IGNORECASE,
    ),
    "ar": re.compile(
        r"إشعاع|تكلفة|كلفة|تأمين|لا شيء خطأ|مجرد شد|تآكل|اهتراء|تنكس|غير ضروري|ضار|الإرشادات تقول|علامة حمراء|"
        r"اتصل|رنين|مقطعي|الراحة في السرير|أفيون|وضعية|وزن زائد|ستكون بخير|تشخيص|ملغ|[{}]"
    ),
}
"""Neither in a handout nor in what a clinician says; the line for a patient who asks about risks stands apart."""

RISK_FORBIDDEN: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(r"radiat|\bcost|insur|cancer|unnecessary|guideline|meaningless|[{}]", re.IGNORECASE),
    "es": re.compile(r"radiaci|\bcost[oa]|cáncer|innecesari|[{}]", re.IGNORECASE),
    "zh-Hans": re.compile(r"辐射|费用|癌|不必要|[{}]"),
    "vi": re.compile(r"bức xạ|phóng xạ|chi phí|ung thư|không cần thiết|[{}]", re.IGNORECASE),
    "ar": re.compile(r"إشعاع|تكلفة|سرطان|غير ضروري|[{}]"),
}

EMERGENCY_NOW: Mapping[str, str] = {
    "en": "go to the emergency room now",
    "es": "vaya ahora a la sala de emergencias",
    "zh-Hans": "现在就去急诊室",
    "vi": "đến phòng cấp cứu ngay bây giờ",
    "ar": "الآن إلى قسم الطوارئ",
}
QUESTION_MARKS: Mapping[str, tuple[str, str]] = {
    "en": ("", "?"),
    "es": ("¿", "?"),
    "zh-Hans": ("", "？"),
    "vi": ("", "?"),
    "ar": ("", "؟"),
}

MEDICINE_WORDS: Mapping[str, str] = {
    "nsaid-oral": r"ibuprof[eè]n|naprox[eè]n|布洛芬|萘普生|إيبوبروفين|نابروكسين|advil|aleve|motrin",
    "nsaid-topical": r"diclofenac|双氯芬酸|ديكلوفيناك|voltaren",
    "acetaminophen": r"acetaminof|acetaminophen|paracetamol|tylenol|对乙酰氨基酚|泰诺|"
    r"أسيتامينوفين|تايلينول|باراسيتامول",
}
"""How a text would name each medicine, in any of our languages."""
OTHER_MEDICINES = re.compile(
    r"aspirin|opioid|tramadol|gabapentin|cyclobenzaprine|prednis|codein|oxycod|diazepam|celecoxib|lidocain|"
    r"阿司匹林|أسبرين|relaxant|relajante|\bmg\b|毫克|ملغ|\d+ ?(?:mg|tablets?|pills?|pastillas)",
    re.IGNORECASE,
)
"""Never named at all, and never a dose."""


def medicines_named(text: str) -> set[str]:
    return {medicine for medicine, words in MEDICINE_WORDS.items() if re.search(words, text, re.IGNORECASE)}
