//! The metrics of requests, each found once a thread: to find one by its labels takes longer than to count.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use actix_web::http::Method;
use metrics::{Counter, Histogram};

/// What is measured of one route and method.
struct Series {
    method: &'static str,
    route: Rc<str>,
    seconds: Histogram,
    /// Requests by status.
    totals: Vec<(u16, Counter)>,
}

thread_local! {
    /// There are as many as routes with their methods: neither is taken from what a caller wrote.
    static SERIES: RefCell<Vec<Series>> = const { RefCell::new(Vec::new()) };
}

/// The word for a method. Others than the usual ones share one: a stranger could send any number of them.
pub(super) fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The route of a path that is its own pattern, once a request to it has been counted.
pub(super) fn known(path: &str) -> Option<Rc<str>> {
    SERIES.with_borrow(|series| Some(Rc::clone(&series.iter().find(|series| &*series.route == path)?.route)))
}

/// Counts a request.
pub(super) fn count(method: &'static str, route: &str, status: u16, elapsed: Duration) {
    SERIES.with_borrow_mut(|all| {
        let at = all.iter().position(|series| series.method == method && &*series.route == route);
        let at = at.unwrap_or_else(|| {
            all.push(Series::new(method, route));
            all.len() - 1
        });
        if let Some(series) = all.get_mut(at) {
            series.seconds.record(elapsed.as_secs_f64());
            series.total(status).increment(1);
        }
    });
}

impl Series {
    fn new(method: &'static str, route: &str) -> Self {
        let seconds = metrics::histogram!("http_request_seconds", "method" => method, "route" => route.to_owned());
        Self { method, route: Rc::from(route), seconds, totals: Vec::new() }
    }

    fn total(&mut self, status: u16) -> Counter {
        if let Some((_, counter)) = self.totals.iter().find(|(of, _)| *of == status) {
            return counter.clone();
        }
        let (method, route) = (self.method, self.route.to_string());
        let counter = metrics::counter!(
            "http_requests_total", "method" => method, "route" => route, "status" => status.to_string()
        );
        self.totals.push((status, counter.clone()));
        counter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_known_once_it_was_counted_as_its_own_pattern() {
        assert_eq!(known("/v1/check"), None);
        count("POST", "/v1/check", 200, Duration::ZERO);
        count("GET", "/v1/webhooks/{account}", 200, Duration::ZERO);
        assert_eq!(known("/v1/check").as_deref(), Some("/v1/check"));
        assert_eq!(known("/v1/webhooks/main"), None);
    }

    #[test]
    fn methods_that_strangers_make_up_are_one() {
        for name in ["BREW", "PROPFIND", "TRACE"] {
            assert_eq!(word(&Method::from_bytes(name.as_bytes()).unwrap()), "other");
        }
        assert_eq!(word(&Method::DELETE), "DELETE");
    }

    #[test]
    fn what_is_kept_does_not_grow_with_requests() {
        for status in [200, 404, 200, 404] {
            count("POST", "/v1/check", status, Duration::ZERO);
        }
        let kept = SERIES.with_borrow(|all| (all.len(), all.iter().map(|series| series.totals.len()).sum::<usize>()));
        assert_eq!(kept, (1, 2));
    }
}
