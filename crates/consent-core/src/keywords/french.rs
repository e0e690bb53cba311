//! French, as far as it is heard on American and Canadian numbers.

use super::Language;

/// `fin` is missing on purpose: it is an ordinary answer too.
pub(super) const WORDS: Language = Language {
    opt_out: &["arret", "arrete", "arreter", "desabonner", "desinscrire"],
    opt_in: &[],
    help: &["aide"],
    yes: &["oui"],
    wrong_number: &[],
    courtesy: &["s'il vous plait", "s'il te plait", "svp", "merci"],
};
