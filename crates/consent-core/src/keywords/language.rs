//! What a language contributes: words and phrases, no code.

/// The words of one language, as the normaliser leaves them: lower case, without accents, single spaces, no hyphens.
/// Phrases are written as [`super::pattern`] says; where words are not parted by spaces they are plain text.
#[derive(Debug)]
pub(super) struct Language {
    /// ISO 639-1.
    pub(super) code: &'static str,
    /// Words are parted by spaces. Otherwise a phrase counts wherever its characters stand.
    pub(super) spaced: bool,
    /// Words that phrases use interchangeably: a name, and the words with spaces between them.
    pub(super) classes: &'static [(&'static str, &'static str)],

    /// Opt-outs that nobody writes by chance: as the whole reply, or as a sentence of it.
    pub(super) stop: &'static [&'static str],
    /// Opt-outs that are ordinary words as well: they count as the whole reply.
    pub(super) opt_out: &'static [&'static str],
    /// As the whole reply they may be an opt-out.
    pub(super) doubtful: &'static [&'static str],
    /// Opt-outs wherever they stand, but for the words of `unsaid_after` before them.
    pub(super) demands: &'static [&'static str],
    /// Opt-outs wherever they stand.
    pub(super) wishes: &'static [&'static str],
    /// They may be an opt-out wherever they stand, but for the words of `unsaid_after` before them.
    pub(super) doubts: &'static [&'static str],
    /// A demand right after one of these words is none: "don't stop texting me".
    pub(super) unsaid_after: &'static str,
    /// So it is after one of these, when they begin the sentence or stand after one of `unsaid_after`: "you never text
    /// me" and "why did you stop texting me", but not "damn you stop texting me".
    pub(super) unsaid_after_you: &'static str,
    /// Beside one of `unsaid_after_you` these make a request of it: "could you take me off", "I asked you to take me off".
    pub(super) asks_you: &'static str,
    /// A demand right before one of these words may be smaller than it looks: "don't text me while I drive".
    pub(super) narrowed_by: &'static str,

    /// Words that make no opt-out of a "stop" before them, or after them: "stop by", "bus stop".
    pub(super) follows_stop: &'static str,
    pub(super) precedes_stop: &'static str,

    /// As the whole reply and without courtesies. Never `yes`: it is an opt-in only as the answer to a question.
    pub(super) opt_in: &'static [&'static str],
    /// As the whole reply.
    pub(super) help: &'static [&'static str],
    /// As the whole reply and without courtesies: the second step of a double opt-in.
    pub(super) yes: &'static [&'static str],
    /// The number belongs to somebody else, wherever it stands.
    pub(super) wrong_number: &'static [&'static str],
    /// As the whole reply: the answer to the question what an opt-out was meant to cover.
    pub(super) clarification: &'static [&'static str],

    /// Words that may stand around a keyword without changing what it means.
    pub(super) courtesy: &'static [&'static str],
    /// Words that may stand before an opt-out of `stop`, but make one of `opt_out` doubtful: "ok cancel".
    pub(super) preface: &'static [&'static str],
    /// Words that mean nothing anywhere in a phrase: "please".
    pub(super) filler: &'static str,

    /// Opt-outs that are understood with one wrong, missing, added or exchanged letter.
    pub(super) near: &'static [&'static str],
    /// One letter away, but words of their own.
    pub(super) not_near: &'static str,
    /// One letter away and words of their own, but more likely a slip.
    pub(super) perhaps_near: &'static str,
    /// With their accents, words other than the ones of ours that they look like.
    pub(super) other_words: &'static [&'static str],
}

impl Language {
    /// A language without a word.
    pub(super) const EMPTY: Self = Self {
        code: "",
        spaced: true,
        classes: &[],
        stop: &[],
        opt_out: &[],
        doubtful: &[],
        demands: &[],
        wishes: &[],
        doubts: &[],
        unsaid_after: "",
        unsaid_after_you: "",
        asks_you: "",
        narrowed_by: "",
        follows_stop: "",
        precedes_stop: "",
        opt_in: &[],
        help: &[],
        yes: &[],
        wrong_number: &[],
        clarification: &[],
        courtesy: &[],
        preface: &[],
        filler: "",
        near: &[],
        not_near: "",
        perhaps_near: "",
        other_words: &[],
    };
}
