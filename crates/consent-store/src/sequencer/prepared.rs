//! What can be worked out about an event before its turn comes, by whoever hands it over.
//!
//! The sequencer is one task, so its time is everybody's: what it need not do itself is done here.

use consent_core::address::Identity;
use consent_core::card;
use consent_core::codec::{Hash, canonical_object};
use consent_core::event::{Draft, Event};
use consent_core::token::Pepper;
use serde_json::{Map, Value};

use super::{SourceKey, Submission};
use crate::error::StoreError;
use crate::vault::Vault;

/// An event that is ready to be sealed.
pub(super) struct Prepared {
    pub(super) submission: Submission,
    /// The body, but for the time of receipt.
    pub(super) draft: Draft,
    /// The names under which it is looked up, newest pepper first.
    pub(super) names: Vec<Name>,
    /// Tokens of the person whose key seals it, newest pepper first.
    pub(super) owners: Vec<Vec<u8>>,
    /// The tokens under which it will be found, sorted.
    pub(super) tokens: Vec<Hash>,
    /// The token of the person to whom its entry commits.
    pub(super) about: Hash,
    /// A keyed hash of what was submitted.
    pub(super) content: Vec<u8>,
}

/// A source, and the keyed hash of its name for an event.
pub(super) type Name = (String, Vec<u8>);

/// Why an event is refused that cannot be written so that it is read back.
const NO_FORM: StoreError = StoreError::Refused("it has no canonical form");

impl Prepared {
    pub(super) fn new(vault: &Vault, mut submission: Submission) -> Result<Self, StoreError> {
        let mut fields = submission.event.to_json().map_err(|_| NO_FORM)?;
        if card::mask_fields(&mut fields) {
            // An event that was put together here, and not read: it is recorded as it will be read.
            submission.event = Event::from_json(Value::Object(fields.clone())).map_err(|_| NO_FORM)?;
        }
        let (event, pepper) = (&submission.event, vault.pepper()?);
        let people = event.identities();
        let owners = vault.owner_tokens(&people);
        let about = people.first().map_or_else(|| pepper.nobody(), |who| pepper.token(who));
        let tokens = pepper.tokens_of(&people, &event.references());
        let content = vault.content_of(0, &fields)?;
        let draft = Draft::of_fields(fields, submission.event_id).map_err(|_| NO_FORM)?;
        let names = vault.names(&submission);
        Ok(Self { draft, names, owners, tokens, about, content, submission })
    }
}

impl Vault {
    /// The names under which an event is looked up: (source, keyed hash), one for each pepper, newest first. An event
    /// without a name at its source goes by its own id, so that handing it over twice records it once.
    fn names(&self, submission: &Submission) -> Vec<Name> {
        let own = || SourceKey { source: "event_id".to_owned(), key: submission.event_id.to_string() };
        let name = submission.key.clone().unwrap_or_else(own);
        self.hashes(&name).map(|hash| (name.source.clone(), hash)).collect()
    }

    /// The keyed hashes of a name, one for each pepper, newest first.
    pub(crate) fn hashes(&self, name: &SourceKey) -> impl Iterator<Item = Vec<u8>> {
        let parts = [name.source.as_bytes(), name.key.as_bytes()];
        self.keys().peppers().iter().map(move |pepper| pepper.fingerprint("dedupe", &parts).to_vec())
    }

    /// A keyed hash of what was submitted, by which a repeat is told from another event under the same name.
    pub(crate) fn content(&self, pepper: usize, event: &Event) -> Result<Vec<u8>, StoreError> {
        self.content_of(pepper, &event.to_json().map_err(|_| NO_FORM)?)
    }

    /// The same from what [`Event::to_json`] gave.
    fn content_of(&self, pepper: usize, fields: &Map<String, Value>) -> Result<Vec<u8>, StoreError> {
        let bytes = canonical_object(fields).map_err(|_| NO_FORM)?;
        let pepper = self.keys().peppers().get(pepper).ok_or_else(|| StoreError::KeyMissing("pepper-1".to_owned()))?;
        Ok(hash_of_content(pepper, &bytes).to_vec())
    }

    /// Tokens, newest pepper first, of the person whose key seals an event about these people: the subject if there is
    /// one, so that an erasure reaches every event of the person; else the contact point; else nobody.
    pub(crate) fn owner_tokens(&self, people: &[Identity]) -> Vec<Vec<u8>> {
        let subject = people.iter().find(|who| matches!(who, Identity::Subject(_)));
        match subject.or(people.first()) {
            Some(owner) => self.tokens(owner).collect(),
            None => self.keys().peppers().iter().map(|pepper| pepper.nobody().to_vec()).collect(),
        }
    }
}

/// A keyed hash of the canonical form of what was submitted.
pub(crate) fn hash_of_content(pepper: &Pepper, canonical: &[u8]) -> Hash {
    pepper.fingerprint("content", &[canonical])
}
