//! What is promised to other programs and other crates.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};
use consent_tests::stories;

/// What must not be found under the vocabulary and under the engine.
const HEAVY: &[&str] = &["tokio", "diesel", "diesel-async", "actix-web", "reqwest", "hyper", "consent-store"];

#[test]
fn the_committed_openapi_document_is_that_of_the_routes() {
    let document = consent_api::routes::openapi().to_yaml().unwrap();
    assert_eq!(
        consent_api::OPENAPI.trim_end(),
        document.trim_end(),
        "openapi.yaml is not that of the routes; run: cargo run -p consent-api --bin consentd -- openapi > openapi.yaml"
    );
}

stories! {
    async fn the_service_hands_out_the_document_it_was_built_with(app) {
        let answer = app.caller.without_key().get("/openapi.yaml").await.expect(200);
        assert_eq!(answer.header("content-type"), "application/yaml");
        assert_eq!(answer.text(), consent_api::OPENAPI);
    }
}

fn metadata() -> Metadata {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).other_options(["--locked".to_owned()]).exec().unwrap()
}

/// The names of all packages that a crate of ours is built with when no feature is asked for.
fn built_with(metadata: &Metadata, name: &str) -> BTreeSet<String> {
    let nodes = &metadata.resolve.as_ref().unwrap().nodes;
    let root = metadata.packages.iter().find(|package| package.name == name).unwrap();
    let optional = |id: &PackageId| {
        let declared = root.dependencies.iter().filter(|dependency| dependency.name == *metadata[id].name);
        declared.clone().count() > 0 && declared.into_iter().all(|dependency| dependency.optional)
    };
    let (mut found, mut left) = (BTreeSet::new(), vec![root.id.clone()]);
    while let Some(id) = left.pop() {
        let node = nodes.iter().find(|node| node.id == id).unwrap();
        let built = node.deps.iter().filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
        let built = built.map(|dep| &dep.pkg).filter(|dep| id != root.id || !optional(dep));
        left.extend(built.filter(|dep| found.insert(metadata[dep].name.to_string())).cloned());
    }
    found
}

#[test]
fn the_vocabulary_and_the_engine_know_no_network_no_database_and_no_runtime() {
    let metadata = metadata();
    for name in ["consent-core", "consent-query"] {
        let built_with = built_with(&metadata, name);
        assert!(built_with.contains("serde_json"), "{name}: nothing was found at all");
        let heavy: Vec<_> = HEAVY.iter().filter(|heavy| built_with.contains(**heavy)).collect();
        assert!(heavy.is_empty(), "{name} is built with {heavy:?}");
    }
}

#[test]
fn the_look_at_dependencies_would_find_them() {
    let built_with = built_with(&metadata(), "consent-api");
    assert!(HEAVY.iter().all(|heavy| built_with.contains(*heavy)), "{built_with:?}");
}
