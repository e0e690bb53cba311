//! `consentd openapi`: the document that `openapi.yaml` holds.

use anyhow::ensure;

use super::{Context, Outcome};
use crate::routes;

pub(super) fn run(context: &Context) -> anyhow::Result<Outcome> {
    let document = routes::openapi();
    // Many tools read nothing newer, so an update of ours must not raise it unseen.
    ensure!(
        matches!(document.openapi, utoipa::openapi::OpenApiVersion::Version31),
        "the document is not OpenAPI 3.1.0"
    );
    if context.output.is_json() {
        context.output.json(&document)?;
    } else {
        context.output.bytes(document.to_yaml()?.as_bytes())?;
    }
    Ok(Outcome::Yes)
}
