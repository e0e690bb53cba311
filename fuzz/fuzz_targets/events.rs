//! JSON is an event or is refused, and an event can be written and read again.
#![no_main]

use consent_core::event::Event;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(value) = serde_json::from_slice(data) else { return };
    let Ok(event) = Event::from_json(value) else { return };
    let Ok(written) = event.to_json() else { panic!("it cannot be written") };
    assert_eq!(Event::from_json(written.into()).ok(), Some(event));
});
