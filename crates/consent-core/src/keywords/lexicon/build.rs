//! The lists become tables.

use super::super::unspaced::compact;
use super::*;

/// What is under way while the lists are compiled.
struct Builder {
    lexicon: Lexicon,
    /// Symbols of words and, with their language, of classes.
    symbols: HashMap<(&'static str, String), Symbol>,
    /// The nodes under the root, by symbol.
    roots: HashMap<Symbol, usize>,
}

impl Lexicon {
    pub(super) fn of(languages: &[&'static Language]) -> Self {
        let lexicon = Self { nodes: vec![Node::default()], ..Self::default() };
        let mut builder = Builder { lexicon, symbols: HashMap::new(), roots: HashMap::new() };
        for (index, language) in languages.iter().enumerate() {
            builder.add(language, 1 << index);
        }
        builder.finish()
    }
}

impl Builder {
    fn add(&mut self, language: &'static Language, bit: u32) {
        use Sense::*;
        for (sense, list) in [
            (Stop, language.stop),
            (OptOut, language.opt_out),
            (Doubtful, language.doubtful),
            (Demand, language.demands),
            (Wish, language.wishes),
            (Doubt, language.doubts),
            (WrongNumber, language.wrong_number),
            (Help, language.help),
            (OptIn, language.opt_in),
            (Yes, language.yes),
            (Clarification, language.clarification),
            (Courtesy, language.courtesy),
            (Preface, language.preface),
        ] {
            for phrase in list {
                self.phrase(Entry { sense, language, phrase, opens: false, closes: false, bit });
            }
        }
        for phrase in language.near {
            let entry = Entry { sense: Stop, language, phrase, opens: false, closes: false, bit };
            self.lexicon.near.push((folded(phrase), entry));
        }
        if language.spaced {
            self.mark(language, bit);
        } else {
            let list = |words: &str| words.split_whitespace().map(compact).collect();
            let guards = (list(language.unsaid_after), list(language.narrowed_by));
            self.lexicon.unspaced_guards.insert(language.code.to_owned(), guards);
        }
    }

    fn phrase(&mut self, mut entry: Entry) {
        if matches!(entry.sense, Sense::OptIn | Sense::Yes) {
            self.lexicon.exact.entry(folded(entry.phrase)).or_default().push(entry);
        } else if entry.language.spaced {
            let pattern = Pattern::parse(entry.phrase);
            (entry.opens, entry.closes) = (pattern.opens, pattern.closes);
            let (language, index) = (entry.language, self.lexicon.entries.len());
            if matches!(entry.sense, Sense::Stop | Sense::OptOut) && pattern.places.iter().all(|place| place.is_plain())
            {
                self.joined(entry.phrase, index);
            }
            self.lexicon.entries.push(entry);
            self.insert(0, &pattern.places, index, language);
        } else {
            let (phrase, index) = (compact(entry.phrase), self.lexicon.unspaced.len());
            let first = phrase.chars().next().unwrap_or_default();
            if entry.sense == Sense::Courtesy {
                self.lexicon.unspaced_courtesies.push(phrase.clone());
            }
            self.lexicon.unspaced_first.entry(first).or_default().push(index);
            self.lexicon.unspaced_whole.entry(phrase.clone()).or_default().push(index);
            self.lexicon.unspaced.push((phrase, entry));
        }
    }

    /// A keyword of several words, written as one: `stopit`.
    fn joined(&mut self, phrase: &'static str, entry: usize) {
        let word = folded(phrase).replace(' ', "");
        let name = ("", word.clone());
        let next = Symbol(self.symbols.len() as u32 + 1);
        let symbol = *self.symbols.entry(name).or_insert(next);
        if symbol == next {
            self.lexicon.words.entry(word).or_default().symbols.push(symbol);
        }
        let child = self.child(0, symbol);
        self.lexicon.nodes[child].entries.push(entry);
    }

