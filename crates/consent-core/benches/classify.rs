//! How long it takes to understand a reply: `cargo bench -p consent-core --bench classify`.
//!
//! The lists are compiled at the first reply, which `warm` leaves out; a service answers its first message later by
//! what `first` of the tests would take, once.

use std::hint::black_box;

use consent_core::keywords::classify;
use criterion::{Criterion, criterion_group, criterion_main};

/// A name, and a reply of that kind.
const REPLIES: &[(&str, &str)] = &[
    ("stop", "STOP"),
    ("instruction", "stop2end"),
    ("slip", "unsuscribe me pls"),
    ("phrase", "Please take me off your list, I don’t want these texts 🛑"),
    ("short", "ok see you at 5"),
    ("ordinary", "Hi, I am running ten minutes late for my appointment today, is that ok? Thanks!"),
    (
        "long",
        "Good evening, we have a table for six at half past seven tomorrow and would like to bring two more people, one \
         of them in a wheelchair. Is there room at the window, and could you keep a high chair for the little one? We \
         will also need one menu without nuts. Thank you, and see you all tomorrow!",
    ),
    ("accents", "Bonjour, je voudrais déplacer mon rendez-vous de demain à jeudi, merci d’avance"),
    ("cyrillic", "Здравствуйте, не могли бы вы перенести мою запись на четверг?"),
    ("chinese", "您好，我想把明天的预约改到星期四下午三点，谢谢"),
];

fn replies(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("classify");
    for (name, reply) in REPLIES {
        classify(reply, None);
        group.bench_function(*name, |bencher| bencher.iter(|| classify(black_box(reply), None)));
    }
    group.finish();
}

criterion_group!(benches, replies);
criterion_main!(benches);
