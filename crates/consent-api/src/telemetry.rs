//! Logs and metrics. Neither ever holds an address, a text or a secret.

use std::sync::Arc;

use consent_query::reason::Reason;
use metrics::Counter;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::limits;

/// Starts JSON logging on standard error. A second start in one process changes nothing.
pub fn start_logging(level: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::builder().parse(level)?;
    let log = tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter);
    let _ = log.with_writer(std::io::stderr).try_init();
    Ok(())
}

/// The metrics of this process, in the text form of Prometheus.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

/// Bounds of the histograms, in seconds.
const BUCKETS: &[f64] =
    &[0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

impl Metrics {
    /// The recorder of this process; the first call installs it.
    pub fn install() -> anyhow::Result<Self> {
        static INSTALLED: std::sync::OnceLock<Metrics> = std::sync::OnceLock::new();
        if let Some(metrics) = INSTALLED.get() {
            return Ok(metrics.clone());
        }
        let builder =
            PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), BUCKETS)?;
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        // Lost races leave the other recorder in place, whose handle is in `INSTALLED` or about to be.
        let _ = metrics::set_global_recorder(recorder);
        Ok(INSTALLED.get_or_init(|| Self(handle)).clone())
    }

    /// The metrics now.
    pub fn render(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }

    /// Tidies them again and again: what is measured would pile up where nobody reads it.
    pub async fn keep_tidy(self) {
        loop {
            tokio::time::sleep(limits::METRICS_UPKEEP).await;
            self.0.run_upkeep();
        }
    }
}

/// How many decisions were made, by reason. The counters are found once: to find one takes longer than to count.
#[derive(Clone)]
pub struct Decided(Arc<[Counter]>);

impl Decided {
    /// The counters of the recorder that is installed by now.
    pub fn new() -> Self {
        let counter = |reason: &Reason| metrics::counter!("decisions_total", "reason" => reason.as_str());
        Self(Reason::ALL.iter().map(counter).collect())
    }

    /// Counts many decisions.
    pub fn count_all(&self, reasons: impl Iterator<Item = Reason>) {
        let mut counts = [0; Reason::ALL.len()];
        for reason in reasons {
            if let Some(count) = counts.get_mut(reason as usize) {
                *count += 1;
            }
        }
        let counted = Reason::ALL.iter().zip(counts).filter(|(_, count)| *count > 0);
        counted.for_each(|(reason, count)| self.count(*reason, count));
    }

    /// Counts decisions with this reason.
    pub fn count(&self, reason: Reason, decisions: u64) {
        if let Some(counter) = self.0.get(reason as usize) {
            counter.increment(decisions);
        }
    }
}

impl Default for Decided {
    fn default() -> Self {
        Self::new()
    }
}