    /// Adds the rest of a phrase under a node, with and without what may be missing.
    fn insert(&mut self, node: usize, places: &[Place], entry: usize, language: &'static Language) {
        let Some((place, rest)) = places.split_first() else {
            if node != 0 && !self.lexicon.nodes[node].entries.contains(&entry) {
                self.lexicon.nodes[node].entries.push(entry);
            }
            return;
        };
        let symbol = self.symbol(*place, language);
        let child = self.child(node, symbol);
        self.insert(child, rest, entry, language);
        if place.optional {
            self.insert(node, rest, entry, language);
        }
    }

    fn child(&mut self, node: usize, symbol: Symbol) -> usize {
        let new = self.lexicon.nodes.len();
        let known = if node == 0 {
            self.roots.get(&symbol).copied()
        } else {
            self.lexicon.nodes[node].edges.iter().find(|(edge, _)| *edge == symbol).map(|(_, child)| *child)
        };
        if let Some(child) = known {
            return child;
        }
        self.lexicon.nodes.push(Node::default());
        if node == 0 {
            self.roots.insert(symbol, new);
        } else {
            self.lexicon.nodes[node].edges.push((symbol, new));
        }
        new
    }

    /// The symbol of what may stand at a place. Words of a class learn that they belong to it.
    fn symbol(&mut self, place: Place, language: &'static Language) -> Symbol {
        if place.what == "*" {
            return ANY;
        }
        let words: Vec<String> = place.choices().flat_map(|choice| words_of(choice, language)).collect();
        let scope = if place.what.contains(['|', '<']) { language.code } else { "" };
        let name = (scope, if scope.is_empty() { folded(place.what) } else { place.what.to_owned() });
        if let Some(symbol) = self.symbols.get(&name) {
            return *symbol;
        }
        let symbol = Symbol(self.symbols.len() as u32 + 1);
        self.symbols.insert(name, symbol);
        for word in words {
            self.lexicon.words.entry(word).or_default().symbols.push(symbol);
        }
        symbol
    }

    fn finish(mut self) -> Lexicon {
        for word in self.lexicon.words.values_mut() {
            word.symbols.sort_unstable();
            word.roots = word.symbols.iter().filter_map(|symbol| self.roots.get(symbol).copied()).collect();
        }
        self.lexicon
    }

    fn mark(&mut self, language: &'static Language, bit: u32) {
        let words = &mut self.lexicon.words;
        let mut each = |list: &'static str, mark: fn(&mut Word, u32)| {
            list.split_whitespace().for_each(|word| mark(words.entry(folded(word)).or_default(), bit));
        };
        each(language.filler, |word, _| word.filler = true);
        each(language.unsaid_after, |word, bit| word.unsaid_after |= bit);
        each(language.unsaid_after_you, |word, bit| word.unsaid_after_you |= bit);
        each(language.asks_you, |word, bit| word.asks_you |= bit);
        each(language.narrowed_by, |word, bit| word.narrowed_by |= bit);
        each(language.follows_stop, |word, _| word.follows_stop = true);
        each(language.precedes_stop, |word, _| word.precedes_stop = true);
        let (not_near, perhaps) = (&mut self.lexicon.not_near, &mut self.lexicon.perhaps_near);
        not_near.extend(language.not_near.split_whitespace().map(|word| (folded(word), ())));
        perhaps.extend(language.perhaps_near.split_whitespace().map(|word| (folded(word), ())));
    }
}

fn words_of(choice: &'static str, language: &'static Language) -> Vec<String> {
    let Some(name) = class_name(choice) else { return vec![folded(choice)] };
    let class = language.classes.iter().find(|(class, _)| *class == name);
    class.iter().flat_map(|(_, words)| words.split_whitespace()).map(folded).collect()
}

/// A word or phrase as it is compared.
pub(in crate::keywords) fn folded(phrase: &str) -> String {
    let mut text = String::with_capacity(phrase.len());
    fold::fold(phrase, |piece| text.push(if let fold::Piece::Letter(c) = piece { c } else { ' ' }));
    text
}
