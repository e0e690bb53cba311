//! Every text means something, in any language and at any length, and means the same when read again.
#![no_main]

use consent_core::keywords::explain;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &str| {
    assert_eq!(explain(body, None).meaning, explain(body, None).meaning);
});
