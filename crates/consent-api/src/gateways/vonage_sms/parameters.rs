//! The parameters of a request, in whichever of three ways the account is set to receive them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::gateways::form::{self, Form};
use crate::gateways::reading::scalar;
use crate::gateways::{Forged, WebhookRequest};

/// The parameters, each once, in the order in which they are signed.
pub(super) struct Parameters(BTreeMap<Vec<u8>, Vec<u8>>);

impl Parameters {
    /// Reads the query of a GET, a form, or a flat object of JSON.
    ///
    /// In the signed text nothing tells a `&` or `=` in a name from one between parameters, and Vonage has no such
    /// name. Of a name with two values it is open which one counts. Both are refused.
    pub(super) fn read(request: &WebhookRequest) -> Result<Self, Forged> {
        let mut parameters = Self(BTreeMap::new());
        for (name, value) in pairs(request)? {
            let torn = name.iter().any(|byte| b"&=".contains(byte));
            let first = parameters.0.get(&name);
            if torn || first.is_some_and(|first| *first != value) {
                return Err(Forged::Malformed);
            }
            parameters.0.insert(name, value);
        }
        Ok(parameters)
    }

    /// A parameter that says something, as text.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.text(name).filter(|value| !value.is_empty())
    }

    /// A parameter, even an empty one.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0.get(name.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// What is signed: `&name=value` of each parameter but the signature itself. In the values `&` and `=` become `_`.
    pub(super) fn signed_text(&self) -> Vec<u8> {
        let plain = |byte: &u8| if b"&=".contains(byte) { b'_' } else { *byte };
        let mut text = Vec::new();
        for (name, value) in self.0.iter().filter(|(name, _)| *name != b"sig") {
            text.push(b'&');
            text.extend(name);
            text.push(b'=');
            text.extend(value.iter().map(plain));
        }
        text
    }
}

type Pair = (Vec<u8>, Vec<u8>);

fn pairs(request: &WebhookRequest) -> Result<Vec<Pair>, Forged> {
    let of_form = |raw: &[u8]| Form::decode(raw).bytes().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
    match request.method.as_str() {
        "GET" => Ok(of_form(request.query().as_bytes())),
        "POST" if form::is_form(request) => Ok(of_form(&request.body)),
        "POST" => of_json(&request.body),
        _ => Err(Forged::Malformed),
    }
}

/// Numbers and flags are signed as they are written.
fn of_json(body: &[u8]) -> Result<Vec<Pair>, Forged> {
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else { return Err(Forged::Malformed) };
    let text = |value: &Value| match value {
        Value::Null => Some(String::new()),
        Value::Bool(flag) => Some(flag.to_string()),
        value => scalar(value),
    };
    let pair = |(name, value): (&String, &Value)| Some((name.clone().into_bytes(), text(value)?.into_bytes()));
    fields.iter().map(pair).collect::<Option<_>>().ok_or(Forged::Malformed)
}
