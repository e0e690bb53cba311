//! Public holidays by country: those that all of it keeps, by its national act.
//!
//! Left out on purpose, because a holiday too many makes a deadline late:
//! - what always falls on a weekend (Easter Day, the Midsummer and All Saints' Days of Sweden and Finland);
//! - half days, and days that only some regions, trades, banks or public offices keep;
//! - days that are no holidays but are treated as such by a national act on periods: 5 May and Good Friday in the
//!   Netherlands, the eves of Midsummer and Christmas in Finland and Sweden;
//! - what a government grants or moves for one year: bridging days (Hungary, Latvia, Bulgaria), royal events.
//!
//! Compared with the PyPI package `holidays` 0.109 for 2024 to 2032.

use super::holiday::{
    ASCENSION, CORPUS_CHRISTI, EASTER_MONDAY, GOOD_FRIDAY, Holiday, SAINT_BRIGID, WHIT_MONDAY, easter_plus, monday, on,
    orthodox_plus, thursday,
};

const MAUNDY_THURSDAY: Holiday = easter_plus(-3);

/// Clean Monday, and Good Friday, Easter Monday and Whit Monday of the Orthodox churches.
const CLEAN_MONDAY: Holiday = orthodox_plus(-48);
const ORTHODOX_FRIDAY: Holiday = orthodox_plus(-2);
const ORTHODOX_MONDAY: Holiday = orthodox_plus(1);
const ORTHODOX_WHIT_MONDAY: Holiday = orthodox_plus(50);

/// The holidays of a country or, where the table has it, of a region of one (ISO 3166, capital letters).
pub(super) fn holidays(region: &str) -> Option<&'static [Holiday]> {
    COUNTRIES.iter().find(|(code, _)| *code == region).map(|(_, holidays)| *holidays)
}

