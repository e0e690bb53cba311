//! Every text is read without a panic, in any language and at any length.
#![no_main]

use consent_core::keywords::explain;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &str| {
    let _ = explain(body, None);
});
