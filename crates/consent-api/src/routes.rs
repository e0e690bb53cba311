//! Every route, in one list. The OpenAPI document is made from it, and so is the answer to a wrong method.

mod batch;
mod check;
mod events;
mod export;
mod health;
mod history;
mod log;
mod reviews;
mod scrub;
mod simulate;
mod webhooks;

use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::openapi::path::PathItem;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

pub use check::QuestionBody;
pub use events::{Recorded, item_key, record_one};
pub use export::{Export, disclosure, manifest_of};
pub use history::HistoryQuestion;
pub use reviews::{Resolve, ReviewsQuery};
pub(crate) use webhooks::reconsider;

use crate::error::{Kind, Problem};
use crate::limits;
use crate::server::Service;

/// The routes for callers.
pub fn public(config: &mut ServiceConfig) {
    // The first that matches is taken, and nothing is asked for as often as a check.
    config
        .service(check::check)
        .service(webhooks::receive_post)
        .service(webhooks::receive_get)
        .service(webhooks::greet)
        .service(events::record)
        .service(batch::batch)
        .service(scrub::scrub)
        .service(simulate::simulate)
        .service(history::history)
        .service(export::export)
        .service(reviews::list)
        .service(reviews::resolve)
        .service(log::checkpoint)
        .service(log::verifier)
        .service(health::healthz)
        .service(health::openapi);
}

/// The routes for operators, on their own listener.
pub fn ops(config: &mut web::ServiceConfig) {
    config.service(health::healthz).service(health::readyz).service(health::metrics);
}

/// The OpenAPI document of the routes for callers.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let (_, mut document) = actix_web::App::new().into_utoipa_app().configure(public).split_for_parts();
    let texts: utoipa::openapi::OpenApi = <Texts as utoipa::OpenApi>::openapi();
    document.info = texts.info;
    document.tags = texts.tags;
    document.servers = texts.servers;
    let secured = texts.components.unwrap_or_default();
    let components = document.components.get_or_insert_with(Default::default);
    components.security_schemes = secured.security_schemes;
    document
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Consent ledger",
        description = "Keeps every consent event for ever and answers, before each send: may we contact this person, on this \
            channel, for this purpose, now? Errors are problem details (RFC 9457). Times are RFC 3339 in UTC. Positions count \
            entries of the ledger.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact(name = "INFI USA, Inc.")
    ),
    servers((url = "/")),
    tags(
        (name = "decisions", description = "May we contact this person?"),
        (name = "events", description = "What happened."),
        (name = "audit", description = "What was recorded, and its proof."),
        (name = "reviews", description = "Messages that a person has to read."),
        (name = "gateways", description = "Webhooks of SMS gateways."),
        (name = "service", description = "The service itself.")
    ),
    modifiers(&KeyScheme)
)]
struct Texts;

/// The security scheme: a bearer key.
struct KeyScheme;

impl utoipa::Modify for KeyScheme {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
        let components = document.components.get_or_insert_with(Default::default);
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        let description = format!(
            "A key of `consentd apikeys create`. A revoked key is refused within a second. One key may have {} batches, \
             scrubs, exports and imports under way at a time on each node.",
            limits::LONG_WORK_A_KEY
        );
        scheme.description = Some(description);
        components.add_security_scheme("api_key", SecurityScheme::Http(scheme));
    }
}

/// What is answered where no route matches: 405 with the methods that do, or 404.
pub async fn fallback(request: HttpRequest, service: web::Data<Service>) -> Result<HttpResponse, Problem> {
    let path = request.path();
    let here = service
        .openapi
        .paths
        .paths
        .iter()
        .find(|(pattern, _)| actix_web::dev::ResourceDef::new(pattern.as_str()).is_match(path));
    match here {
        Some((_, item)) => Err(Problem::method_not_allowed(methods(item).join(", "))),
        None => Err(Problem::new(Kind::NotFound, "")),
    }
}

/// The methods a path takes.
fn methods(item: &PathItem) -> Vec<&'static str> {
    let offered = [
        ("GET", item.get.is_some()),
        ("POST", item.post.is_some()),
        ("PUT", item.put.is_some()),
        ("PATCH", item.patch.is_some()),
        ("DELETE", item.delete.is_some()),
        ("OPTIONS", item.options.is_some()),
    ];
    offered.into_iter().filter(|(_, offered)| *offered).map(|(name, _)| name).collect()
}
