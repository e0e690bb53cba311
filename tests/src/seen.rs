//! Every answer that was seen, held against `openapi.yaml`.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::Value;

/// The answers seen: method, path, status.
#[derive(Debug, Default)]
pub struct Seen(Mutex<BTreeSet<(String, String, u16)>>);

/// The OpenAPI document of the routes.
pub fn document() -> Value {
    serde_json::to_value(consent_api::routes::openapi()).unwrap()
}

impl Seen {
    /// Notes an answer. `path` may have a query.
    pub fn note(&self, method: &str, path: &str, status: u16) {
        let path = path.split('?').next().unwrap_or_default();
        self.0.lock().unwrap().insert((method.to_owned(), path.to_owned(), status));
    }

    /// The answers that the document does not declare. Where no route is, it must be 404; where a route does not take
    /// the method, 405.
    pub fn undeclared(&self, document: &Value) -> Vec<String> {
        let paths = document["paths"].as_object().unwrap();
        let declared = |method: &str, path: &str, status: u16| {
            let route = paths.iter().find(|(template, _)| is_of(template, path));
            let Some((_, route)) = route else { return status == 404 };
            match route.get(method.to_lowercase()) {
                Some(operation) => operation["responses"].get(status.to_string()).is_some(),
                None => status == 405,
            }
        };
        let seen = self.0.lock().unwrap();
        let undeclared = seen.iter().filter(|(method, path, status)| !declared(method, path, *status));
        undeclared.map(|(method, path, status)| format!("{method} {path} {status}")).collect()
    }
}

/// Whether a path belongs to a template such as `/v1/webhooks/{account}`.
fn is_of(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let fits = |(pattern, part): (&&str, &&str)| pattern == part || (pattern.starts_with('{') && !part.is_empty());
    template.len() == path.len() && template.iter().zip(&path).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_not_declared_is_noticed() {
        let document = document();
        for (method, path, status, declared) in [
            ("POST", "/v1/check", 200, true),
            ("POST", "/v1/check", 402, false),
            ("POST", "/v1/webhooks/main?x=1", 204, true),
            ("POST", "/v1/webhooks/main", 409, false),
            ("DELETE", "/v1/check", 405, true),
            ("DELETE", "/v1/check", 200, false),
            ("GET", "/nowhere", 404, true),
            ("GET", "/nowhere", 200, false),
            ("POST", "/v1/webhooks/", 404, true),
        ] {
            let seen = Seen::default();
            seen.note(method, path, status);
            assert_eq!(seen.undeclared(&document).is_empty(), declared, "{method} {path} {status}");
        }
    }
}
