//! Is the service well? And what does it offer?

use actix_web::{HttpResponse, get, web};
use serde_json::json;

use crate::error::Problem;
use crate::server::Service;

/// Is the process alive?
#[utoipa::path(tag = "service", responses((status = 200, description = "It is", body = inline(Object))))]
#[get("/healthz")]
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// Read this document
#[utoipa::path(tag = "service", responses((status = 200, description = "The OpenAPI document", body = String, content_type = "application/yaml")))]
#[get("/openapi.yaml")]
pub async fn openapi() -> HttpResponse {
    HttpResponse::Ok().content_type("application/yaml").body(crate::OPENAPI)
}

/// Do writes and strong checks work? If not, 503 with the reasons.
#[get("/readyz")]
pub async fn readyz(service: web::Data<Service>) -> HttpResponse {
    let reasons = service.unready().await;
    if reasons.is_empty() {
        HttpResponse::Ok().json(json!({"status": "ready"}))
    } else {
        HttpResponse::ServiceUnavailable().json(json!({"status": "not ready", "reasons": reasons}))
    }
}

/// Metrics in the text form of Prometheus.
#[get("/metrics")]
pub async fn metrics(service: web::Data<Service>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(service.metrics.render()))
}