#[rustfmt::skip]
const COUNTRIES: &[(&str, &[Holiday])] = &[
    // Arbeitsruhegesetz, BGBl. 144/1983, s. 7(2).
    ("AT", &[on(1, 1), on(1, 6), EASTER_MONDAY, on(5, 1), ASCENSION, WHIT_MONDAY, CORPUS_CHRISTI, on(8, 15),
        on(10, 26), on(11, 1), on(12, 8), on(12, 25), on(12, 26)]),
    // Royal Decree of 18 April 1974, art. 1, under the Act of 4 January 1974 on public holidays.
    ("BE", &[on(1, 1), EASTER_MONDAY, on(5, 1), ASCENSION, WHIT_MONDAY, on(7, 21), on(8, 15), on(11, 1), on(11, 11),
        on(12, 25)]),
    // Labour Code, art. 154(1); (2) moves all but those of Easter.
    ("BG", &[on(1, 1).moves(), on(3, 3).moves(), ORTHODOX_FRIDAY, ORTHODOX_MONDAY, on(5, 1).moves(), on(5, 6).moves(),
        on(5, 24).moves(), on(9, 6).moves(), on(9, 22).moves(), on(12, 24).moves(), on(12, 25).moves(),
        on(12, 26).moves()]),
    // What all cantons keep: 1 August by art. 110(3) of the Constitution; the cantonal acts agree on the others.
    ("CH", &[on(1, 1), ASCENSION, on(8, 1), on(12, 25)]),
    // Public holidays as published by the Public Administration and Personnel Department; Easter Tuesday is for banks.
    ("CY", &[on(1, 1), on(1, 6), CLEAN_MONDAY, on(3, 25), on(4, 1), ORTHODOX_FRIDAY, ORTHODOX_MONDAY, on(5, 1),
        ORTHODOX_WHIT_MONDAY, on(8, 15), on(10, 1), on(10, 28), on(12, 25), on(12, 26)]),
    // Act 245/2000 Sb., ss. 1 and 2.
    ("CZ", &[on(1, 1), GOOD_FRIDAY, EASTER_MONDAY, on(5, 1), on(5, 8), on(7, 5), on(7, 6), on(9, 28), on(10, 28),
        on(11, 17), on(12, 24), on(12, 25), on(12, 26)]),
    // What the holiday acts of all sixteen states have; 3 October by art. 2(2) of the Treaty of Unification.
    ("DE", &[on(1, 1), GOOD_FRIDAY, EASTER_MONDAY, on(5, 1), ASCENSION, WHIT_MONDAY, on(10, 3), on(12, 25),
        on(12, 26)]),
    // The holy days of the national church (order of 1770); Act 214/2023 took Store Bededag away.
    ("DK", &[on(1, 1), MAUNDY_THURSDAY, GOOD_FRIDAY, EASTER_MONDAY, easter_plus(26).until(2023), ASCENSION, WHIT_MONDAY,
        on(12, 25), on(12, 26)]),
    // Pühade ja tähtpäevade seadus (RT I 1998, 13, 162), ss. 1 and 2.
    ("EE", &[on(1, 1), on(2, 24), GOOD_FRIDAY, on(5, 1), on(6, 23), on(6, 24), on(8, 20), on(12, 24), on(12, 25),
        on(12, 26)]),
    // Real Decreto 2001/1983, art. 45; a region may put another day in the place of 6 January, and none has.
    ("ES", &[on(1, 1), on(1, 6), GOOD_FRIDAY, on(5, 1), on(8, 15), on(10, 12), on(11, 1), on(12, 6), on(12, 8),
        on(12, 25)]),
    // Church Act (652/2023) on church holidays; Acts 388/1937 (Independence Day) and 272/1944 (1 May).
    ("FI", &[on(1, 1), on(1, 6), GOOD_FRIDAY, EASTER_MONDAY, on(5, 1), ASCENSION, on(12, 6), on(12, 25), on(12, 26)]),
    // Code du travail, art. L3133-1.
    ("FR", &[on(1, 1), EASTER_MONDAY, on(5, 1), on(5, 8), ASCENSION, WHIT_MONDAY, on(7, 14), on(8, 15), on(11, 1),
        on(11, 11), on(12, 25)]),
    // England and Wales: Banking and Financial Dealings Act 1971, sch. 1, and its yearly proclamations.
    ("GB", &[on(1, 1).moves(), GOOD_FRIDAY, EASTER_MONDAY, monday(5, 1), monday(5, 25), monday(8, 25),
        on(12, 25).moves(), on(12, 26).moves()]),
    ("GB-NIR", &[on(1, 1).moves(), on(3, 17).moves(), GOOD_FRIDAY, EASTER_MONDAY, monday(5, 1), monday(5, 25),
        on(7, 12).moves(), monday(8, 25), on(12, 25).moves(), on(12, 26).moves()]),
    ("GB-SCT", &[on(1, 1).moves(), on(1, 2).moves(), GOOD_FRIDAY, monday(5, 1), monday(5, 25), monday(8, 1),
        on(11, 30).moves(), on(12, 25).moves(), on(12, 26).moves()]),
    // Act 1157/1981, art. 1. A minister moves 1 May out of Holy Week, as in 2024; next in question in 2043.
    ("GR", &[on(1, 1), on(1, 6), CLEAN_MONDAY, on(3, 25), ORTHODOX_FRIDAY, ORTHODOX_MONDAY, on(5, 1).since(2025),
        ORTHODOX_WHIT_MONDAY, on(8, 15), on(10, 28), on(12, 25), on(12, 26)]),
    // Zakon o blagdanima (NN 110/2019), art. 1.
    ("HR", &[on(1, 1), on(1, 6), EASTER_MONDAY, on(5, 1), on(5, 30), CORPUS_CHRISTI, on(6, 22), on(8, 5), on(8, 15),
        on(11, 1), on(11, 18), on(12, 25), on(12, 26)]),
    // Labour Code (Act I of 2012), s. 102(1); 24 December by Act LXXII of 2026.
    ("HU", &[on(1, 1), on(3, 15), GOOD_FRIDAY, EASTER_MONDAY, on(5, 1), WHIT_MONDAY, on(8, 20), on(10, 23), on(11, 1),
        on(12, 24).since(2026), on(12, 25), on(12, 26)]),
    // Organisation of Working Time Act 1997, second schedule; Saint Brigid's Day since 2023. None is moved.
    ("IE", &[on(1, 1), SAINT_BRIGID.since(2023), on(3, 17), EASTER_MONDAY, monday(5, 1), monday(6, 1), monday(8, 1),
        monday(10, 25), on(12, 25), on(12, 26)]),
    // Act 88/1971 on a working week of 40 hours, art. 6; the first day of summer is the Thursday from 19 April on.
    ("IS", &[on(1, 1), MAUNDY_THURSDAY, GOOD_FRIDAY, EASTER_MONDAY, thursday(4, 19), on(5, 1), ASCENSION, WHIT_MONDAY,
        on(6, 17), monday(8, 1), on(12, 25), on(12, 26)]),
    // Act 260/1949, art. 2, with Act 54/1977, Decree 792/1985 and Act 336/2000; 4 October by Act 151/2025.
    ("IT", &[on(1, 1), on(1, 6), EASTER_MONDAY, on(4, 25), on(5, 1), on(6, 2), on(8, 15), on(10, 4).since(2026),
        on(11, 1), on(12, 8), on(12, 25), on(12, 26)]),
    // Arbeitsgesetz (LGBl. 1967.006), art. 18. Left out: Candlemas and Saint Joseph, which only some lists have.
    ("LI", &[on(1, 1), on(1, 6), EASTER_MONDAY, on(5, 1), ASCENSION, WHIT_MONDAY, CORPUS_CHRISTI, on(8, 15), on(9, 8),
        on(11, 1), on(12, 8), on(12, 25), on(12, 26)]),
    // Labour Code, art. 123.
    ("LT", &[on(1, 1), on(2, 16), on(3, 11), EASTER_MONDAY, on(5, 1), on(6, 24), on(7, 6), on(8, 15), on(11, 1),
        on(11, 2), on(12, 24), on(12, 25), on(12, 26)]),
    // Code du travail, art. L.232-2.
    ("LU", &[on(1, 1), EASTER_MONDAY, on(5, 1), on(5, 9), ASCENSION, WHIT_MONDAY, on(6, 23), on(8, 15), on(11, 1),
        on(12, 25), on(12, 26)]),
    // Act of 3 October 1990 on holidays and days of commemoration, s. 1, which moves 4 May and 18 November.
    ("LV", &[on(1, 1), GOOD_FRIDAY, EASTER_MONDAY, on(5, 1), on(5, 4).moves(), on(6, 23), on(6, 24), on(11, 18).moves(),
        on(12, 24), on(12, 25), on(12, 26), on(12, 31)]),
    // National Holidays and Other Public Holidays Act, cap. 252.
    ("MT", &[on(1, 1), on(2, 10), on(3, 19), on(3, 31), GOOD_FRIDAY, on(5, 1), on(6, 7), on(6, 29), on(8, 15), on(9, 8),
        on(9, 21), on(12, 8), on(12, 13), on(12, 25)]),
    // Algemene termijnenwet, art. 3(1). The King's Day of a Sunday is kept on the Saturday.
    ("NL", &[on(1, 1), EASTER_MONDAY, on(4, 27), ASCENSION, WHIT_MONDAY, on(12, 25), on(12, 26)]),
    // Act 12/1995 on public holidays, s. 2; Act 1/1947 on 1 and 17 May.
    ("NO", &[on(1, 1), MAUNDY_THURSDAY, GOOD_FRIDAY, EASTER_MONDAY, on(5, 1), on(5, 17), ASCENSION, WHIT_MONDAY,
        on(12, 25), on(12, 26)]),
    // Act of 18 January 1951 on days off work, art. 1; 24 December since 2025.
    ("PL", &[on(1, 1), on(1, 6), EASTER_MONDAY, on(5, 1), on(5, 3), CORPUS_CHRISTI, on(8, 15), on(11, 1), on(11, 11),
        on(12, 24).since(2025), on(12, 25), on(12, 26)]),
    // Código do Trabalho, art. 234.
    ("PT", &[on(1, 1), GOOD_FRIDAY, on(4, 25), on(5, 1), CORPUS_CHRISTI, on(6, 10), on(8, 15), on(10, 5), on(11, 1),
        on(12, 1), on(12, 8), on(12, 25)]),
    // Labour Code (Act 53/2003), art. 139(1); 6 and 7 January since 2024.
    ("RO", &[on(1, 1), on(1, 2), on(1, 6).since(2024), on(1, 7).since(2024), on(1, 24), ORTHODOX_FRIDAY,
        ORTHODOX_MONDAY, on(5, 1), on(6, 1), ORTHODOX_WHIT_MONDAY, on(8, 15), on(11, 30), on(12, 1), on(12, 25),
        on(12, 26)]),
    // Act 1989:253 on public holidays, s. 1.
    ("SE", &[on(1, 1), on(1, 6), GOOD_FRIDAY, EASTER_MONDAY, on(5, 1), ASCENSION, on(6, 6), on(12, 25), on(12, 26)]),
    // Zakon o praznikih in dela prostih dnevih (UL RS 112/2005), arts. 1 and 2; 2 January again since 2017.
    ("SI", &[on(1, 1), on(1, 2).since(2017), on(2, 8), EASTER_MONDAY, on(4, 27), on(5, 1), on(5, 2), on(6, 25),
        on(8, 15), on(10, 31), on(11, 1), on(12, 25), on(12, 26)]),
    // Act 241/1993 Z. z., ss. 1 and 2, as changed to save money: 1 September is a day of work since 2024, 17 November
    // since 2025, 8 May and 15 September in 2026.
    ("SK", &[on(1, 1), on(1, 6), GOOD_FRIDAY, EASTER_MONDAY, on(5, 1), on(5, 8).until(2025), on(5, 8).since(2027),
        on(7, 5), on(8, 29), on(9, 1).until(2023), on(9, 15).until(2025), on(9, 15).since(2027), on(11, 1),
        on(11, 17).until(2024), on(12, 24), on(12, 25), on(12, 26)]),
];
