"""Who works at Poyraz Instruments and whom it sells to. Every name here is invented."""

from dataclasses import dataclass
from datetime import date

TODAY = date(2026, 11, 17)
FIRST_DAY = date(2024, 11, 4)
COMPANY = "Poyraz Instruments"
ZONE = "Europe/Istanbul"
SEED = 20261117


@dataclass(frozen=True, slots=True)
class Team:
    """A team: the median worth of its deals (EUR), how many a rep opens in a week, how often it bills in lira."""

    key: str
    name: str
    manager: str
    median_eur: int
    deals_a_week: float
    lira_share: float
    country: str
    quota_eur: int  # a rep's quota for 2026-Q4


@dataclass(frozen=True, slots=True)
class Rep:
    """A rep: `odds` multiplies the chance to advance a deal; 1.0 is the usual rep."""

    key: str
    name: str
    team: str
    odds: float
    joined: date | None = None  # none: before the story begins
    left: date | None = None
    moved: tuple[date, str] | None = None  # from that day in that team


TEAMS = (
    Team("turkiye-enterprise", "Türkiye Enterprise", "Ayça Tunalı", 27_000, 1.30, 0.8, "TR", 240_000),
    Team("turkiye-smb", "Türkiye SMB", "Murat Çelikkol", 6_600, 3.00, 0.9, "TR", 130_000),
    Team("dach-benelux", "DACH & Benelux", "Jonas Reinholt", 25_500, 1.25, 0.0, "DE", 250_000),
    Team("uk-nordics", "UK & Nordics", "Freya Lindqvist", 18_500, 1.40, 0.0, "GB", 180_000),
)

REPS = (
    Rep("deniz", "Deniz Korkmaz", "turkiye-enterprise", 1.35),
    Rep("gizem", "Gizem Altuntaş", "turkiye-enterprise", 1.15),
    Rep("nazli", "Nazlı Sezer", "turkiye-enterprise", 1.05),
    Rep("tolga", "Tolga Erbay", "turkiye-enterprise", 1.0),
    Rep("emre", "Emre Yalçınkaya", "turkiye-enterprise", 0.9),
    Rep("baris", "Barış Özdil", "turkiye-enterprise", 0.65),
    Rep("pelin", "Pelin Arslanoğlu", "turkiye-smb", 1.4),
    Rep("ece", "Ece Bulut", "turkiye-smb", 1.1),
    Rep("sibel", "Sibel Karahan", "turkiye-smb", 1.0),
    Rep("cem", "Cem Ilgaz", "turkiye-smb", 0.95),
    Rep("mert", "Mert Tuncer", "turkiye-smb", 0.9, joined=date(2026, 3, 2)),
    Rep("onur", "Onur Şimşekli", "turkiye-smb", 0.7),
    Rep("lena", "Lena Vogt", "dach-benelux", 1.2),
    Rep("matthias", "Matthias Brandl", "dach-benelux", 1.05),
    Rep("katrin", "Katrin Oswald", "dach-benelux", 1.0),
    Rep("anouk", "Anouk Peeters", "dach-benelux", 1.0),
    Rep("sven", "Sven de Wit", "uk-nordics", 0.95, moved=(date(2026, 2, 16), "dach-benelux")),
    Rep("tobias", "Tobias Hanke", "dach-benelux", 0.6),
    Rep("priya", "Priya Nair", "uk-nordics", 1.35),
    Rep("mikkel", "Mikkel Dahl", "uk-nordics", 1.1),
    Rep("oliver", "Oliver Marsh", "uk-nordics", 1.05),
    Rep("ingrid", "Ingrid Solberg", "uk-nordics", 1.0),
    Rep("amelia", "Amelia Frost", "uk-nordics", 0.9),
    Rep("callum", "Callum Reid", "uk-nordics", 0.75),
    Rep("halil", "Halil Sancak", "turkiye-enterprise", 0.8, left=date(2026, 7, 1)),
)

# user name, name, roles, the rep or manager it stands for
USERS = (
    ("defne", "Defne Karaca", ("operations",), None),
    ("ayca", "Ayça Tunalı", ("manager",), "Ayça Tunalı"),
    ("deniz", "Deniz Korkmaz", ("rep",), "Deniz Korkmaz"),
    ("levent", "Levent Akın", ("finance",), None),
    ("iris", "Iris Hakman", ("enablement",), None),
    ("admin", "Umut Sayar", ("admin",), None),
)

PASSWORD = "poyraz-demo"  # noqa: S105  (shown on the sign-in page of a demo home, nowhere else)

ACCOUNT_FIRST = {
    "TR": [
        "Toros",
        "Bosphorus",
        "Ege",
        "Karadeniz",
        "Hisar",
        "Delta",
        "İlkim",
        "Konak",
        "Saros",
        "Çukurova",
        "Ihlara",
        "Uludağ",
        "Marmara",
        "Truva",
        "Gediz",
        "Meriç",
        "Kapadokya",
        "Ağrı",
        "Munzur",
        "Fırat",
    ],
    "DE": [
        "Rhein",
        "Kessler",
        "Ostwald",
        "Falken",
        "Linden",
        "Bergmann",
        "Hafen",
        "Neckar",
        "Eifel",
        "Grau",
        "Weser",
        "Adler",
        "Stein",
        "Brandt",
        "Van Dael",
        "Maas",
        "Schelde",
        "Vecht",
    ],
    "GB": [
        "Albion",
        "Amber",
        "Fjell",
        "Nordhav",
        "Skagen",
        "Thames",
        "Severn",
        "Clyde",
        "Harrow",
        "Bergen",
        "Malmö",
        "Tyne",
        "Vik",
        "Solent",
        "Arden",
        "Kelso",
    ],
}
ACCOUNT_LAST = {
    "TR": [
        "Çelik",
        "Boya",
        "Plastik",
        "Enerji",
        "Gıda",
        "Su Arıtma",
        "Cam",
        "Tekstil",
        "Liman",
        "Kimya",
        "Tersane",
        "Kâğıt",
    ],
    "DE": ["werk", "Galvanik", "Papier", "Anlagen", "Chemie", "Brauerei", "Glas", "Technik", "Stahl", "Mühlen"],
    "GB": ["Malting", "Foods", "Seafood", "Paper", "Marine", "Textiles", "Energy", "Dairy", "Works", "Glass"],
}
INDUSTRIES = ("food", "chemicals", "metals", "paper", "energy", "textiles", "water", "marine")
SOURCES = ("partner", "web", "event", "outbound", "referral")
PHRASES = ("", "", " pilot", " phase 2", " expansion", " calibration", " service contract", " flow meters", " new line")
# came in without an owner, and nobody has taken them yet
UNCLAIMED = frozenset({"deal:onur-0200", "deal:cem-0210", "deal:pelin-0290", "deal:tobias-0090"})
LOST_REASONS = ("price", "no_decision", "competitor", "no_budget", "timing")


def home_settings(today: date) -> str:
    """`hedef.toml` of a demo home whose clock stands at `today`."""
    return f"""\
# The invented company {COMPANY}: its clock stands still, so that its known answers hold.
demo = true
today = "{today}"
currency = "EUR"
time_zone = "{ZONE}"
country = "TR"
"""
