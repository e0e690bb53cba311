//! Finnish.

use crate::keywords::language::Language;

/// `peru`, cancel, is a country as well: a person reads it. `seis`, halt, is six in Spanish and left out.
pub(super) const FINNISH: Language = Language {
    code: "fi",
    classes: &[
        (
            "viestit",
            "viestit viesteja viestien viestejanne viestinne tekstiviestit tekstiviesteja mainokset mainoksia \
             mainosviestit mainosviesteja sms roskapostia spammi",
        ),
        ("lopeta", "lopeta lopettakaa lopettaa lopetatko lopetatteko"),
        ("poista", "poista poistakaa poistaa"),
    ],
    stop: &[
        "lopeta viestit",
        "ei enaa viesteja",
        "peruuta tilaus",
        "poista minut listalta",
        "poistakaa minut listalta",
    ],
    opt_out: &[
        "lopeta",
        "lopeta jo",
        "lopettakaa",
        "lopetus",
        "loppu",
        "peruuta",
        "peruutus",
        "peruutan",
        "poista",
        "poista minut",
        "poistakaa minut",
        "irtisano",
        "ei enaa",
        "en halua",
        "haivy",
        "painu vittuun",
        "jata rauhaan",
        "jata minut rauhaan",
        "jattakaa minut rauhaan",
    ],
    doubtful: &["peru", "riittaa", "ei kiinnosta", "en ole kiinnostunut", "haista vittu", "hairinta", "estetty"],
    demands: &[
        "<lopeta> [naiden|niiden|nuo|nama|teidan] [<viestit>] \
         lahettaminen|lahettamasta|<viestit>|hairinta|hairitseminen",
        "<lopeta> <viestit>",
        "ala|alkaa laheta|lahettako|lahettele|ota|ottako|hairitse|hairitko|soita|viestittele",
        "ei enaa|lisaa [naita] <viestit>",
        "<poista> minut|mut|meidat|numeroni|numero",
        "jata|jattakaa minut|mut|meidat rauhaan",
        "peruuta|peruuttakaa tilaus|tilaukseni|suostumukseni",
        "perun|peruutan suostumukseni|tilauksen|tilaukseni",
    ],
    wishes: &[
        "en halua [enaa] [naita|teidan|saada|vastaanottaa|lisaa] [enaa] <viestit>",
        "en halua enaa",
        "en halua [enaa] saada|vastaanottaa",
        "miten [voin] lopetan|lopettaa|perun|peruuttaa|peruutan",
        "haluan perua|lopettaa|peruuttaa [tilauksen|tilaukseni|viestit]",
    ],
    doubts: &["ei kiinnosta $", "liikaa <viestit>", "en ole tilannut|suostunut"],
    unsaid_after: "ei en kun jos han he",
    narrowed_by: "kun jos ennen kunnes nyt tanaan huomenna koska",
    opt_in: &["aloita", "tilaa"],
    help: &["apua", "ohje", "ohjeet"],
    yes: &["kylla", "joo", "kylla kiitos"],
    wrong_number: &["vaara numero|henkilo", "vaarassa numerossa", "vaaraan numeroon"],
    clarification: &["kaikki", "kaikki viestit", "vain mainokset|markkinointi|tarjoukset", "ei kaikkia|kaikki"],
    courtesy: &[
        "kiitos",
        "kiitoksia",
        "ole hyva",
        "olkaa hyva",
        "ystavallisesti",
        "heti",
        "nyt",
        "valittomasti",
        "anteeksi",
    ],
    preface: &["hei", "moi", "terve", "kylla", "ei"],
    near: &["lopettakaa"],
    ..Language::EMPTY
};
